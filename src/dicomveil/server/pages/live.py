"""Events for pages that are open: which jobs have changed, so that the browser asks for them."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from fastapi import Query, Request
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse

from dicomveil.server.api.events import numbers_in
from dicomveil.server.callers import Caller
from dicomveil.server.office import Office
from dicomveil.server.pages.porch import office_of
from dicomveil.server.pages.routes import pages
from dicomveil.server.pages.visiting import PAGES, AVisitor
from dicomveil.server.streams import KIND

router = pages()


@router.get(f"{PAGES}/jobs/events")
async def events(
    request: Request, visitor: AVisitor, job_ids: Annotated[str, Query(max_length=2000)]
) -> StreamingResponse:
    """An event without content whenever one of the jobs has changed."""
    office, numbers = office_of(request), numbers_in(job_ids)
    if not office.streams.has_room():
        raise HTTPException(503, "Too many listen already; load the page again to see more")
    return StreamingResponse(_changes(office, visitor.caller, numbers), media_type=KIND)


async def _changes(office: Office, caller: Caller, numbers: Sequence[int]) -> AsyncIterator[bytes]:
    """The stream of the interface without what it says: the page asks for itself anew."""
    async for event in office.streams.follow(office.desk, caller, numbers):
        yield b"data: changed\n\n" if event.startswith(b"data") else event
