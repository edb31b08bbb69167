"""The files that pages load: style, script and htmx, all from here."""

from pathlib import Path

from starlette.responses import FileResponse, RedirectResponse

from dicomveil.server.pages.routes import pages
from dicomveil.server.pages.visiting import PAGES

router = pages()
_WHERE = Path(__file__).parent / "static"
HTMX = "htmx-2.0.11.min.js"


@router.get(PAGES)
def begin() -> RedirectResponse:
    """The first page is the list of jobs."""
    return RedirectResponse(f"{PAGES}/jobs", 303)


@router.get(f"{PAGES}/page.css")
def style() -> FileResponse:
    """How pages look."""
    return FileResponse(_WHERE / "page.css", media_type="text/css; charset=utf-8")


@router.get(f"{PAGES}/page.js")
def script() -> FileResponse:
    """What keeps pages fresh."""
    return FileResponse(_WHERE / "page.js", media_type="text/javascript; charset=utf-8")


@router.get(f"{PAGES}/{HTMX}")
def htmx() -> FileResponse:
    """What loads a part of a page anew."""
    return FileResponse(_WHERE / HTMX, media_type="text/javascript; charset=utf-8")
