"""Who asks: the user behind a token, with what the token may be used for.

Identity is a seam: tokens of the ledger today. Wrong tokens are answered later each time.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from starlette.requests import Request

from dicomveil.job_errors import NotAllowed
from dicomveil.jobs.model import Asker, Glance, Scope, User
from dicomveil.server.throttle import Throttle

LONGEST_TOKEN = 256


@dataclass(frozen=True, slots=True)
class Window:
    """Which projects a prefix shows; None shows all."""

    projects: frozenset[str] | None = None

    def shows(self, project: str) -> bool:
        """Whether jobs of this project are seen here."""
        return self.projects is None or project in self.projects


EVERYTHING = Window()


@dataclass(frozen=True, slots=True)
class Caller:
    """A user who shows a token: what it may be used for, and for which projects."""

    user: User
    scopes: frozenset[Scope]
    projects: frozenset[str] | None  # by name; None for all
    window: Window = EVERYTHING

    @property
    def name(self) -> str:
        """The user's name."""
        return self.user.name

    @property
    def asker(self) -> Asker:
        """The caller as inner rooms know one."""
        return Asker(self.user, self.scopes)

    def within(self, window: Window) -> "Caller":
        """The same caller, seeing no more than a prefix shows."""
        return replace(self, window=window)

    def may(self, scope: Scope) -> bool:
        """Whether the token may be used for this."""
        return scope in self.scopes

    def need(self, scope: Scope) -> None:
        """Raise NotAllowed when the token may not be used for this."""
        if scope not in self.scopes:
            raise NotAllowed(f"this needs the permission '{scope}', which your token does not have")

    def is_in(self, project: str) -> bool:
        """Whether the caller belongs to the project, seen from here."""
        return self.window.shows(project) and (self.projects is None or project in self.projects)

    def sees(self, job: Glance) -> bool:
        """Whether the caller may know that the job exists."""
        return self.may(Scope.READ) and self.is_in(job.project)

    def sees_sources(self, job: Glance) -> bool:
        """Whether the caller may know where the job's data comes from."""
        return job.owner == self.name or self.may(Scope.SEE_SOURCES)


class Identity(Protocol):
    """Who a token belongs to."""

    def caller(self, token: str) -> Caller | None:
        """The caller, or None for a token that is unknown, expired or revoked."""
        ...


class Callers:
    """Finds callers, and makes guessing slow."""

    def __init__(self, identity: Identity, throttle: Throttle) -> None:
        """Ask `identity`; count wrong tokens with `throttle`."""
        self._identity = identity
        self._throttle = throttle

    def identify(self, token: str, address: str) -> tuple[Caller | None, float]:
        """The caller, and the seconds that a wrong token's answer waits."""
        caller = self._identity.caller(token) if token else None
        if caller is None:
            return None, self.wrong(address)
        self._throttle.right(address)
        return caller, 0.0

    def wrong(self, address: str) -> float:
        """Count a guess from the address; the seconds that its answer waits."""
        return self._throttle.wrong(address)


def token_of(request: Request, kinds: Collection[str] = ("token",)) -> str:
    """The token of a request's Authorization header; empty when there is none of these kinds."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip()[:LONGEST_TOKEN] if kind.lower() in kinds else ""


def address_of(request: Request) -> str:
    """Where a request comes from."""
    return request.client.host if request.client else ""


@dataclass(frozen=True, slots=True)
class MemoryIdentity:
    """Callers by their tokens, for tests."""

    known: Mapping[str, Caller] = field(repr=False)

    def caller(self, token: str) -> Caller | None:
        """The caller with this token."""
        return self.known.get(token)
