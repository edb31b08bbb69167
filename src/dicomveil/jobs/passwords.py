"""Passwords of people who come with a browser: kept as Argon2id hashes, locked after guesses.

A wrong name, a wrong password and a locked one take as long and are told alike. Five wrong ones in
a row lock a password for 15 minutes, on every server of the ledger.
"""

import secrets
from datetime import timedelta
from functools import cached_property
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import bindparam, case, delete, insert, null, select, update

from dicomveil.job_errors import NoSuch, NotAllowed, Unfit
from dicomveil.jobs import clock
from dicomveil.jobs.audit import Audit
from dicomveil.jobs.clock import Now, stored
from dicomveil.jobs.database import Database, Durability, Row, Transaction
from dicomveil.jobs.model import Role, Standing, User
from dicomveil.jobs.schema import PASSWORDS, SESSIONS, USERS
from dicomveil.jobs.vault import Vault

SHORTEST: Final = 12
LONGEST: Final = 128
MOST_GUESSES: Final = 5
LOCKED: Final = timedelta(minutes=15)
WRONG: Final = "the name or the password is not right, or too many were tried; wait 15 minutes"
_U, _P = USERS.c, PASSWORDS.c
_USER: Final = select(_U.id, _U.name, _U.role, _U.standing).where(_U.name == bindparam("named"))
_KEPT: Final = (
    select(_U.id, _U.name, _U.role, _U.standing, _P.hash, _P.locked)
    .join(PASSWORDS, _P.user_id == _U.id)
    .where(_U.name == bindparam("named"))
)
_FORGET: Final = delete(PASSWORDS).where(_P.user_id == bindparam("user"))
_ADD: Final = insert(PASSWORDS)
_GUESSED: Final = (
    update(PASSWORDS)
    .where(_P.user_id == bindparam("user"))
    .values(
        guesses=case((_P.guesses + 1 >= MOST_GUESSES, 0), else_=_P.guesses + 1),
        locked=case((_P.guesses + 1 >= MOST_GUESSES, bindparam("until")), else_=_P.locked),
    )
)
_RIGHT: Final = (
    update(PASSWORDS)
    .where(_P.user_id == bindparam("user"), _P.guesses > 0)
    .values(guesses=0, locked=null())
)
_END_SESSIONS: Final = delete(SESSIONS).where(SESSIONS.c.user_id == bindparam("user"))


class Passwords:
    """The passwords of one ledger's users."""

    def __init__(self, database: Database, vault: Vault, now: Now = clock.now) -> None:
        """Keep hashes in `database`."""
        self._database = database
        self._now = now
        self._audit = Audit(vault, now)
        self._hasher = PasswordHasher()  # RFC 9106's second choice: 64 MB, three passes

    def put(self, user: str, password: str, by: str) -> None:
        """Give the user this password, and end their sessions; Unfit for one too short or long."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise Unfit("password", f"{SHORTEST} to {LONGEST} characters are accepted")
        hashed = self._hasher.hash(password)
        with self._database.write(Durability.PROMISED) as tx:
            whose = tx.row(_USER, named=user)
            if whose is None:
                raise NoSuch("there is no user of that name")
            tx.run(_FORGET, user=whose[0])
            tx.run(
                _ADD,
                user_id=whose[0],
                hash=hashed,
                changed=self._time(),
                guesses=0,
                locked=None,
            )
            tx.run(_END_SESSIONS, user=whose[0])
            self._audit.add(tx, by, "password set", f"user {user}")

    def who(self, user: str, password: str) -> User:
        """Whose name and password these are; NotAllowed, which says no more, for anything else."""
        with self._database.read() as tx:
            row = tx.row(_KEPT, named=user)
        barred = row is None or (row[5] is not None and row[5] > self._time())
        right = self._verified(self._nobody if barred or row is None else row[4], password)
        if row is None or barred:
            raise NotAllowed(WRONG)
        if not right:
            self._count(row)
            raise NotAllowed(WRONG)
        found = User(row[0], row[1], Role(row[2]), Standing(row[3]))
        if found.standing is not Standing.ACTIVE:
            raise NotAllowed(WRONG)
        with self._database.write(Durability.REPEATABLE) as tx:
            tx.run(_RIGHT, user=found.id)
        return found

    def _count(self, row: Row) -> None:
        """Count a wrong password of somebody's, and lock it after too many."""
        until = stored(self._now() + LOCKED)
        with self._database.write(Durability.PROMISED) as tx:
            tx.run(_GUESSED, user=row[0], until=until)
            kept = tx.row(_KEPT, named=row[1])
            if kept is not None and kept[5] == until:
                self._locked(tx, row[1])

    def _locked(self, tx: Transaction, user: str) -> None:
        self._audit.add(tx, "server", "password locked", f"user {user}")

    def _verified(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password[:LONGEST])
        except VerifyMismatchError:
            return False

    @cached_property
    def _nobody(self) -> str:
        """A hash that no password has, so that a name nobody has takes as long as one."""
        return self._hasher.hash(secrets.token_urlsafe(32))

    def _time(self) -> int:
        return stored(self._now())
