"""Mappings: a file is uploaded as it is, checked row by row, and submitted whole or not at all."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from dicomveil.errors import BadRow, DicomveilError, MappingError
from dicomveil.jobs.model import JobRequest
from dicomveil.mapping.mapping_file import parse_mapping
from dicomveil.mapping.requests import JobRequest as MappedRequest
from dicomveil.mapping.requests import requests_of
from dicomveil.mapping.shares import Shares
from dicomveil.mapping.sources import make_source
from dicomveil.server.api.access import ACaller, AnOffice
from dicomveil.server.api.jobs import Key
from dicomveil.server.api.models import REFUSALS, Problem
from dicomveil.server.callers import Caller
from dicomveil.server.desk import Desk
from dicomveil.server.documentation import API
from dicomveil.server.refusals import RequestRefused, refused_by

router = APIRouter(prefix=f"{API}/mappings", tags=["mappings"], responses=REFUSALS)
MOST_ROWS = 10_000
MOST_LINES = 5 * MOST_ROWS  # a description, comments, cells of several lines
LONGEST_LINE = 64 * 1024
CSV = {
    "requestBody": {
        "required": True,
        "content": {"text/csv": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class Verdict(BaseModel):
    """What a mapping would become: so many jobs, and the rows that cannot be one."""

    rows: int
    problems: list[Problem]


class Submitted(BaseModel):
    """The jobs that a mapping became, by the order of its rows."""

    job_ids: list[int]


async def body_of(request: Request) -> bytes:
    """The uploaded file."""
    return await request.body()


Body = Annotated[bytes, Depends(body_of)]


@router.post("/check", summary="Check a mapping: nothing is created", openapi_extra=CSV)
async def check(body: Body, caller: ACaller, office: AnOffice) -> Verdict:
    """What the rows would become, judged by the projects as they are."""
    return await run_in_threadpool(verdict, office.desk, caller, body)


@router.post("", summary="Submit a mapping: every row becomes a job, or none", openapi_extra=CSV)
async def submit(body: Body, caller: ACaller, office: AnOffice, key: Key = "") -> Submitted:
    """The jobs; 400 names the rows that cannot be one. The same key again gives the same jobs."""
    jobs = await run_in_threadpool(submitted, office.desk, caller, body, key)
    return Submitted(job_ids=jobs)


def verdict(desk: Desk, caller: Caller, body: bytes) -> Verdict:
    """What the rows of a mapping would become, judged by the projects as they are."""
    requests, problems = _judged(desk, caller, body)
    found = [Problem(row=row, problem=problem) for row, problem in sorted(problems.items())]
    return Verdict(rows=len({*requests, *problems}), problems=found)


def submitted(desk: Desk, caller: Caller, body: bytes, key: str) -> list[int]:
    """The jobs of the rows; RequestRefused names those that cannot be one."""
    requests, problems = _judged(desk, caller, body)
    if problems:
        raise RequestRefused({f"row {row}": said for row, said in sorted(problems.items())})
    if not requests:
        raise RequestRefused({"mapping": "This mapping has no rows"})
    return [job.id for job in desk.create_all(caller, list(requests.values()), key)]


def _judged(
    desk: Desk, caller: Caller, body: bytes
) -> tuple[dict[int, JobRequest], dict[int, str]]:
    """The same as `_read`, each request judged by its project too."""
    requests, problems = _read(body)
    for row, request in requests.items():
        try:
            desk.check(caller, request)
        except DicomveilError as error:
            problems[row] = str(refused_by(error))
    return requests, problems


def _read(body: bytes) -> tuple[dict[int, JobRequest], dict[int, str]]:
    """The request of each row, and what is wrong with the others."""
    _check_bounds(body)
    try:
        asked = requests_of(parse_mapping(body, "mapping"), {}, Shares())
    except BadRow as error:
        return {}, {error.place.row: str(error)}
    except MappingError as error:
        raise RequestRefused({"mapping": str(error)}) from error
    if len(asked.requests) + len(asked.bad) > MOST_ROWS:
        raise RequestRefused({"mapping": f"More than {MOST_ROWS} rows are not accepted"})
    requests = {request.row: _request(request) for request in asked.requests}
    return requests, {bad.place.row: str(bad) for bad in asked.bad}


def _check_bounds(body: bytes) -> None:
    """Refuse what would take long to read, before anything of it is read."""
    lines = body.splitlines()
    if len(lines) > MOST_LINES:
        raise RequestRefused({"mapping": f"More than {MOST_ROWS} rows are not accepted"})
    if any(len(line) > LONGEST_LINE for line in lines):
        raise RequestRefused(
            {"mapping": f"Lines of more than {LONGEST_LINE} bytes are not accepted"}
        )


def _request(mapped: MappedRequest) -> JobRequest:
    return JobRequest(
        project=mapped.project,
        source=make_source(mapped.source_type, mapped.source),
        destination=str(mapped.destination),
        pseudo_id=mapped.pseudo_id,
        pseudo_name=mapped.pseudo_name,
        description=mapped.description,
        pims_key=mapped.pims_key,
    )
