"""Routes of pages: what is refused is told as a page, in the words that the interface uses."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from dicomveil.errors import DicomveilError
from dicomveil.server.pages.drawing import drawn
from dicomveil.server.refusals import refused_by

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """A route whose refusals are pages."""

    def get_route_handler(self) -> Handler:
        """The handler, with its refusals drawn."""
        answer = super().get_route_handler()

        async def drawing(request: Request) -> Response:
            try:
                return await answer(request)
            except DicomveilError as error:
                refused = refused_by(error)
                return refusal(list(refused.errors.values()), refused.status)
            except RequestValidationError:
                return refusal(["There is no such page, or its address is not whole"], 404)
            except HTTPException as error:
                return _told(error)

        return drawing


def pages() -> APIRouter:
    """A router for pages, which the interface's document does not list."""
    return APIRouter(include_in_schema=False, route_class=PageRoute)


def refusal(reasons: list[str], status: int) -> Response:
    """A page that says why something was refused."""
    return drawn("refused.html", None, {"reasons": reasons}, status)


def seen(path: str) -> RedirectResponse:
    """Go on to another page after a form; loading that again sends nothing again."""
    return RedirectResponse(path, 303)


def _told(error: HTTPException) -> Response:
    if error.status_code == 303:
        return RedirectResponse((error.headers or {})["Location"], 303)
    response = refusal([str(error.detail)], error.status_code)
    response.headers.update(error.headers or {})
    return response
