"""One attempt at a job: make its plan or take up the frozen one, clean, deliver, and say so.

Each step is done by a worker process and entered in the ledger under the attempt's fencing number;
an attempt that has lost its job stops at its next word. Nothing is delivered before everything
was checked.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from dicomveil.errors import DicomveilError, KeyRefused, MappingError
from dicomveil.job_errors import JobRefused, OverLimit, Superseded, Unfit
from dicomveil.jobs import judging, onward, steps
from dicomveil.jobs.clock import Now
from dicomveil.jobs.fetching import Wanted
from dicomveil.jobs.frozen import FrozenPlan, read_plan
from dicomveil.jobs.hand import Hand, Lost, Mishap, Tell
from dicomveil.jobs.keyfile import Key
from dicomveil.jobs.keyfile import State as KeyState
from dicomveil.jobs.keyring import Keyring
from dicomveil.jobs.ledger import Ledger, Word
from dicomveil.jobs.locating import Located, Locations, check_selection
from dicomveil.jobs.model import Claim, Project, Standing
from dicomveil.jobs.onward import Onward, Sent
from dicomveil.jobs.outcome import Tally
from dicomveil.jobs.plan import Alignment, Checksum, Crosswalk, Existing, Order, Purpose
from dicomveil.jobs.planning import Planner
from dicomveil.jobs.registry import Registry
from dicomveil.jobs.seams import Workshop
from dicomveil.jobs.spools import NotYet, Spools
from dicomveil.jobs.states import Event, State
from dicomveil.jobs.steps import Where
from dicomveil.places.scan import Links

MakeWorkshop = Callable[[FrozenPlan, bytes], Workshop]
"""Builds what cleans by a plan under a key."""

_LARGE_FILES: Final = 500
_LARGE_SIZE: Final = 64 << 20
_COUNTED: Final = ("objects", "bytes")
_LATER: Final = timedelta(minutes=1)  # until a job whose project is stopped looks again
_FIRST_PAUSE: Final = timedelta(seconds=10)
_LONGEST_PAUSE: Final = timedelta(hours=1)


class Postponed(Exception):
    """The job's turn has not come: the project is stopped; its message says why."""


class Passing(Exception):
    """Trouble that may pass: the job is tried again."""

    def __init__(self, code: str, text: str) -> None:
        """Say what happened, without any identifier."""
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Bench:
    """What attempts work with; the same for all of a server."""

    ledger: Ledger
    registry: Registry
    keyring: Keyring
    locations: Locations
    planner: Planner
    spools: Spools
    onward: Onward
    make: MakeWorkshop
    private: Path  # the folder of the private sides of jobs
    now: Now


