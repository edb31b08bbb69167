"""Tokens: random secrets that say who asks; stored as keyed digests, scoped, expiring, revocable.

anonapi's `get-token` makes its secret in the client. Such a one, of 32 characters or more, is
registered by an administrator, or by the user themself while an administrator holds an enrolment
open for them: once, for 15 minutes.
"""

import re
import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import bindparam, delete, insert, select, update

from dicomveil.job_errors import NoSuch, NotAllowed, Unfit
from dicomveil.jobs import clock
from dicomveil.jobs.audit import Audit
from dicomveil.jobs.clock import Now, stored
from dicomveil.jobs.database import Database, Durability, Row, Transaction
from dicomveil.jobs.model import Asker, Role, Scope, Standing, Token, User
from dicomveil.jobs.rights import GRANTS, effective, usual
from dicomveil.jobs.schema import ENROLMENTS, TOKENS, USERS
from dicomveil.jobs.vault import Vault

LIFE: Final = timedelta(days=365)
ENROLMENT: Final = timedelta(minutes=15)
_SECRET: Final = re.compile(r"[\x21-\x7e]{32,256}")
_T, _U, _E = TOKENS.c, USERS.c, ENROLMENTS.c
_TOKEN_COLUMNS: Final = (_T.id, _U.name, _T.label, _T.scopes, _T.created, _T.expires, _T.revoked)
_TOKENS: Final = select(*_TOKEN_COLUMNS).join(USERS, _U.id == _T.user_id).order_by(_T.id)
_TOKENS_OF: Final = _TOKENS.where(_U.name == bindparam("named"))
_TOKEN: Final = _TOKENS.where(_T.id == bindparam("number"))
_WHOSE: Final = (
    select(*_TOKEN_COLUMNS, _U.id, _U.role, _U.standing)
    .join(USERS, _U.id == _T.user_id)
    .where(_T.digest == bindparam("secret_digest"))
)
_ADD: Final = insert(TOKENS).returning(_T.id)
_REVOKE: Final = (
    update(TOKENS)
    .where(_T.id == bindparam("number"), _T.revoked.is_(None))
    .values(revoked=bindparam("now"))
)
_USER: Final = select(_U.id, _U.name, _U.role, _U.standing).where(_U.name == bindparam("named"))
_OPEN: Final = insert(ENROLMENTS)
_SHUT: Final = delete(ENROLMENTS).where(_E.user_id == bindparam("user"))
_ENROLMENT: Final = select(_E.ends).where(_E.user_id == bindparam("user"))


