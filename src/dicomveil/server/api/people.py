"""Users and their tokens: administrators manage them; everybody sees and revokes their own."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import Field, SecretStr
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from dicomveil.job_errors import NotAllowed
from dicomveil.jobs.model import Role, Scope, Standing, Token, User
from dicomveil.server.api.access import ACaller, AnOffice, office_of
from dicomveil.server.api.models import REFUSALS, Given, Short
from dicomveil.server.callers import Caller, address_of
from dicomveil.server.documentation import API

router = APIRouter(prefix=API, tags=["users"], responses=REFUSALS)
UserName = Annotated[str, Path(max_length=64)]
TokenNumber = Annotated[int, Path(ge=1, lt=2**53)]


class NewUser(Given):
    """A user to be added."""

    name: Short
    role: Role
    projects: list[Short] = Field([], max_length=1000)


class ChangedUser(Given):
    """A user as they are to be from now on."""

    role: Role
    standing: Standing = Standing.ACTIVE


class NewToken(Given):
    """A token to be made; `secret` where a client made it itself."""

    label: Short = ""
    scopes: list[Scope] | None = Field(None, description="what it is for; the role's usual ones")
    secret: SecretStr | None = Field(None, description="32 to 256 visible ASCII characters")


class Enrolled(Given):
    """A secret that a client made, registered while an administrator allows it."""

    user: Short
    secret: SecretStr


@router.get("/me", summary="Who you are, and what your token is for")
def me(caller: ACaller, office: AnOffice) -> dict[str, Any]:
    """Name, role, permissions and projects."""
    names = [one.name for one in office.registry.projects() if caller.is_in(one.name)]
    return {
        "name": caller.name,
        "role": caller.user.role,
        "scopes": sorted(caller.scopes),
        "projects": names,
    }


@router.get("/users", summary="All users")
def users(caller: ACaller, office: AnOffice) -> dict[str, Any]:
    """Names, roles and standings."""
    del caller
    return {"users": [_user(user) for user in office.registry.users()]}


@router.post("/users", summary="Add a user")
def add_user(new: NewUser, caller: ACaller, office: AnOffice) -> dict[str, Any]:
    """The user, who belongs to the projects."""
    user = office.registry.add_user(new.name, new.role, caller.name)
    for project in new.projects:
        office.registry.join(new.name, project, caller.name)
    return _user(user)


@router.put("/users/{name}", summary="Change a user's role or standing")
def change_user(
    name: UserName, changed: ChangedUser, caller: ACaller, office: AnOffice
) -> dict[str, Any]:
    """The user after the change."""
    standing = changed.standing
    return _user(office.registry.change_user(name, changed.role, standing, caller.name))


@router.get("/users/{name}/tokens", summary="The tokens of a user, without their secrets")
def tokens(name: UserName, caller: ACaller, office: AnOffice) -> dict[str, Any]:
    """Those that are no longer good too."""
    _check_own(caller, name)
    office.registry.user(name)
    return {"tokens": [_token(token) for token in office.tokens.of(name)]}


@router.post("/users/{name}/tokens", summary="Make a token, or register a client's")
def add_token(name: UserName, new: NewToken, caller: ACaller, office: AnOffice) -> dict[str, Any]:
    """The token; its secret, where the server made it, is shown this once."""
    scopes = None if new.scopes is None else frozenset(new.scopes)
    if new.secret is not None:
        secret = new.secret.get_secret_value()
        token = office.tokens.register(name, secret, new.label, caller.name, scopes=scopes)
        return _token(token)
    token, secret = office.tokens.issue(name, new.label, caller.name, scopes=scopes)
    return {**_token(token), "secret": secret}


@router.delete("/users/{name}/tokens/{number}", summary="Revoke a token")
def revoke(
    name: UserName, number: TokenNumber, caller: ACaller, office: AnOffice
) -> dict[str, Any]:
    """The token, which lets nobody in any more."""
    _check_own(caller, name)
    if all(token.id != number for token in office.tokens.of(name)):
        raise HTTPException(404, "This user has no such token")
    return _token(office.tokens.revoke(number, caller.name))


@router.post("/users/{name}/enrolment", summary="Let a user register a secret, once, soon")
def open_enrolment(name: UserName, caller: ACaller, office: AnOffice) -> dict[str, Any]:
    """Until when."""
    ends = office.tokens.open_enrolment(name, caller.name)
    return {"until": ends.isoformat(timespec="seconds")}


@router.post("/enrol", summary="Register your client's secret while you are let to")
async def enrol(request: Request, enrolled: Enrolled) -> dict[str, Any]:
    """The token; 401 while no administrator has opened an enrolment for this user."""
    office, secret = office_of(request), enrolled.secret.get_secret_value()
    try:
        return _token(await run_in_threadpool(office.tokens.enrol, enrolled.user, secret))
    except NotAllowed as error:
        await asyncio.sleep(office.callers.wrong(address_of(request)))
        raise HTTPException(401, "No enrolment is open for this user") from error


def _check_own(caller: Caller, name: str) -> None:
    if caller.name != name:
        caller.need(Scope.ADMINISTER)


def _user(user: User) -> dict[str, Any]:
    return {"id": user.id, "name": user.name, "role": user.role, "standing": user.standing}


def _token(token: Token) -> dict[str, Any]:
    revoked = token.revoked.isoformat(timespec="seconds") if token.revoked else None
    return {
        "id": token.id,
        "label": token.label,
        "scopes": sorted(token.scopes),
        "created": token.created.isoformat(timespec="seconds"),
        "expires": token.expires.isoformat(timespec="seconds"),
        "revoked": revoked,
    }
