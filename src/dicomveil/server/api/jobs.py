"""Jobs: ask for them, look at them, have them done otherwise or not at all."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query

from dicomveil.errors import DicomveilError
from dicomveil.jobs.model import Change, Filter
from dicomveil.jobs.states import Event, State
from dicomveil.server import asking
from dicomveil.server.api.access import ACaller, AnOffice
from dicomveil.server.api.asked import request_of
from dicomveil.server.api.models import (
    REFUSALS,
    Amended,
    Asked,
    Endings,
    Problem,
    Problems,
    Row,
    Rows,
    Stretch,
    Whole,
)
from dicomveil.server.api.shown import listed, whole
from dicomveil.server.callers import Caller
from dicomveil.server.changing import Changing
from dicomveil.server.desk import Desk
from dicomveil.server.documentation import API
from dicomveil.server.refusals import refused_by

router = APIRouter(prefix=f"{API}/jobs", tags=["jobs"], responses=REFUSALS)
Number = Annotated[int, Path(ge=1, lt=2**53)]
Key = Annotated[str, Header(alias="Idempotency-Key", max_length=128)]


@router.post("", summary="Ask for a job", response_model=Whole)
def create(asked: Asked, caller: ACaller, office: AnOffice, key: Key = "") -> dict[str, Any]:
    """The new job; with the same Idempotency-Key again, the job that was made before."""
    return whole(office.desk.create(caller, request_of(asked), key))


@router.post("/check", summary="Check rows without creating anything")
def check(rows: Rows, caller: ACaller, office: AnOffice) -> Problems:
    """What is wrong with each row that cannot become a job."""
    found = [_problem(office.desk, caller, row) for row in rows.rows]
    return Problems(problems=[one for one in found if one is not None])


@router.get("", summary="Jobs, newest first", response_model=Stretch)
def jobs(  # noqa: PLR0913 - one parameter for each part of the filter
    caller: ACaller,
    office: AnOffice,
    *,
    state: Annotated[list[State] | None, Query(max_length=20)] = None,
    project: Annotated[str, Query(max_length=64)] = "",
    batch: Annotated[int | None, Query(ge=1, lt=2**53)] = None,
    mine: bool = False,
    before: Annotated[int | None, Query(ge=1, lt=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """Those that meet all that is said, as far as you may see them."""
    wanted = Filter(
        owner=caller.user.id if mine else None,
        states=frozenset(state or ()),
        batch=batch,
        projects=office.desk.numbers_of(project) if project else None,
    )
    page = office.desk.page(caller, wanted, limit, before)
    return {"jobs": [listed(job) for job in page.jobs], "next": page.next}


@router.get("/{number}", summary="One job in full", response_model=Whole)
def job(number: Number, caller: ACaller, office: AnOffice) -> dict[str, Any]:
    """The job with its counts and times."""
    return whole(office.desk.job(caller, number))


@router.patch("/{number}", summary="Change priority or description", response_model=Whole)
def amend(number: Number, amended: Amended, caller: ACaller, office: AnOffice) -> dict[str, Any]:
    """The job after the change."""
    text = amended.description
    change = Change(
        priority=amended.priority,
        description=None if text is None else asking.plain(text, "description"),
    )
    return whole(office.desk.change(caller, number, Changing(change=change)))


@router.get("/{number}/items", summary="How the files of a job ended", response_model=Endings)
def items(number: Number, caller: ACaller, office: AnOffice) -> dict[str, Any]:
    """How many files ended how, and why."""
    found = office.desk.items(caller, number)
    names = ("status", "code", "count", "examples")
    return {"items": [{name: getattr(one, name) for name in names} for one in found]}


@router.post("/{number}/cancel", summary="Have a job not done", response_model=Whole)
def cancel(number: Number, caller: ACaller, office: AnOffice) -> dict[str, Any]:
    """The job, cancelled."""
    return whole(office.desk.cancel(caller, number))


@router.post("/{number}/retry", summary="Do a job again from the start", response_model=Whole)
def retry(number: Number, caller: ACaller, office: AnOffice) -> dict[str, Any]:
    """The job, waiting again."""
    return whole(office.desk.reset(caller, number))


@router.post("/{number}/pause", summary="Let a job wait until it is resumed", response_model=Whole)
def pause(number: Number, caller: ACaller, office: AnOffice) -> dict[str, Any]:
    """The job, paused."""
    return whole(office.desk.act(caller, number, Event.PAUSED))


@router.post("/{number}/resume", summary="Let a paused job go on", response_model=Whole)
def resume(number: Number, caller: ACaller, office: AnOffice) -> dict[str, Any]:
    """The job, waiting again."""
    return whole(office.desk.act(caller, number, Event.RESUMED))


@router.post("/{number}/approve", summary="Approve somebody else's job", response_model=Whole)
def approve(number: Number, caller: ACaller, office: AnOffice) -> dict[str, Any]:
    """The job, which may now be done."""
    return whole(office.desk.act(caller, number, Event.APPROVED))


def _problem(desk: Desk, caller: Caller, row: Row) -> Problem | None:
    try:
        desk.check(caller, request_of(row))
    except DicomveilError as error:
        return Problem(row=row.row, problem=str(refused_by(error)))
    return None