class Tokens:
    """The tokens of every user."""

    def __init__(self, database: Database, vault: Vault, now: Now = clock.now) -> None:
        """Keep digests in `database`."""
        self._database = database
        self._now = now
        self._audit = Audit(vault, now)

    def who(self, secret: str) -> tuple[User, Token]:
        """Whose secret it is; NotAllowed for one that is nobody's, expired or revoked."""
        with self._database.read() as tx:
            row = tx.row(_WHOSE, secret_digest=_digest(secret))
        if row is None:
            raise NotAllowed("the token is not known")
        *token_row, number, role, standing = row
        token = _token(token_row)
        user = User(number, token.user, Role(role), Standing(standing))
        if token.revoked is not None or token.expires <= self._now():
            raise NotAllowed("the token is no longer good")
        if user.standing is not Standing.ACTIVE:
            raise NotAllowed("the user is locked")
        return user, token

    def asker(self, secret: str) -> Asker:
        """Who asks with this secret; NotAllowed as `who` raises it."""
        user, token = self.who(secret)
        return Asker(user, effective(user, token))

    def issue(
        self, user: str, label: str, by: str, *, scopes: frozenset[Scope] | None = None
    ) -> tuple[Token, str]:
        """A new token and its secret, which nobody can show again."""
        secret = secrets.token_urlsafe(32)
        return self.register(user, secret, label, by, scopes=scopes), secret

    def register(
        self,
        user: str,
        secret: str,
        label: str,
        by: str,
        *,
        scopes: frozenset[Scope] | None = None,
    ) -> Token:
        """A token of a secret that the user's client made; Unfit for one that is too short."""
        _check_secret(secret)
        with self._database.write(Durability.PROMISED) as tx:
            whose = self._user(tx, user)
            return self._added(tx, whose, (secret, label, by), scopes)

    def open_enrolment(self, user: str, by: str) -> datetime:
        """Until when the user may register a secret of their own, once."""
        now = self._now()
        ends = now + ENROLMENT
        with self._database.write(Durability.PROMISED) as tx:
            whose = self._user(tx, user)
            tx.run(_SHUT, user=whose.id)
            tx.run(_OPEN, user_id=whose.id, opened=stored(now), ends=stored(ends), opened_by=by)
            self._audit.add(tx, by, "enrolment opened", f"user {user}")
        return ends

    def enrol(self, user: str, secret: str) -> Token:
        """The token of the secret that the user registers; NotAllowed while nothing is open."""
        _check_secret(secret)
        with self._database.write(Durability.PROMISED) as tx:
            try:
                whose = self._user(tx, user)
            except NoSuch:
                raise NotAllowed("no enrolment is open") from None
            ends = tx.value(_ENROLMENT, user=whose.id)
            if ends is None or ends < stored(self._now()):
                raise NotAllowed("no enrolment is open")
            tx.run(_SHUT, user=whose.id)
            return self._added(tx, whose, (secret, "enrolled", user), None)

    def revoke(self, number: int, by: str) -> Token:
        """The token, no longer good."""
        with self._database.write(Durability.PROMISED) as tx:
            if tx.run(_REVOKE, number=number, now=stored(self._now())):
                self._audit.add(tx, by, "token revoked", f"token {number}")
            return self._token(tx, number)

    def of(self, user: str) -> list[Token]:
        """The user's tokens, those that are no longer good too."""
        with self._database.read() as tx:
            return [_token(row) for row in tx.rows(_TOKENS_OF, named=user)]

    def _added(
        self,
        tx: Transaction,
        user: User,
        given: tuple[str, str, str],
        scopes: frozenset[Scope] | None,
    ) -> Token:
        secret, label, by = given
        scopes = usual(user.role) if scopes is None else scopes
        if not scopes <= GRANTS[user.role]:
            raise Unfit("scopes", "more than the user's role grants")
        now = self._now()
        try:
            number = tx.value(
                _ADD,
                user_id=user.id,
                digest=_digest(secret),
                label=label,
                scopes=" ".join(sorted(scopes)),
                created=stored(now),
                expires=stored(now + LIFE),
                revoked=None,
            )
        except self._database.taken as error:
            raise Unfit("token", "this secret is registered already") from error
        facts = {"user": user.name, "scopes": sorted(scopes)}
        self._audit.add(tx, by, "token added", f"token {number}", facts)
        return self._token(tx, number)

    def _token(self, tx: Transaction, number: int) -> Token:
        row = tx.row(_TOKEN, number=number)
        if row is None:
            raise NoSuch(f"there is no token {number}")
        return _token(row)

    def _user(self, tx: Transaction, name: str) -> User:
        row = tx.row(_USER, named=name)
        if row is None:
            raise NoSuch("there is no user of that name")
        return User(row[0], row[1], Role(row[2]), Standing(row[3]))


def _digest(secret: str) -> bytes:
    # No key: a secret is random and long, and it stays good when the vault's key is changed.
    return sha256(secret.encode()).digest()


def _check_secret(secret: str) -> None:
    if not _SECRET.fullmatch(secret):
        raise Unfit("token", "a secret has 32 to 256 visible ASCII characters")


def _token(row: Row) -> Token:
    number, user, label, scopes, created, expires, revoked = row
    return Token(
        number,
        user,
        label,
        frozenset(map(Scope, scopes.split())),
        clock.read(created),
        clock.read(expires),
        clock.read_or_none(revoked),
    )
