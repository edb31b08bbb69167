"""The application: what answers which path, behind which bounds.

The interface and the pages have paths of their own; whatever is left belongs to the protocol of
anonapi, which answers at `/` and below its prefixes.
"""

from dataclasses import dataclass, field

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dicomveil.errors import DicomveilError
from dicomveil.server.answers import failure
from dicomveil.server.api import routers
from dicomveil.server.bounds import Bounded, Limits
from dicomveil.server.documentation import API
from dicomveil.server.logs import Log
from dicomveil.server.metering import Meters
from dicomveil.server.office import Office
from dicomveil.server.pages import routers as page_routers
from dicomveil.server.pages.porch import Porch
from dicomveil.server.protocol import Protocol
from dicomveil.server.refusals import refused_by
from dicomveil.server.watching import Watched
from dicomveil.version import __version__


@dataclass(frozen=True, slots=True)
class Parts:
    """What the application is made of."""

    office: Office
    porch: Porch
    protocol: Protocol
    log: Log
    meters: Meters
    limits: Limits = field(default_factory=Limits)


def build(parts: Parts) -> ASGIApp:
    """The application, bounded and watched."""
    app = FastAPI(
        title="dicomveil",
        version=__version__,
        docs_url=None,  # they load their scripts from elsewhere
        redoc_url=None,
        openapi_url=f"{API}/openapi.json",
        redirect_slashes=False,  # clients drop a body that is redirected
    )
    app.state.office = parts.office
    app.state.porch = parts.porch
    for router in (*routers(), *page_routers()):
        app.include_router(router)
    app.router.default = _everything_else(parts.protocol)
    app.add_exception_handler(DicomveilError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _failed)
    app.add_exception_handler(Exception, _broken)
    return Watched(Bounded(app, parts.limits), parts.log, parts.meters)


def _everything_else(protocol: Protocol) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"].startswith("/api/"):
            response = failure({"path": f"There is no such path; see {API}/openapi.json"}, 404)
        else:
            response = await protocol.answer(Request(scope, receive))
        await response(scope, receive, send)

    return answer


async def _refused(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, DicomveilError)  # that is what it is registered for
    refused = refused_by(error)
    return failure(refused.errors, refused.status)


async def _invalid(request: Request, error: Exception) -> Response:
    """Where a body or parameter is wrong and how, without what was sent."""
    del request
    assert isinstance(error, RequestValidationError)
    problems = {".".join(map(str, one["loc"])): str(one["msg"]) for one in error.errors()[:50]}
    return failure(problems, 422)


async def _failed(request: Request, error: Exception) -> Response:
    del request
    assert isinstance(error, HTTPException)
    response = failure({"request": str(error.detail)}, error.status_code)
    response.headers.update(error.headers or {})
    return response


async def _broken(request: Request, error: Exception) -> Response:
    del request, error  # Watched writes down where it happened
    return failure(
        {"server": "Something went wrong here; the administrator finds it in the log"}, 500
    )
