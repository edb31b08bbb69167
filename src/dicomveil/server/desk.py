"""What callers may do with jobs: every call of the protocol and the interface comes through here.

A job that a caller may not see answers exactly as one that does not exist. What identifies is shown
to the job's owner and to those who may see sources; for others it is empty.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from dicomveil.errors import NoSuch, NotAllowed
from dicomveil.jobs.altering import Altering
from dicomveil.jobs.ledger import Ledger, Submission
from dicomveil.jobs.listing import Listing
from dicomveil.jobs.model import (
    Approval,
    Change,
    Filter,
    Glance,
    Item,
    Job,
    JobRequest,
    Page,
    Project,
    Scope,
)
from dicomveil.jobs.states import Event, State
from dicomveil.mapping.sources import SourceIdentifier
from dicomveil.server.bounding import check_request
from dicomveil.server.callers import Caller
from dicomveil.server.changing import Changing, Move
from dicomveil.server.refusals import RequestRefused, absent

NEWEST = 50  # what anonapi's own client announces
_Seen = TypeVar("_Seen", bound=Glance)


class Projects(Protocol):
    """The projects there are."""

    def project(self, name: str) -> Project:
        """The project of that name as it is now; NoSuch when there is none."""
        ...

    def projects(self) -> Sequence[Project]:
        """All projects."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """Jobs, as far as each caller may see and change them."""

    ledger: Ledger
    listing: Listing
    altering: Altering
    projects: Projects

    # -- looking ---------------------------------------------------------------------------------

    def recent(self, caller: Caller) -> list[Glance]:
        """The newest jobs that the caller may see."""
        return list(self.page(caller, Filter(), NEWEST).jobs)

    def page(self, caller: Caller, wanted: Filter, count: int, before: int | None = None) -> Page:
        """A stretch of the jobs that the caller may see, newest first."""
        caller.need(Scope.READ)
        if wanted.source:
            caller.need(Scope.SEE_SOURCES)
        page = self.listing.page(self._narrowed(caller, wanted), count, before)
        return Page(tuple(_shown(caller, job) for job in page.jobs), page.next)

    def job(self, caller: Caller, number: int) -> Job:
        """The job in full; refused as absent when the caller may not see it."""
        return _shown(caller, self._visible(caller, number))

    def jobs(self, caller: Caller, numbers: Sequence[int]) -> list[Job]:
        """Those of the jobs that are there and may be seen, in full."""
        return _all_shown(caller, self.ledger.jobs(numbers))

    def glances(self, caller: Caller, numbers: Sequence[int]) -> list[Glance]:
        """The same, as lists show them."""
        return _all_shown(caller, self.ledger.glances(numbers))

    def items(self, caller: Caller, number: int) -> list[Item]:
        """How many of the job's files ended how, and why."""
        self._visible(caller, number)
        return self.ledger.items(number)

    # -- changing --------------------------------------------------------------------------------

    def create(self, caller: Caller, request: JobRequest, key: str = "") -> Job:
        """The new job; the one that the same key made before. RequestRefused says what is wrong."""
        return self.create_all(caller, [request], key)[0]

    def create_all(
        self, caller: Caller, requests: Sequence[JobRequest], key: str = ""
    ) -> list[Job]:
        """All the jobs or, when one is refused, none; the same key again gives the same jobs."""
        submissions = [
            self._submission(caller, request, f"{key}/{number}" if key and number else key)
            for number, request in enumerate(requests)
        ]
        return self.ledger.submit_all(submissions)

    def checked(self, caller: Caller, request: JobRequest) -> Project:
        """The project of a request that could be accepted; nothing is created."""
        caller.need(Scope.SUBMIT)
        if request.opt_out_reason:
            caller.need(Scope.IGNORE_OPT_OUT)
        project = self._project(caller, request.project)
        check_request(request, project)
        return project

    def change(self, caller: Caller, number: int, changing: Changing) -> Job:
        """The job after a change, checked as a new one would be against the project as it is."""
        job = self._changeable(caller, number)
        change = changing.change
        if change != Change():
            if change.opt_out_reason is not None:
                caller.need(Scope.IGNORE_OPT_OUT)
            project = self._project(caller, change.project or job.project)
            check_request(_merged(job, change), project)
            number_of_project = project.id if change.project else None
            job = self.altering.change(number, change, number_of_project, caller.name)
        match changing.move:
            case Move.RESET:
                job = self._reset(caller, job)
            case Move.CANCEL:
                job = self.cancel(caller, number)
            case Move.NONE:
                pass
        return _shown(caller, job)

    def cancel(self, caller: Caller, number: int) -> Job:
        """The job, cancelled; one that is already stays so."""
        job = self._changeable(caller, number)
        if job.state is not State.CANCELLED:
            job = self.ledger.act(number, Event.CANCELLED, caller.name)
        return _shown(caller, job)

    def reset(self, caller: Caller, number: int) -> Job:
        """The job, to be done again from the start."""
        return _shown(caller, self._reset(caller, self._changeable(caller, number)))

    def act(self, caller: Caller, number: int, event: Event) -> Job:
        """The job after it was paused, resumed or approved."""
        job = self._changeable(caller, number)
        if event is Event.APPROVED and job.owner == caller.name:
            raise NotAllowed("a second person approves a job, not the one who asked for it")
        return _shown(caller, self.ledger.act(number, event, caller.name))

    # -- within ----------------------------------------------------------------------------------

    def _reset(self, caller: Caller, job: Job) -> Job:
        """What is queued already is not reset; what is under way is stopped first."""
        match job.state:
            case State.HELD | State.QUEUED:
                return job
            case State.PAUSED:
                return self.ledger.act(job.id, Event.RESUMED, caller.name)
            case State.FETCHING | State.CLEANING:
                self.ledger.act(job.id, Event.CANCELLED, caller.name)
                return self.ledger.act(job.id, Event.RESET, caller.name)
            case _:
                return self.ledger.act(job.id, Event.RESET, caller.name)

    def _submission(self, caller: Caller, request: JobRequest, key: str) -> Submission:
        project = self.checked(caller, request)
        held = project.recipe.approval is Approval.SECOND_PERSON
        return Submission(
            request=request,
            owner=caller.user,
            project_id=project.id,
            state=State.HELD if held else State.QUEUED,
            key=key,
        )

    def _visible(self, caller: Caller, number: int) -> Job:
        try:
            job = self.ledger.job(number)
        except NoSuch:
            raise absent(number) from None
        if not caller.sees(job):
            raise absent(number)
        return job

    def _changeable(self, caller: Caller, number: int) -> Job:
        job = self._visible(caller, number)
        caller.need(Scope.SUBMIT if job.owner == caller.name else Scope.OPERATE)
        return job

    def _project(self, caller: Caller, name: str) -> Project:
        """A project that the caller belongs to; others are told of as if they were not there."""
        try:
            if caller.is_in(name):
                return self.projects.project(name)
        except NoSuch:
            pass
        problem = f"given user_name `{caller.name}` is not connected to given project_name {name}"
        raise RequestRefused({"AnonymizeInputException": problem})

    def _narrowed(self, caller: Caller, wanted: Filter) -> Filter:
        """The filter, and that the caller must be in the job's project."""
        if caller.projects is None and caller.window.projects is None and not wanted.project:
            return wanted
        mine = {
            one.id
            for one in self.projects.projects()
            if caller.is_in(one.name) and wanted.project in ("", one.name)
        }
        return replace(wanted, projects=frozenset(mine))


def _all_shown(caller: Caller, jobs: Iterable[_Seen]) -> list[_Seen]:
    return [_shown(caller, job) for job in jobs if caller.sees(job)]


def _shown(caller: Caller, job: _Seen) -> _Seen:
    """The job without what identifies, unless the caller may see it."""
    if caller.sees_sources(job):
        return job
    if isinstance(job, Job):
        return replace(job, source="", description="", opt_out_reason="")
    return replace(job, description="")


def _merged(job: Job, change: Change) -> JobRequest:
    """What the job would ask for after the change."""
    source = change.source or SourceIdentifier(job.source_type, job.source)
    return JobRequest(
        project=change.project or job.project,
        source=source,
        destination=change.destination or job.destination,
        pims_key=job.pims_key if change.pims_key is None else change.pims_key,
    )
