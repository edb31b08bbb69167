"""Sessions of browsers: who signed in, for a working day; the cookie's secret is kept as a digest.

A session that a token began is good for what the token is, and ends with it. One that a password
began is for all that the role grants but what the pages have no use for.
"""

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import bindparam, delete, insert, select

from dicomveil.job_errors import NotAllowed
from dicomveil.jobs import clock
from dicomveil.jobs.audit import Audit
from dicomveil.jobs.clock import Now, stored
from dicomveil.jobs.database import Database, Durability
from dicomveil.jobs.model import Asker, Role, Scope, Standing, Token, User
from dicomveil.jobs.rights import GRANTS, effective
from dicomveil.jobs.schema import SESSIONS, TOKENS, USERS
from dicomveil.jobs.vault import Vault

LIFE: Final = timedelta(hours=10)
NOT_FOR_PAGES: Final = frozenset({Scope.REIDENTIFY, Scope.IGNORE_OPT_OUT, Scope.METRICS})
_S, _T, _U = SESSIONS.c, TOKENS.c, USERS.c
_ADD: Final = insert(SESSIONS)
_WHOSE: Final = (
    select(_U.id, _U.name, _U.role, _U.standing, _S.scopes, _S.ends, _T.revoked, _T.expires)
    .join(USERS, _U.id == _S.user_id)
    .outerjoin(TOKENS, _T.id == _S.token_id)
    .where(_S.digest == bindparam("secret_digest"))
)
_END: Final = delete(SESSIONS).where(_S.digest == bindparam("secret_digest"))
_TIDY: Final = delete(SESSIONS).where(_S.ends < bindparam("now"))


class Sessions:
    """The sessions of one ledger."""

    def __init__(self, database: Database, vault: Vault, now: Now = clock.now) -> None:
        """Keep digests in `database`."""
        self._database = database
        self._now = now
        self._audit = Audit(vault, now)

    def begin(self, user: User, token: Token | None = None) -> str:
        """The secret of a new session of the user, who came with a password or this token."""
        scopes = GRANTS[user.role] if token is None else effective(user, token)
        secret, now = secrets.token_urlsafe(32), self._now()
        with self._database.write(Durability.PROMISED) as tx:
            tx.run(_TIDY, now=stored(now))
            tx.run(
                _ADD,
                digest=_digest(secret),
                user_id=user.id,
                token_id=token.id if token else None,
                scopes=" ".join(sorted(scopes - NOT_FOR_PAGES)),
                created=stored(now),
                ends=stored(now + LIFE),
            )
            facts = {"with": f"token {token.id}" if token else "password"}
            self._audit.add(tx, user.name, "signed in", f"user {user.name}", facts)
        return secret

    def who(self, secret: str) -> Asker:
        """Whose session it is; NotAllowed for one that is not known or has ended."""
        with self._database.read() as tx:
            row = tx.row(_WHOSE, secret_digest=_digest(secret))
        if row is None:
            raise NotAllowed("the session is not known")
        number, name, role, standing, scopes, ends, revoked, expires = row
        now = stored(self._now())
        if ends <= now or revoked is not None or (expires is not None and expires <= now):
            raise NotAllowed("the session has ended")
        if standing != Standing.ACTIVE:
            raise NotAllowed("the user is locked")
        user = User(number, name, Role(role), Standing(standing))
        return Asker(user, frozenset(map(Scope, scopes.split())) & GRANTS[user.role])

    def end(self, secret: str) -> None:
        """Let the session be good for nothing; nothing for one that is not there."""
        with self._database.write(Durability.PROMISED) as tx:
            tx.run(_END, secret_digest=_digest(secret))


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
