"""Jobs as they change, by server-sent events."""

import re
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse

from dicomveil.server.api.access import ACaller, AnOffice
from dicomveil.server.documentation import API
from dicomveil.server.refusals import RequestRefused
from dicomveil.server.streams import KIND

router = APIRouter(prefix=f"{API}/jobs", tags=["jobs"])
MOST = 10_000
_PART = re.compile(r"([0-9]{1,15})(?:-([0-9]{1,15}))?")


@router.get(
    "/events",
    summary="Jobs whenever their status or counts change",
    response_class=StreamingResponse,
    responses={200: {"content": {KIND: {}}}, 400: {}, 503: {}},
)
async def events(
    caller: ACaller, office: AnOffice, job_ids: Annotated[str, Query(max_length=20_000)]
) -> StreamingResponse:
    """The data of each event is a job as in the lists of anonapi's protocol."""
    numbers = numbers_in(job_ids)
    if not office.streams.has_room():
        raise HTTPException(503, "Too many listen already; ask for the jobs instead")
    stream = office.streams.follow(office.desk, caller, numbers)
    return StreamingResponse(stream, media_type=KIND)


def numbers_in(text: str) -> list[int]:
    """The numbers that people write as 1,2,5-9; at most 10,000."""
    found: dict[int, None] = {}
    for part in filter(None, map(str.strip, text.split(","))):
        match = _PART.fullmatch(part)
        first = int(match[1]) if match else 0
        last = int(match[2] or first) if match else -1
        if not match or last < first or last - first >= MOST:
            raise RequestRefused({"job_ids": "Numbers and ranges like 1,2,5-9 are accepted"})
        found.update(dict.fromkeys(range(first, last + 1)))
        if len(found) > MOST:
            raise RequestRefused({"job_ids": f"At most {MOST} jobs are accepted"})
    return list(found)
