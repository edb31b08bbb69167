"""What each role may do; a token may do what it was made for, and never more than its user."""

from collections.abc import Mapping
from typing import Final

from dicomveil.job_errors import NotAllowed
from dicomveil.jobs.model import Job, Role, Scope, Token, User

GRANTS: Final[Mapping[Role, frozenset[Scope]]] = {
    Role.ADMINISTRATOR: frozenset(Scope),
    Role.DATA_MANAGER: frozenset(
        {
            Scope.READ,
            Scope.SUBMIT,
            Scope.OPERATE,
            Scope.SEE_SOURCES,
            Scope.FIND_STUDIES,
            Scope.IGNORE_OPT_OUT,
            Scope.REIDENTIFY,
        }
    ),
    Role.RESEARCHER: frozenset({Scope.READ, Scope.SUBMIT}),
    Role.AUDITOR: frozenset({Scope.READ, Scope.AUDIT, Scope.METRICS}),
}

ASKED_FOR: Final = frozenset({Scope.IGNORE_OPT_OUT, Scope.REIDENTIFY, Scope.ADMINISTER})
"""What a token has only when it was made for it by name."""

EVERYWHERE: Final = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
"""Roles that see every project without being a member of it."""


def usual(role: Role) -> frozenset[Scope]:
    """What a token of this role is for when nothing else is said."""
    return GRANTS[role] - ASKED_FOR


def effective(user: User, token: Token) -> frozenset[Scope]:
    """What this token may be used for."""
    return token.scopes & GRANTS[user.role]


def need(scopes: frozenset[Scope], scope: Scope) -> None:
    """Raise NotAllowed for a token that is not for this."""
    if scope not in scopes:
        raise NotAllowed(f"this token is not for {scope}")


def sees_source(user: User, scopes: frozenset[Scope], job: Job) -> bool:
    """Whether a job's source, description and reasons are shown to this user."""
    return job.owner_id == user.id or Scope.SEE_SOURCES in scopes


def may_change(user: User, scopes: frozenset[Scope], job: Job) -> bool:
    """Whether the user may cancel, reset or change the job, which they see."""
    own = job.owner_id == user.id and Scope.SUBMIT in scopes
    return own or Scope.OPERATE in scopes
