"""What callers may do with jobs: every call of the protocol and the interface comes through here.

A job that a caller may not see answers exactly as one that does not exist. What identifies is shown
to the job's owner and to those who may see sources; for others it is empty.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from dicomveil.job_errors import NoSuch, NotAllowed
from dicomveil.jobs.intake import Intake
from dicomveil.jobs.ledger import Ledger
from dicomveil.jobs.listing import Listing
from dicomveil.jobs.model import (
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
from dicomveil.server.callers import Caller
from dicomveil.server.changing import Changing, Move
from dicomveil.server.refusals import RequestRefused, absent

NEWEST = 50  # what anonapi's own client announces
_Seen = TypeVar("_Seen", bound=Glance)


class Projects(Protocol):
    """The projects there are."""

    def projects(self) -> Sequence[Project]:
        """All projects."""
        ...


class Workers(Protocol):
    """Who carries jobs out, and is told when to look."""

    def wake(self) -> None:
        """There may be jobs to do."""
        ...

    def look(self) -> None:
        """Jobs may have been cancelled."""
        ...


class Nobody:
    """Nobody carries jobs out here."""

    def wake(self) -> None:
        """Nothing happens."""

    def look(self) -> None:
        """Nothing happens."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Jobs, as far as each caller may see and change them."""

    ledger: Ledger
    listing: Listing
    intake: Intake
    projects: Projects
    workers: Workers = field(default_factory=Nobody)

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

    def numbers_of(self, project: str) -> frozenset[int]:
        """The number of the project of that name, where there is one."""
        return frozenset(one.id for one in self.projects.projects() if one.name == project)

    # -- changing --------------------------------------------------------------------------------

    def create(self, caller: Caller, request: JobRequest, key: str = "") -> Job:
        """The new job; the one that the same key made before. RequestRefused says what is wrong."""
        return self.create_all(caller, [request], key)[0]

    def create_all(
        self, caller: Caller, requests: Sequence[JobRequest], key: str = ""
    ) -> list[Job]:
        """All the jobs or, when one is refused, none; the same key again gives the same jobs."""
        for request in requests:
            self._check(caller, request)
        jobs = self.intake.submit_all(caller.asker, requests, key)
        self.workers.wake()
        return jobs

    def check(self, caller: Caller, request: JobRequest) -> None:
        """Raise what is wrong with a request; nothing is created."""
        self._check(caller, request)
        self.intake.checked(caller.asker, request)

    def change(self, caller: Caller, number: int, changing: Changing) -> Job:
        """The job after a change, checked as a new one would be against the project as it is."""
        job = self._changeable(caller, number)
        change = changing.change
        if change != Change():
            if change.opt_out_reason is not None:
                caller.need(Scope.IGNORE_OPT_OUT)
            if change.project is not None:
                self._check_project(caller, change.project)
            job = self.intake.modify(caller.asker, number, change)
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
            job = self._act(caller, number, Event.CANCELLED)
        return _shown(caller, job)

    def reset(self, caller: Caller, number: int) -> Job:
        """The job, to be done again from the start."""
        return _shown(caller, self._reset(caller, self._changeable(caller, number)))

    def act(self, caller: Caller, number: int, event: Event) -> Job:
        """The job after it was paused, resumed or approved."""
        job = self._changeable(caller, number)
        if event is Event.APPROVED and job.owner == caller.name:
            raise NotAllowed("a second person approves a job, not the one who asked for it")
        return _shown(caller, self._act(caller, number, event))

    # -- within ----------------------------------------------------------------------------------

    def _reset(self, caller: Caller, job: Job) -> Job:
        """What is queued already is not reset; what is under way is stopped first."""
        match job.state:
            case State.HELD | State.QUEUED:
                return job
            case State.PAUSED:
                return self._act(caller, job.id, Event.RESUMED)
            case State.FETCHING | State.CLEANING:
                self._act(caller, job.id, Event.CANCELLED)
                return self._act(caller, job.id, Event.RESET)
            case _:
                return self._act(caller, job.id, Event.RESET)

    def _act(self, caller: Caller, number: int, event: Event) -> Job:
        job = self.ledger.act(number, event, caller.name)
        if event is Event.CANCELLED:
            self.workers.look()
        else:
            self.workers.wake()
        return job

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

    def _check(self, caller: Caller, request: JobRequest) -> None:
        """Raise what keeps the caller from asking for this, whatever it is."""
        caller.need(Scope.SUBMIT)
        if request.opt_out_reason:
            caller.need(Scope.IGNORE_OPT_OUT)
        self._check_project(caller, request.project)

    def _check_project(self, caller: Caller, name: str) -> None:
        """Refuse a project that the caller is not in, as one that is not there."""
        if not caller.is_in(name) or all(one.name != name for one in self.projects.projects()):
            problem = (
                f"given user_name `{caller.name}` is not connected to given project_name {name}"
            )
            raise RequestRefused({"AnonymizeInputException": problem})

    def _narrowed(self, caller: Caller, wanted: Filter) -> Filter:
        """The filter, and that the caller must be in the job's project."""
        if caller.projects is None and caller.window.projects is None and wanted.projects is None:
            return wanted
        mine = {one.id for one in self.projects.projects() if caller.is_in(one.name)}
        if wanted.projects is not None:
            mine &= wanted.projects
        return replace(wanted, projects=frozenset(mine))


def _all_shown(caller: Caller, jobs: Sequence[_Seen]) -> list[_Seen]:
    """Those that the caller may see. Rights are asked once for a project, not for each job."""
    if not caller.may(Scope.READ):
        return []
    mine = {name for name in {job.project for job in jobs} if caller.is_in(name)}
    seen = [job for job in jobs if job.project in mine]
    if caller.may(Scope.SEE_SOURCES):
        return seen
    name = caller.name
    return [job if job.owner == name else _hidden(job) for job in seen]


def _shown(caller: Caller, job: _Seen) -> _Seen:
    """The job without what identifies, unless the caller may see it."""
    return job if caller.sees_sources(job) else _hidden(job)


def _hidden(job: _Seen) -> _Seen:
    """The job without what identifies."""
    if isinstance(job, Job):
        return replace(job, source="", description="", opt_out_reason="", details="")
    return replace(job, description="") if job.description else job
