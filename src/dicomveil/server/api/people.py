"""Users and their tokens: administrators manage them; everybody sees and revokes their own."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field, SecretStr
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


class Me(BaseModel):
    """Who a token belongs to, and what it is for."""

    name: str
    role: Role
    scopes: list[Scope]
    projects: list[str]


class ShownUser(BaseModel):
    """A user."""

    id: int
    name: str
    role: Role
    standing: Standing


class ShownUsers(BaseModel):
    """All users."""

    users: list[ShownUser]


class ShownToken(BaseModel):
    """A token, without its secret."""

    id: int
    label: str
    scopes: list[Scope]
    created: str
    expires: str
    revoked: str | None


class MadeToken(ShownToken):
    """A token, with its secret where the server has just made it."""

    secret: str | None = None


class ShownTokens(BaseModel):
    """The tokens of a user."""

    tokens: list[ShownToken]


class Until(BaseModel):
    """When something ends."""

    until: str


@router.get("/me", summary="Who you are, and what your token is for")
def me(caller: ACaller, office: AnOffice) -> Me:
    """Name, role, permissions and projects."""
    names = [one.name for one in office.registry.projects() if caller.is_in(one.name)]
    role, scopes = caller.user.role, sorted(caller.scopes)
    return Me(name=caller.name, role=role, scopes=scopes, projects=names)


@router.get("/users", summary="All users")
def users(caller: ACaller, office: AnOffice) -> ShownUsers:
    """Names, roles and standings."""
    del caller
    return ShownUsers(users=[_user(user) for user in office.registry.users()])


@router.post("/users", summary="Add a user")
def add_user(new: NewUser, caller: ACaller, office: AnOffice) -> ShownUser:
    """The user, who belongs to the projects."""
    user = office.registry.add_user(new.name, new.role, caller.name)
    for project in new.projects:
        office.registry.join(new.name, project, caller.name)
    return _user(user)


@router.put("/users/{name}", summary="Change a user's role or standing")
def change_user(
    name: UserName, changed: ChangedUser, caller: ACaller, office: AnOffice
) -> ShownUser:
    """The user after the change."""
    standing = changed.standing
    return _user(office.registry.change_user(name, changed.role, standing, caller.name))


@router.get("/users/{name}/tokens", summary="The tokens of a user, without their secrets")
def tokens(name: UserName, caller: ACaller, office: AnOffice) -> ShownTokens:
    """Those that are no longer good too."""
    _check_own(caller, name)
    office.registry.user(name)
    return ShownTokens(tokens=[_token(token) for token in office.tokens.of(name)])


@router.post(
    "/users/{name}/tokens",
    summary="Make a token, or register a client's",
    response_model_exclude_unset=True,
)
def add_token(name: UserName, new: NewToken, caller: ACaller, office: AnOffice) -> MadeToken:
    """The token; its secret, where the server made it, is shown this once."""
    scopes = None if new.scopes is None else frozenset(new.scopes)
    if new.secret is not None:
        secret = new.secret.get_secret_value()
        token = office.tokens.register(name, secret, new.label, caller.name, scopes=scopes)
        return MadeToken(**_token(token).model_dump())
    token, secret = office.tokens.issue(name, new.label, caller.name, scopes=scopes)
    return MadeToken(**_token(token).model_dump(), secret=secret)


@router.delete("/users/{name}/tokens/{number}", summary="Revoke a token")
def revoke(name: UserName, number: TokenNumber, caller: ACaller, office: AnOffice) -> ShownToken:
    """The token, which lets nobody in any more."""
    _check_own(caller, name)
    if all(token.id != number for token in office.tokens.of(name)):
        raise HTTPException(404, "This user has no such token")
    return _token(office.tokens.revoke(number, caller.name))


@router.post("/users/{name}/enrolment", summary="Let a user register a secret, once, soon")
def open_enrolment(name: UserName, caller: ACaller, office: AnOffice) -> Until:
    """Until when."""
    ends = office.tokens.open_enrolment(name, caller.name)
    return Until(until=ends.isoformat(timespec="seconds"))


@router.post("/enrol", summary="Register your client's secret while you are let to")
async def enrol(request: Request, enrolled: Enrolled) -> ShownToken:
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


def _user(user: User) -> ShownUser:
    return ShownUser(id=user.id, name=user.name, role=user.role, standing=user.standing)


def _token(token: Token) -> ShownToken:
    return ShownToken(
        id=token.id,
        label=token.label,
        scopes=sorted(token.scopes),
        created=token.created.isoformat(timespec="seconds"),
        expires=token.expires.isoformat(timespec="seconds"),
        revoked=token.revoked.isoformat(timespec="seconds") if token.revoked else None,
    )
