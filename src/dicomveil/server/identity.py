"""Identity by tokens of the ledger; another way in (OpenID Connect) is another class like it."""

from dicomveil.job_errors import NotAllowed
from dicomveil.jobs.registry import Registry
from dicomveil.jobs.rights import EVERYWHERE, effective
from dicomveil.jobs.tokens import Tokens
from dicomveil.server.callers import Caller


class TokenIdentity:
    """Callers by the tokens that administrators issued or users enrolled."""

    def __init__(self, tokens: Tokens, registry: Registry) -> None:
        """Ask `tokens` whose a secret is, and `registry` where its user belongs."""
        self._tokens = tokens
        self._registry = registry

    def caller(self, token: str) -> Caller | None:
        """The caller; None for a token that is unknown, expired or revoked."""
        try:
            user, kept = self._tokens.who(token)
        except NotAllowed:
            return None
        projects: frozenset[str] | None = None
        if user.role not in EVERYWHERE:
            projects = self._registry.names_of(user)
        return Caller(user, effective(user, kept), projects)
