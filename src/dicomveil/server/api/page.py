"""The page: three files from here, which load nothing from elsewhere and know no more than a token.

It shows what the interface answers; the token stays in the browser's tab.
"""

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse

router = APIRouter(include_in_schema=False)
_WHERE = Path(__file__).parent.parent / "static"


@router.get("/page")
def page() -> FileResponse:
    """The page itself."""
    return FileResponse(_WHERE / "index.html", media_type="text/html; charset=utf-8")


@router.get("/page/page.js")
def script() -> FileResponse:
    """What draws it."""
    return FileResponse(_WHERE / "page.js", media_type="text/javascript; charset=utf-8")


@router.get("/page/page.css")
def style() -> FileResponse:
    """How it looks."""
    return FileResponse(_WHERE / "page.css", media_type="text/css; charset=utf-8")
