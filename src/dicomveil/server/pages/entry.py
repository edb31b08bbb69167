"""Sign in with a name and a password or with a token, sign out, and change one's password."""

import asyncio
import re
from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import Form, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from dicomveil.job_errors import NotAllowed
from dicomveil.jobs.passwords import LONGEST, SHORTEST, WRONG
from dicomveil.server.callers import LONGEST_TOKEN, address_of
from dicomveil.server.pages.drawing import drawn
from dicomveil.server.pages.porch import office_of, porch_of
from dicomveil.server.pages.routes import pages, seen
from dicomveil.server.pages.visiting import (
    ENTRY,
    PAGES,
    ASender,
    AVisitor,
    check_origin,
    forget,
    remember,
    secret_of,
)

router = pages()
# The way back is a path of ours: letters, digits and the signs of its pages, no second slash.
_WAY = re.compile(r"(?:/[a-z0-9_@.-]+){0,4}")
_NO_TOKEN = "the token is not known, or no longer good"  # noqa: S105 - what is said, no secret


@router.get(ENTRY)
def entry(way: Annotated[str, Query(alias="next", max_length=200)] = "") -> Response:
    """The form to sign in."""
    return drawn("sign_in.html", None, {"wrong": "", "way": _way(way)})


@router.post(ENTRY)
async def sign_in(
    request: Request,
    user: Annotated[str, Form(max_length=64)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    token: Annotated[str, Form(max_length=LONGEST_TOKEN)] = "",
    way: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Go in, or be told that something is wrong: later each time."""
    check_origin(request)
    try:
        if token.strip():
            secret = await run_in_threadpool(_with_token, request, token.strip())
        else:
            turns, named = porch_of(request).turns, user.strip()
            secret = await run_sync(_with_password, request, named, password, limiter=turns)
    except NotAllowed as error:
        await asyncio.sleep(office_of(request).callers.wrong(address_of(request)))
        told = {"wrong": str(error), "way": _way(way)}
        return drawn("sign_in.html", None, told, 401)
    response = seen(f"{PAGES}{_way(way) or '/jobs'}")
    remember(request, response, secret)
    return response


@router.post(f"{PAGES}/sign-out")
def sign_out(request: Request, sender: ASender) -> Response:
    """The session ends."""
    del sender
    porch_of(request).sessions.end(secret_of(request))
    response = seen(ENTRY)
    forget(request, response)
    return response


@router.get(f"{PAGES}/me")
def me(visitor: AVisitor) -> Response:
    """Who you are, and the form to change your password."""
    return drawn("me.html", visitor, {"wrong": "", "shortest": SHORTEST, "longest": LONGEST})


@router.post(f"{PAGES}/me")
def change_password(
    request: Request,
    sender: ASender,
    password: Annotated[str, Form(max_length=1000)],
    new: Annotated[str, Form(max_length=1000)],
) -> Response:
    """Another password, for one who knows the old; every session of theirs ends."""
    passwords, name = porch_of(request).passwords, sender.caller.name
    try:
        passwords.who(name, password)
    except NotAllowed:
        content = {"wrong": WRONG, "shortest": SHORTEST, "longest": LONGEST}
        return drawn("me.html", sender, content, 403)
    passwords.put(name, new, name)
    return seen(ENTRY)


def _with_password(request: Request, user: str, password: str) -> str:
    porch = porch_of(request)
    return porch.sessions.begin(porch.passwords.who(user, password))


def _with_token(request: Request, token: str) -> str:
    try:
        return porch_of(request).sessions.begin(*office_of(request).tokens.who(token))
    except NotAllowed:
        raise NotAllowed(_NO_TOKEN) from None


def _way(way: str) -> str:
    return way if _WAY.fullmatch(way) else ""
