"""Who looks at a page: the visitor behind a session's cookie, held to one table of routes.

A route that is not in the table is shown to nobody. What a visitor sees of jobs, and whose they may
change, is judged at the desk, as it is for the interface.
"""

import hmac
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.responses import Response

from dicomveil.job_errors import NotAllowed
from dicomveil.jobs.model import Scope
from dicomveil.jobs.sessions import LIFE
from dicomveil.jobs.uploads import LARGEST
from dicomveil.server.api.access import is_near
from dicomveil.server.callers import Caller
from dicomveil.server.identity import caller_for
from dicomveil.server.pages.porch import office_of, porch_of

PAGES: Final = "/page"
ENTRY: Final = f"{PAGES}/sign-in"
SEAL: Final = "seal"
_SECURE, _PLAIN = "__Host-dicomveil", "dicomveil"

TABLE: Final[dict[tuple[str, str], Scope]] = {
    ("GET", PAGES): Scope.READ,
    ("POST", f"{PAGES}/sign-out"): Scope.READ,
    ("GET", f"{PAGES}/me"): Scope.READ,
    ("POST", f"{PAGES}/me"): Scope.READ,
    ("GET", f"{PAGES}/jobs"): Scope.READ,
    ("GET", f"{PAGES}/jobs/events"): Scope.READ,
    ("POST", f"{PAGES}/jobs/all"): Scope.SUBMIT,
    ("GET", f"{PAGES}/jobs/{{number}}"): Scope.READ,
    ("POST", f"{PAGES}/jobs/{{number}}"): Scope.SUBMIT,
    ("GET", f"{PAGES}/new"): Scope.SUBMIT,
    ("POST", f"{PAGES}/new"): Scope.SUBMIT,
    ("GET", f"{PAGES}/new/{{number}}"): Scope.SUBMIT,
    ("POST", f"{PAGES}/new/{{number}}"): Scope.SUBMIT,
    ("POST", f"{PAGES}/new/{{number}}/submit"): Scope.SUBMIT,
    ("POST", f"{PAGES}/new/{{number}}/forget"): Scope.SUBMIT,
    ("GET", f"{PAGES}/profiles"): Scope.READ,
    ("GET", f"{PAGES}/profiles/{{name}}"): Scope.READ,
    ("GET", f"{PAGES}/projects"): Scope.READ,
    ("GET", f"{PAGES}/users"): Scope.ADMINISTER,
    ("GET", f"{PAGES}/keys"): Scope.ADMINISTER,
    ("GET", f"{PAGES}/opt-outs"): Scope.ADMINISTER,
    ("GET", f"{PAGES}/health"): Scope.ADMINISTER,
    ("GET", f"{PAGES}/audit"): Scope.AUDIT,
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who signed in, and what their forms carry so that no other site can send one."""

    caller: Caller
    seal: str = field(repr=False)

    def may(self, scope: str) -> bool:
        """Whether the session is for this."""
        return self.caller.may(Scope(scope))


def visitor_of(request: Request) -> Visitor:
    """Who looks; 303 to the entry without a session, 403 for what it is not for."""
    secret = secret_of(request)
    try:
        asker = porch_of(request).sessions.who(secret)
    except NotAllowed as error:
        raise _sent_to_entry(request) from error
    caller = caller_for(asker, office_of(request).registry)
    request.state.user = caller.user.id
    scope = TABLE.get((request.method, request.scope["route"].path))
    if scope is None or not caller.may(scope):
        raise HTTPException(403, f"This needs the permission '{scope or 'none has'}'")
    return Visitor(caller, sealed(secret))


async def sender_of(request: Request) -> Visitor:
    """Who sends a form, from a page of this server; 403 for a form from elsewhere."""
    visitor = await run_in_threadpool(visitor_of, request)
    check_origin(request)
    given = (await form_of(request)).get(SEAL)
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), visitor.seal.encode()):
        raise HTTPException(403, "This form is not from a page of yours; go back and load it again")
    return visitor


async def form_of(request: Request) -> FormData:
    """The form of a request; its files stay in memory, for they identify and a disk keeps them."""
    kind = request.headers.get("Content-Type", "")
    if not kind.startswith("multipart/form-data"):
        return await request.form(max_fields=2000)
    parsed = getattr(request.state, "form", None)
    if parsed is None:
        parser = _InMemory(
            request.headers, request.stream(), max_files=1, max_fields=20, max_part_size=LARGEST
        )
        try:
            parsed = request.state.form = await parser.parse()
        except MultiPartException as error:
            raise HTTPException(400, "This form could not be read") from error
    assert isinstance(parsed, FormData)  # parse returns nothing else
    return parsed


class _InMemory(MultiPartParser):
    """Starlette's reader of forms, which writes nothing to a disk."""

    spool_max_size = 2 * LARGEST


def check_origin(request: Request) -> None:
    """Raise 403 for what a page of another site sends."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin", "")
    host = origin.partition("://")[2]
    if site not in ("same-origin", "none") or (origin and host != request.headers.get("Host", "")):
        raise HTTPException(403, "This form comes from another site")


def secret_of(request: Request) -> str:
    """The secret of the session's cookie; empty without one."""
    return request.cookies.get(_name(request), "")[:256]


def sealed(secret: str) -> str:
    """What the forms of a session carry."""
    return hmac.new(secret.encode(), b"form", sha256).hexdigest()


def remember(request: Request, response: Response, secret: str) -> None:
    """Give the browser the session's cookie, for encrypted lines alone wherever there is one."""
    response.set_cookie(
        _name(request),
        secret,
        max_age=int(LIFE.total_seconds()),
        path="/",
        secure=is_encrypted(request),
        httponly=True,
        samesite="strict",
    )


def forget(request: Request, response: Response) -> None:
    """Take the cookie back."""
    response.delete_cookie(
        _name(request), path="/", secure=is_encrypted(request), httponly=True, samesite="strict"
    )


def is_encrypted(request: Request) -> bool:
    """Whether the browser's line has TLS: always, unless it is on this very machine.

    A server that others reach has a certificate or a proxy that has one (server/serving.py).
    """
    return request.url.scheme == "https" or not is_near(request)


def _name(request: Request) -> str:
    return _SECURE if is_encrypted(request) else _PLAIN


def _sent_to_entry(request: Request) -> HTTPException:
    headers = {"Location": ENTRY}
    if request.headers.get("HX-Request"):
        return HTTPException(401, "Sign in again", {"HX-Redirect": ENTRY})
    if request.method == "GET":
        headers["Location"] = f"{ENTRY}?next={request.scope['path'].removeprefix(PAGES)}"
    return HTTPException(303, "Sign in", headers)


AVisitor = Annotated[Visitor, Depends(visitor_of)]
ASender = Annotated[Visitor, Depends(sender_of)]
