"""A new job: give a mapping, a list or identifiers, see how they are understood, mend, submit.

What is given is kept sealed for its owner until it is submitted or forgotten (jobs/uploads.py).
"""

from typing import Annotated, Any

from fastapi import Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from dicomveil.errors import BadIdentifier, DicomveilError
from dicomveil.jobs.model import Standing
from dicomveil.server.api.mappings import submitted, verdict
from dicomveil.server.pages.drawing import drawn
from dicomveil.server.pages.given import KINDS, Given, given_of, mapping_of
from dicomveil.server.pages.porch import office_of
from dicomveil.server.pages.routes import pages, seen
from dicomveil.server.pages.understood import MOST_SHOWN, understood
from dicomveil.server.pages.visiting import PAGES, ASender, AVisitor, Visitor, form_of
from dicomveil.server.refusals import refused_by

router = pages()
HERE = f"{PAGES}/new"
Number = Annotated[int, Path(ge=1, lt=2**53)]


@router.get(HERE)
def new(request: Request, visitor: AVisitor) -> Response:
    """The ways to give what is to be done, and what was given and is not submitted."""
    return drawn("new.html", visitor, _forms(request, visitor, []))


@router.post(HERE)
async def give(request: Request, sender: ASender) -> Response:
    """Keep what was given, and show how it is understood."""
    given = await given_of(await form_of(request))
    return await run_in_threadpool(_kept, request, sender, given)


@router.get(f"{HERE}/{{number}}")
def look(
    request: Request,
    number: Number,
    visitor: AVisitor,
    show: Annotated[str, Query(max_length=1)] = "",
) -> Response:
    """How the mapping is understood; its identifiers only when asked for."""
    office = office_of(request)
    kept, contents = office.uploads.one(number, visitor.caller.user)
    told = understood(office.desk, visitor.caller, contents, shown=bool(show))
    content = {"kept": kept, "told": told, "show": bool(show), "most": MOST_SHOWN}
    return drawn("look.html", visitor, content)


@router.post(f"{HERE}/{{number}}")
async def mend(request: Request, number: Number, sender: ASender) -> Response:
    """Another text in place of the one that was given."""
    given = await given_of(await form_of(request))
    office, user = office_of(request), sender.caller.user
    await run_in_threadpool(office.uploads.one, number, user)
    response = await run_in_threadpool(_kept, request, sender, given)
    if response.status_code == 303:
        await run_in_threadpool(office.uploads.remove, number, user)
    return response


@router.post(f"{HERE}/{{number}}/submit")
def submit(request: Request, number: Number, sender: ASender) -> Response:
    """Every row becomes a job; the same jobs when it is sent twice."""
    office, caller = office_of(request), sender.caller
    _, contents = office.uploads.one(number, caller.user)
    jobs = submitted(office.desk, caller, contents, f"mapping-{number}")
    return seen(f"{PAGES}/jobs/{jobs[0]}" if len(jobs) == 1 else f"{PAGES}/jobs?mine=1")


@router.post(f"{HERE}/{{number}}/forget")
def forget(request: Request, number: Number, sender: ASender) -> Response:
    """The mapping is no longer kept; its jobs stay."""
    office, user = office_of(request), sender.caller.user
    office.uploads.one(number, user)
    office.uploads.remove(number, user)
    return seen(HERE)


def _kept(request: Request, visitor: Visitor, given: Given) -> Response:
    office, caller = office_of(request), visitor.caller
    try:
        contents = mapping_of(given)
        verdict(office.desk, caller, contents)  # what is no mapping is refused, and not kept
        kept = office.uploads.add(given.name, contents, caller.user)
    except BadIdentifier as error:
        return drawn("new.html", visitor, _forms(request, visitor, [error.problem]), 400)
    except DicomveilError as error:
        reasons = list(refused_by(error).errors.values())
        return drawn("new.html", visitor, _forms(request, visitor, reasons), 400)
    return seen(f"{HERE}/{kept.id}")


def _forms(request: Request, visitor: Visitor, wrong: list[str]) -> dict[str, Any]:
    office, caller = office_of(request), visitor.caller
    mine = [
        one
        for one in office.registry.projects()
        if caller.is_in(one.name) and one.standing is Standing.ACTIVE
    ]
    return {
        "wrong": wrong,
        "kinds": KINDS,
        "projects": [one.name for one in mine],
        "destinations": sorted({path for one in mine for path in one.recipe.destinations}),
        "pims": sorted({name for one in mine for name in one.recipe.pims_keys}),
        "kept": office.uploads.of(caller.user),
    }
