"""The list of jobs: by filters that stand in the address, in pages, with verbs for several."""

from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Depends, Form, Query, Request, Response

from dicomveil.jobs import clock
from dicomveil.jobs.model import Filter
from dicomveil.jobs.states import State
from dicomveil.server.pages.drawing import drawn
from dicomveil.server.pages.paces import lines_of
from dicomveil.server.pages.porch import office_of, porch_of
from dicomveil.server.pages.routes import pages
from dicomveil.server.pages.verbs import Verb, done
from dicomveil.server.pages.visiting import PAGES, ASender, AVisitor, Visitor

router = pages()
LONG = 50
Number = Annotated[int, Query(ge=1, lt=2**53)]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of a list, as its address has them."""

    state: tuple[State, ...]
    project: str
    batch: int | None
    mine: bool
    before: int | None

    def address(self, before: int | None) -> str:
        """The address of the same list, from another job on."""
        pairs: list[tuple[str, object]] = [("state", state) for state in self.state]
        pairs += [("project", self.project)] if self.project else []
        pairs += [("batch", self.batch)] if self.batch else []
        pairs += [("mine", "1")] if self.mine else []
        pairs += [("before", before)] if before else []
        return f"{PAGES}/jobs?{urlencode(pairs)}" if pairs else f"{PAGES}/jobs"


def wanted_of(
    state: Annotated[list[State] | None, Query(max_length=20)] = None,
    project: Annotated[str, Query(max_length=64)] = "",
    batch: Annotated[str, Query(pattern="^[0-9]{0,15}$")] = "",
    mine: Annotated[str, Query(max_length=1)] = "",
    before: Number | None = None,
) -> Wanted:
    """The filters; an empty field of the form is none."""
    return Wanted(tuple(state or ()), project, int(batch or 0) or None, bool(mine), before)


AWanted = Annotated[Wanted, Depends(wanted_of)]


@router.get(f"{PAGES}/jobs")
def jobs(request: Request, visitor: AVisitor, wanted: AWanted) -> Response:
    """A stretch of the jobs that the visitor may see, newest first."""
    part = request.headers.get("HX-Request") == "true"
    template = "jobs_table.html" if part else "jobs.html"
    return drawn(template, visitor, _content(request, visitor, wanted))


@router.post(f"{PAGES}/jobs/all")
def act_on_all(
    request: Request,
    sender: ASender,
    verb: Annotated[Verb, Form()],
    number: Annotated[list[int] | None, Form(max_length=LONG)] = None,
    priority: Annotated[str, Form(max_length=4)] = "",
) -> Response:
    """Do the same to several jobs; what became of each."""
    desk, caller = office_of(request).desk, sender.caller
    told = [(one, done(desk, caller, one, verb, priority)) for one in number or ()]
    return drawn("several.html", sender, {"verb": verb, "told": told})


def _content(request: Request, visitor: Visitor, wanted: Wanted) -> dict[str, Any]:
    office, caller = office_of(request), visitor.caller
    sought = Filter(
        owner=caller.user.id if wanted.mine else None,
        states=frozenset(wanted.state),
        batch=wanted.batch,
        projects=office.desk.numbers_of(wanted.project) if wanted.project else None,
    )
    page = office.desk.page(caller, sought, LONG, wanted.before)
    numbers = [job.id for job in page.jobs]
    found = sorted(office.desk.jobs(caller, numbers), key=lambda job: -job.id)
    return {
        "lines": lines_of(found, porch_of(request).pulses.of(numbers), clock.now()),
        "numbers": ",".join(map(str, numbers)),
        "wanted": wanted,
        "here": wanted.address(wanted.before),
        "first": wanted.address(None) if wanted.before else "",
        "next": wanted.address(page.next) if page.next else "",
        "states": list(State),
        "projects": [one.name for one in office.registry.projects() if caller.is_in(one.name)],
    }
