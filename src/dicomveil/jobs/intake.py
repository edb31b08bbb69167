"""Requests are checked against their project as it is now, and entered as jobs.

What the anonapi protocol and /api/v1 ask for, both go through here. Raises Unfit with the field's
name, NotAllowed, NotNow, OverLimit and NoSuch.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from dicomveil.errors import DicomveilError, MappingError
from dicomveil.job_errors import NoSuch, NotAllowed, NotNow, OverLimit, Unfit
from dicomveil.jobs.batches import Batches
from dicomveil.jobs.giving import check_pseudonym
from dicomveil.jobs.ledger import Ledger, Submission
from dicomveil.jobs.locating import Locations
from dicomveil.jobs.model import (
    Approval,
    Asker,
    Change,
    Job,
    JobRequest,
    Project,
    Role,
    Scope,
    Standing,
    User,
)
from dicomveil.jobs.registry import Registry
from dicomveil.jobs.rights import EVERYWHERE, may_change, need
from dicomveil.jobs.states import WORKING, Event, State
from dicomveil.mapping.sources import SourceIdentifier
from dicomveil.mapping.unc import parse_unc

_LONGEST: Final = 1024  # characters of a description or a reason
_PRIORITIES: Final = range(-100, 101)
_BEFORE_ALL: Final = frozenset({"source", "destination", "project"})
_AT_ANY_TIME: Final = frozenset({"priority", "description"})


class Intake:
    """Takes requests in."""

    def __init__(
        self, ledger: Ledger, registry: Registry, locations: Locations, batches: Batches
    ) -> None:
        """Check by `registry`, `locations` and `batches`, enter into `ledger`."""
        self._ledger = ledger
        self._batches = batches
        self._registry = registry
        self._locations = locations

    def submit(self, asker: Asker, request: JobRequest, key: str = "") -> Job:
        """The new job; the one that the same idempotency key made before."""
        return self.submit_all(asker, [request], key)[0]

    def submit_all(self, asker: Asker, requests: Sequence[JobRequest], key: str = "") -> list[Job]:
        """All of them or none; the key of each is `key` and its row."""
        submissions = []
        for row, request in enumerate(requests):
            fit, project = self.checked(asker, request)
            state = State.QUEUED if project.recipe.approval is Approval.NONE else State.HELD
            own = f"{key}/{row}" if key and len(requests) > 1 else key
            submissions.append(
                Submission(
                    request=fit, owner=asker.user, project_id=project.id, state=state, key=own
                )
            )
        self._check_limits(asker.user, submissions)
        return self._ledger.submit_all(submissions)

    def checked(self, asker: Asker, request: JobRequest) -> tuple[JobRequest, Project]:
        """The request as it is entered, and its project."""
        need(asker.scopes, Scope.SUBMIT)
        if request.opt_out_reason:
            need(asker.scopes, Scope.IGNORE_OPT_OUT)
        if request.batch is not None:
            self._check_batch(asker.user, request.batch)
        return self._fit(asker.user, request)

    def _check_batch(self, user: User, number: int) -> None:
        """Raise Unfit for a batch that is not the user's own, or not there: in the same words."""
        try:
            own = self._batches.batch(number).owner == user.name
        except NoSuch:
            own = False
        if not own:
            raise Unfit("batch", "this is not the number of a batch of yours")

    def _fit(self, user: User, request: JobRequest) -> tuple[JobRequest, Project]:
        project = self._project(user, request.project)
        recipe = project.recipe
        try:
            self._locations.place(
                parse_unc(request.destination), recipe.destinations, "destination_path"
            )
        except MappingError as error:
            raise Unfit("destination_path", error.problem) from None
        try:
            self._locations.check(request.source, recipe)
        except MappingError as error:
            raise Unfit("source_path", error.problem) from None
        if request.pims_key and request.pims_key not in recipe.pims_keys:
            raise Unfit("pims_key", "the project may not use a pseudonym key of that name")
        return _named(_in_bounds(request)), project

    def problem(self, asker: Asker, request: JobRequest) -> str:
        """Why the request would not be accepted; "" when it would."""
        try:
            self.checked(asker, request)
        except DicomveilError as error:
            return str(error)
        return ""

    def may_see(self, user: User, job: Job) -> bool:
        """Whether the job is one of a project that the user belongs to."""
        if user.role in EVERYWHERE:
            return True
        return job.project_id in self._registry.projects_of(user)

    def job(self, asker: Asker, number: int) -> Job:
        """The job; NoSuch for one that the asker may not see, just as for one that is not there."""
        job = self._ledger.job(number)
        if Scope.READ not in asker.scopes or not self.may_see(asker.user, job):
            raise NoSuch(f"there is no job {number}")
        return job

    def act(self, asker: Asker, number: int, event: Event) -> Job:
        """The job after what the asker did to it; NotAllowed where that is not theirs to do."""
        job = self._changeable(asker, number)
        if event is Event.APPROVED:
            need(asker.scopes, Scope.OPERATE)
            if job.owner_id == asker.user.id:
                raise NotAllowed("a second person approves a job, not the one who asked for it")
        return self._ledger.act(number, event, asker.user.name)

    def modify(self, asker: Asker, number: int, change: Change) -> Job:
        """The job with the change, checked as a new one would be against its project now."""
        job = self._changeable(asker, number)
        _check_changeable(job, change)
        if change.opt_out_reason:
            need(asker.scopes, Scope.IGNORE_OPT_OUT)
        given = {name: getattr(change, name) for name in Change.__slots__}
        said = {name: value for name, value in given.items() if value is not None}
        fit, project = self._fit(asker.user, replace(_request_of(job), **said))
        return self._ledger.modify(job, fit, project.id, asker.user.name)

    def _changeable(self, asker: Asker, number: int) -> Job:
        job = self.job(asker, number)
        if not may_change(asker.user, asker.scopes, job):
            raise NotAllowed("this job is another user's, and the token is not for changing it")
        return job

    def _project(self, user: User, name: str) -> Project:
        refusal = f"given user_name `{user.name}` is not connected to given project_name {name}"
        try:
            project = self._registry.project(name)
        except NoSuch:
            raise NotAllowed(refusal) from None
        if user.role is not Role.ADMINISTRATOR and project.id not in self._registry.projects_of(
            user
        ):
            raise NotAllowed(refusal)
        if project.standing is not Standing.ACTIVE:
            raise NotAllowed("the project is locked")
        return project

    def _check_limits(self, user: User, submissions: Sequence[Submission]) -> None:
        for number in {submission.project_id for submission in submissions}:
            limits = self._registry.project_numbered(number).recipe.limits
            if limits.queued is None:  # then nothing is counted: it would read the user's jobs
                continue
            new = sum(submission.project_id == number for submission in submissions)
            if self._ledger.waiting_of(number, user.id) + new > limits.queued:
                text = f"the project lets one user have {limits.queued} jobs waiting"
                raise OverLimit(text)


