"""One job: where it stands and how it got there, what became of its files, and what can be done."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Annotated, Any

from fastapi import Form, Path, Request, Response

from dicomveil.errors import DicomveilError
from dicomveil.jobs import clock
from dicomveil.jobs.model import Job
from dicomveil.server.pages.drawing import drawn
from dicomveil.server.pages.paces import Line, pace_of
from dicomveil.server.pages.porch import office_of, porch_of
from dicomveil.server.pages.routes import pages, seen
from dicomveil.server.pages.verbs import Verb, act, verbs_for
from dicomveil.server.pages.visiting import PAGES, ASender, AVisitor, Visitor

router = pages()
Number = Annotated[int, Path(ge=1, lt=2**53)]


@router.get(f"{PAGES}/jobs/{{number}}")
def job(request: Request, number: Number, visitor: AVisitor) -> Response:
    """The job in full, or the part of the page that changes."""
    part = request.headers.get("HX-Request") == "true"
    return drawn(
        "job_state.html" if part else "job.html", visitor, _content(request, visitor, number)
    )


@router.post(f"{PAGES}/jobs/{{number}}")
def change(
    request: Request,
    number: Number,
    sender: ASender,
    verb: Annotated[Verb, Form()],
    priority: Annotated[str, Form(max_length=4)] = "",
) -> Response:
    """Do something to the job, and show it."""
    act(office_of(request).desk, sender.caller, number, verb, priority)
    return seen(f"{PAGES}/jobs/{number}")


def _content(request: Request, visitor: Visitor, number: int) -> dict[str, Any]:
    office, caller = office_of(request), visitor.caller
    found = office.desk.job(caller, number)
    pulse = porch_of(request).pulses.of([number]).get(number)
    return {
        "line": Line(found, pace_of(found, pulse, clock.now())),
        "items": office.desk.items(caller, number),
        "timeline": timeline(found),
        "verbs": verbs_for(caller, found),
        "sees_sources": caller.sees_sources(found),
        "meanings": meanings(),
    }


def timeline(job: Job) -> list[tuple[str, datetime]]:
    """What is known to have happened to the job, in order."""
    ended = (str(job.state), job.ended)
    steps = [("asked for", job.created), ("begun", job.begun), ended]
    return [(what, when) for what, when in steps if when is not None]


@cache
def meanings() -> Mapping[str, str]:
    """What each error means, by its code, in the words of the tree of errors."""
    found: dict[str, str] = {}
    left = [DicomveilError]
    while left:
        error = left.pop()
        found.setdefault(error.code, (error.__doc__ or "").partition("\n")[0])
        left += error.__subclasses__()
    return found