class Attempt:
    """One claim carried out by one worker process; `run` once."""

    def __init__(self, bench: Bench, claim: Claim, hand: Hand, workers: int) -> None:
        """Carry out `claim` with `hand`, which may use so many processes."""
        self._bench = bench
        self._claim = claim
        self._job = claim.job
        self._hand = hand
        self._workers = workers

    def run(self) -> None:
        """Bring the job to an end, or to its next attempt; the ledger says which."""
        try:
            try:
                self._carry_out()
            finally:
                self._bench.spools.drop(self._job.id)
        except Superseded:
            self._tidy_if_cancelled()
        except Postponed as error:
            self._say(Word(event=Event.POSTPONED, error=str(error), due=self._after(_LATER)))
        except Lost:
            self._troubled("worker-lost", "the process that worked on the job died")
        except Passing as error:
            self._troubled(error.code, str(error))
        except DicomveilError as error:
            self._refused(error)
        except OSError as error:  # a share that is away, a disk that is full
            self._troubled("io-error", os.strerror(error.errno or 0))

    def fault(self, error: Exception) -> None:
        """Say that the attempt ended by what nobody foresaw; its words may quote what it met."""
        self._troubled("internal", f"a fault of dicomveil: {type(error).__name__}")

    def _carry_out(self) -> None:
        job, bench = self._job, self._bench
        project = bench.registry.project_numbered(job.project_id)
        if project.standing is not Standing.ACTIVE:
            raise Postponed("the project is locked")
        self._check_day(project)
        plan = self._plan(project)
        key = self._key(plan.key)
        where = bench.locations.where(job, project.recipe.destinations)
        self._check_room(project, plan)
        if plan.fetched:
            self._discard(where)  # what an earlier attempt staged is of what came then
        self._enter(Word(event=Event.FETCHED))
        tally = self._cleaned(plan, key, where, lambda: self._check_room(project, plan))
        check_selection(plan.selection, plan.beneath)
        bench.spools.drop(job.id)  # originals stay no longer than they are read
        self._check_room(project, plan)
        if judging.may_pass(tally) and job.tries < project.recipe.retries:
            self._discard(where)
            raise Passing("io-error", "files of the source could not be read")
        try:
            judging.check(plan, tally)
        except JobRefused as error:
            self._refused(error, plan, tally)
            return
        self._enter(Word(event=Event.VERIFIED))
        sent = self._sent(where, project)
        self._ask(steps.publish, where, job.output)
        counts = judging.counts_of(plan, tally)
        items = judging.items_of(plan, tally) + onward.items_of(sent)
        self._enter(Word(event=Event.DELIVERED, counts=counts, items=items))

    def _plan(self, project: Project) -> FrozenPlan:
        """The frozen plan, or a new one that is frozen now.

        What a place gives is fetched for every attempt, and looked through again.
        """
        job, bench = self._job, self._bench
        text = bench.ledger.plan(job.id)
        before = read_plan(text) if text else None
        if before and not before.fetched:
            return before
        # Nothing is read for a project that is stopped, nor fetched for what has no room today.
        self._key(before.key if before else project.recipe.key)
        if before:
            self._check_room(project, before)
        wanted = bench.locations.wanted(job.source_type, job.source, project.recipe)
        located = self._fetched(wanted) if wanted else None
        plan = bench.planner.plan(job, project, self._ask, located)
        plan, version = (plan.as_begun(before), job.version) if before else (plan, None)
        bench.ledger.keep_plan(self._claim, plan.written(), version or project.version)
        return plan

    def _fetched(self, wanted: Wanted) -> Located:
        """What was brought for this attempt; Postponed where it is to come later."""
        try:
            return self._bench.spools.fetched(self._job.id, wanted, self._ask)
        except NotYet as error:
            raise Postponed(str(error)) from None

    def _sent(self, where: Where, project: Project) -> list[Sent]:
        """What every place has that the project sends to.

        Passing or JobRefused, with the counts of each place, when one has less than all of it.
        """
        sent = self._bench.onward.sent(where, project.recipe.onward, self._ask)
        troubled = [one for one in sent if one.trouble]
        if troubled:
            may_pass = all(one.passing for one in troubled)
            text = f"partly delivered: {'; '.join(map(str, sent))}"
            raise (Passing if may_pass else JobRefused)(onward.CODE, text)
        return sent

    def _check_day(self, project: Project) -> None:
        """Raise Postponed when the day's limits of the user in the project are used up."""
        limits, job = project.recipe.limits, self._job
        used = self._bench.ledger.used_today(job.project_id, job.owner_id)
        bounds = (limits.objects_a_day, limits.bytes_a_day)
        if any(
            bound is not None and so_far >= bound
            for so_far, bound in zip(used, bounds, strict=True)
        ):
            raise Postponed("what the project lets one user have in a day is used up")

    def _check_room(self, project: Project, plan: FrozenPlan) -> None:
        """Raise Postponed when the job is more than the day's limits have room for.

        Raises OverLimit for a job that no day has room for. Other jobs of the user may end while
        this one is cleaned, so it is asked again and again.
        """
        limits, job = project.recipe.limits, self._job
        bounds = (limits.objects_a_day, limits.bytes_a_day)
        if bounds == (None, None):
            return
        used = self._bench.ledger.used_today(job.project_id, job.owner_id)
        needs = (plan.objects, plan.size)
        for bound, so_far, need, what in zip(bounds, used, needs, _COUNTED, strict=True):
            if bound is not None and need > bound:
                text = f"the job has {need} {what}; the project lets one user have {bound} a day"
                raise OverLimit(text)
            if bound is not None and so_far + need > bound:
                left = max(bound - so_far, 0)
                raise Postponed(f"stopped: it has {need} {what}, and {left} are left of this day")

    def _key(self, fingerprint: str) -> Key:
        try:
            path = str(self._bench.keyring.path(fingerprint))
            return Key(self._bench.keyring.key(fingerprint), path, KeyState.KEPT)
        except KeyRefused as error:
            raise Postponed(f"the project is stopped: {error}") from None

    def _cleaned(
        self, plan: FrozenPlan, key: Key, where: Where, check: Callable[[], None]
    ) -> Tally:
        """What became of each file; what `check` raises meanwhile, and then nobody works on."""
        order = Order(
            sources=plan.sources,
            destination=b"",  # steps.clean sets it
            private=self._private,
            layout=plan.layout,
            links=Links.IGNORE,
            existing=Existing.REFUSE,
            checksum=Checksum.NONE,
            alignment=Alignment.NONE,
            crosswalk=Crosswalk.NONE,
            purpose=Purpose.DELIVER,
            workers=self._processes(plan),
            workshop=self._bench.make(plan, key.value),
            key=key,
            beneath=plan.beneath,
        )

        def watch(said: object) -> None:
            try:
                self._progress(said)
                check()
            except Exception:
                self._hand.close()  # or it would go on, and answer the next question with this
                raise

        tally: Tally = self._ask(steps.clean, order, where, watch=watch)
        return tally

    def _processes(self, plan: FrozenPlan) -> int:
        """How many processes are worth their start.

        After trouble two at least: a file that takes its process with it is found out by another
        one, tried once more by itself, and left out.
        """
        if self._job.tries:
            return max(self._workers, 2)
        is_large = plan.files >= _LARGE_FILES or plan.size >= _LARGE_SIZE
        return self._workers if is_large else 1

    def _progress(self, said: object) -> None:
        assert isinstance(said, tuple)  # steps._Progress tells pairs
        found, delivered = said
        self._bench.ledger.progress(self._claim, found, delivered)

    def _ask(self, work: Callable[..., object], *given: object, watch: Tell | None = None) -> Any:  # noqa: ANN401 - what the step returns
        """What a step returned; Passing or JobRefused for its mishap."""
        said = self._hand.ask(work, *given, watch=watch)
        if not isinstance(said, Mishap):
            return said
        raise (Passing if said.passing else JobRefused)(said.code, said.text)

    @property
    def _private(self) -> bytes:
        return str(self._bench.private / str(self._job.id)).encode()

    # -- what is said ----------------------------------------------------------------------------

    def _enter(self, word: Word) -> None:
        self._bench.ledger.record(self._claim, word)

    def _say(self, word: Word) -> None:
        """Enter a last word; one that comes late is of no interest."""
        try:
            self._enter(word)
        except Superseded:
            self._tidy_if_cancelled()

    def _troubled(self, code: str, text: str) -> None:
        job = self._job
        if job.tries >= self._retries():
            text = f"given up after {job.tries + 1} attempts: {text}"
            self._tidy()
            self._say(Word(event=Event.REFUSED, code=code, error=self._told(text)))
            return
        pause = min(_FIRST_PAUSE * 2**job.tries, _LONGEST_PAUSE)
        due = self._after(pause)
        self._say(Word(event=Event.TROUBLED, code=code, error=self._told(text), due=due))

    def _refused(
        self, error: DicomveilError, plan: FrozenPlan | None = None, tally: Tally | None = None
    ) -> None:
        details = error.details if isinstance(error, JobRefused) else ""
        told = self._told(_plain(error))
        word = Word(event=Event.REFUSED, code=error.code, error=told, details=details)
        if plan is not None and tally is not None:
            known = judging.counts_of(plan, tally), judging.items_of(plan, tally)
            counts, items = judging.withheld(*known)
            word = replace(word, counts=counts, items=items)
        self._tidy()
        self._say(word)

    def _told(self, text: str) -> str:
        """As anonapi's server begins such texts, which its clients' manuals quote."""
        return f"Error while pre-processing job {self._job.id}: {text}"

    def _retries(self) -> int:
        return self._bench.registry.project_numbered(self._job.project_id).recipe.retries

    def _after(self, pause: timedelta) -> datetime:
        return self._bench.now() + pause

    # -- what is left behind ---------------------------------------------------------------------

    def _tidy_if_cancelled(self) -> None:
        """Leave nothing of a cancelled job; what else took the job over goes on from here."""
        if self._bench.ledger.job(self._job.id).state is State.CANCELLED:
            self._tidy()

    def _tidy(self) -> None:
        """Remove what is staged of a job that ends without output.

        Before that is entered: a kill in between leaves a job that is done again, not a folder
        that nobody knows of.
        """
        job = self._job
        project = self._bench.registry.project_numbered(job.project_id)
        with suppress(Unfit):  # the destination is not the project's any more
            destinations = project.recipe.destinations
            self._discard(self._bench.locations.where(job, destinations))

    def _discard(self, where: Where) -> None:
        try:
            self._hand.ask(steps.discard, where, self._private)
        except Lost:
            return  # the next attempt, or the sweep at the next start, finds what is left


def _plain(error: DicomveilError) -> str:
    """What people are told: for paperwork the problem, without the file's own name."""
    return error.problem if isinstance(error, MappingError) else str(error)