def _in_bounds(request: JobRequest) -> JobRequest:
    for field, text in (
        ("description", request.description),
        ("source_ignore_opt_out_reason", request.opt_out_reason),
    ):
        if len(text) > _LONGEST or "\0" in text:
            raise Unfit(field, f"at most {_LONGEST} characters")
    if request.priority not in _PRIORITIES:
        raise Unfit("priority", "a number from -100 to 100; higher goes first")
    return request


def _named(request: JobRequest) -> JobRequest:
    """The request with both pseudonyms or none: one that is missing is as the other."""
    if not (request.pseudo_id or request.pseudo_name):
        return request
    pseudo_id = request.pseudo_id or request.pseudo_name
    pseudo_name = request.pseudo_name or request.pseudo_id
    check_pseudonym("anonymizedpatientid", pseudo_id)
    check_pseudonym("anonymizedpatientname", pseudo_name)
    return replace(request, pseudo_id=pseudo_id, pseudo_name=pseudo_name)


def _request_of(job: Job) -> JobRequest:
    """What would ask for the job as it is."""
    return JobRequest(
        project=job.project,
        source=SourceIdentifier(job.source_type, job.source),
        destination=job.destination,
        pseudo_id=job.pseudo_id,
        pseudo_name=job.pseudo_name,
        description=job.description,
        pims_key=job.pims_key,
        priority=job.priority,
        sop_classes=job.sop_classes,
        opt_out_reason=job.opt_out_reason,
        batch=job.batch,
    )


def _check_changeable(job: Job, change: Change) -> None:
    """Raise NotNow for what may no longer be different in a job of this state."""
    given = {name for name in Change.__slots__ if getattr(change, name) is not None}
    if given & _BEFORE_ALL and job.begun is not None:
        raise NotNow("source, destination and project stay once an attempt has begun")
    if given - _AT_ANY_TIME and job.state in WORKING:
        raise NotNow(f"a job that is {job.state} can be changed only after it was cancelled")
