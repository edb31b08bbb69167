"""The ledger of jobs: what was asked, who has it, how far it is. The one truth of the server.

A public method is one transaction. Attempts hold jobs under a lease and a fencing number; what an
attempt says late raises Superseded and changes nothing. Raises NoSuch for jobs that are not there,
and NotNow for what cannot happen to a job in its state.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Final

from dicomveil.job_errors import NoSuch, NotNow, Superseded, Unfit
from dicomveil.jobs import clock
from dicomveil.jobs import statements as sql
from dicomveil.jobs.audit import Audit
from dicomveil.jobs.clock import Now, stored
from dicomveil.jobs.database import Database, Durability, Transaction
from dicomveil.jobs.model import Claim, Counts, Glance, Item, Job, JobRequest, User
from dicomveil.jobs.reading import DESCRIPTION, DETAILS, OPT_OUT, PLAN, SOURCE, Reader
from dicomveil.jobs.states import Event, State
from dicomveil.jobs.vault import Vault
from dicomveil.jobs.webhooks import Ending, announce

LEASE: Final = timedelta(seconds=60)
_NOTHING: Final = Counts()
_DURABILITY: Final = {Event.FETCHED: Durability.REPEATABLE}  # promises nothing to anybody


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What an attempt reports of its job."""

    event: Event
    counts: Counts = _NOTHING
    items: Sequence[Item] = ()
    code: str = ""
    error: str = ""
    details: str = field(default="", repr=False)
    due: datetime | None = None  # when it is tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A checked request, and what it is entered under."""

    request: JobRequest
    owner: User
    project_id: int
    state: State = State.QUEUED
    key: str = field(default="")  # the idempotency key, "" for none


class Ledger:
    """The jobs of one server or several, in one database; safe for many threads."""

    def __init__(self, database: Database, vault: Vault, now: Now = clock.now) -> None:
        """Keep jobs in `database`, what identifies patients sealed by `vault`."""
        self._database = database
        self._vault = vault
        self._now = now
        self._audit = Audit(vault, now)
        self._reader = Reader(database, vault)

    # -- asking ----------------------------------------------------------------------------------

    def submit(self, submission: Submission) -> Job:
        """The new job; the one that the same key made before, where it asked for the same.

        Raises Unfit when the key stood for something else.
        """
        return self.submit_all([submission])[0]

    def submit_all(self, submissions: Sequence[Submission]) -> list[Job]:
        """All of them or, when one is not accepted, none."""
        with self._database.write(Durability.PROMISED) as tx:
            return [self._submitted(tx, submission) for submission in submissions]

    def job(self, number: int) -> Job:
        """The job in full."""
        with self._database.read() as tx:
            return self._job(tx, number)

    def jobs(self, numbers: Sequence[int]) -> list[Job]:
        """Those of the jobs that are there, in full."""
        with self._database.read() as tx:
            rows = tx.rows(sql.JOBS_OF, ids=tx.numbers(numbers))
        return [self._reader.job(row) for row in rows]

    def glances(self, numbers: Sequence[int]) -> list[Glance]:
        """Those of the jobs that are there, as lists show them; 10,000 are one query."""
        with self._database.read() as tx:
            rows = tx.rows(sql.GLANCES_OF, ids=tx.numbers(numbers))
        return [self._reader.glance(row) for row in rows]

    def changed(self, numbers: Sequence[int], since: datetime) -> list[int]:
        """Which of the jobs changed after that time."""
        with self._database.read() as tx:
            rows = tx.rows(sql.CHANGED_OF, ids=tx.numbers(numbers), since=stored(since))
        return [row[0] for row in rows]

    def items(self, number: int) -> list[Item]:
        """How many files of the job ended how, and why."""
        with self._database.read() as tx:
            rows = tx.rows(sql.ITEMS_OF, job=number)
        return [
            Item(s, code, count, tuple(json.loads(numbers))) for s, code, count, numbers in rows
        ]

    def states(self) -> Mapping[State, int]:
        """How many jobs are in each state."""
        with self._database.read() as tx:
            counted = {State(state): count for state, count in tx.rows(sql.COUNT_STATES)}
        return {state: counted.get(state, 0) for state in State}

    # -- acting on jobs --------------------------------------------------------------------------

    def act(self, number: int, event: Event, by: str) -> Job:
        """The job after what a person did to it: one of the events of `statements.ACT`."""
        with self._database.write(Durability.PROMISED) as tx:
            changed = tx.run(sql.ACT[event], job=number, now=self._time())
            job = self._job(tx, number)
            if not changed:
                raise NotNow(f"a job that is {job.state} cannot be {event}")
            if event is Event.RESET:
                tx.run(sql.FORGET_ITEMS, job=number)
            self._audit.add(tx, by, f"job {event}", f"job {number}")
            if event is Event.CANCELLED:
                announce(tx, job, Ending(event), self._time())
            return job

    def prioritise(self, number: int, priority: int, by: str) -> Job:
        """The job with another priority; higher goes first."""
        with self._database.write(Durability.PROMISED) as tx:
            tx.run(sql.PRIORITY, job=number, rank=priority, now=self._time())
            job = self._job(tx, number)
            self._audit.add(tx, by, "job prioritised", f"job {number}", {"priority": priority})
            return job

    def modify(self, job: Job, request: JobRequest, project_id: int, by: str) -> Job:
        """The job as the checked request says, if nothing happened to it meanwhile; else NotNow."""
        now = self._time()
        with self._database.write(Durability.PROMISED) as tx:
            asked = self._asked(request)
            del asked["batch_id"]
            changed = tx.run(
                sql.MODIFY,
                job=job.id,
                fence=job.attempt,
                was=job.state.value,
                now=now,
                to_project=project_id,
                **{f"new_{name}": value for name, value in asked.items()},
            )
            if not changed:
                raise NotNow("the job went on meanwhile")
            facts = {"project": request.project} | self._facts(request)
            self._audit.add(tx, by, "job modified", f"job {job.id}", facts)
            return self._job(tx, job.id)

    def waiting_of(self, project: int, owner: int) -> int:
        """How many jobs the user has waiting in the project."""
        with self._database.read() as tx:
            return int(tx.value(sql.QUEUED_OF, project_id=project, owner_id=owner))

    def used_today(self, project: int, owner: int) -> tuple[int, int]:
        """How many objects and bytes were delivered to the user in the project today (UTC)."""
        day = self._time() // clock.DAY
        with self._database.read() as tx:
            row = tx.row(sql.USED, on_day=day, project_id=project, owner_id=owner)
        return (row[0], row[1]) if row else (0, 0)

    # -- carrying out ----------------------------------------------------------------------------

    def claim(self, worker: str, count: int = 1, lease: timedelta = LEASE) -> list[Claim]:
        """The next jobs, at most so many, now this worker's."""
        now = self._time()
        until = now + lease // timedelta(microseconds=1)
        with self._database.write(Durability.REPEATABLE) as tx:
            rows = tx.rows(sql.CLAIM, holder=worker, count=count, now=now, until=until)
        jobs = sorted(map(self._reader.job, rows), key=lambda job: (-job.priority, job.id))
        return [Claim(job, job.attempt, clock.read(until)) for job in jobs]

    def renew(self, claims: Iterable[Claim], lease: timedelta = LEASE) -> list[Claim]:
        """Keep the jobs for longer; those of them that are lost."""
        until = stored(self._now() + lease)
        with self._database.write(Durability.REPEATABLE) as tx:
            return [
                claim
                for claim in claims
                if not tx.run(sql.RENEW, job=claim.job.id, fence=claim.attempt, until=until)
            ]

    def progress(self, claim: Claim, found: int, delivered: int) -> None:
        """How far the attempt is; Superseded when it has lost the job."""
        with self._database.write(Durability.REPEATABLE) as tx:
            changed = tx.run(
                sql.PROGRESS,
                job=claim.job.id,
                fence=claim.attempt,
                n_found=found,
                n_delivered=delivered,
                now=self._time(),
            )
        if not changed:
            raise Superseded(f"job {claim.job.id} is no longer this attempt's")

    def record(self, claim: Claim, word: Word) -> None:
        """Enter what an attempt reports; Superseded when it has lost the job."""
        self.record_all([(claim, word)], _DURABILITY.get(word.event, Durability.PROMISED))

    def record_all(
        self,
        words: Iterable[tuple[Claim, Word]],
        durability: Durability = Durability.PROMISED,
    ) -> None:
        """Enter what attempts report, all in one transaction or none of it."""
        with self._database.write(durability) as tx:
            for claim, word in words:
                self._record(tx, claim, word)

    def plan(self, number: int) -> str:
        """How the job is carried out, as its first attempt froze it; "" before that."""
        with self._database.read() as tx:
            return self._vault.open(tx.value(sql.PLAN, job=number), PLAN)

    def keep_plan(self, claim: Claim, plan: str, version: int) -> None:
        """Freeze how the job is carried out; Superseded when the attempt has lost the job."""
        # Before anything is published a later commit brings it to the disk.
        with self._database.write(Durability.REPEATABLE) as tx:
            changed = tx.run(
                sql.KEEP_PLAN,
                job=claim.job.id,
                fence=claim.attempt,
                plan=self._vault.seal(plan, PLAN),
                recipe_version=version,
            )
        if not changed:
            raise Superseded(f"job {claim.job.id} is no longer this attempt's")

    def sweep(self) -> list[int]:
        """Give back the jobs whose lease ended, and queue those that are due: their numbers."""
        now = self._time()
        with self._database.write(Durability.REPEATABLE) as tx:
            return [row[0] for s in (sql.EXPIRE, sql.FALL_DUE) for row in tx.rows(s, now=now)]

    def release(self, worker: str) -> list[int]:
        """Give back every job of a worker that is known to be gone: their numbers."""
        with self._database.write(Durability.REPEATABLE) as tx:
            return [row[0] for row in tx.rows(sql.RELEASE, holder=worker, now=self._time())]

    def purge(self, project: int, before: datetime) -> list[int]:
        """Forget what identifies patients in jobs that ended before a time: their numbers."""
        with self._database.write(Durability.PROMISED) as tx:
            gone = [row[0] for row in tx.rows(sql.PURGE, project=project, since=stored(before))]
            if gone:
                facts = {"jobs": len(gone)}
                self._audit.add(tx, "server", "jobs purged", f"project {project}", facts)
        return gone

    # -- within a transaction --------------------------------------------------------------------

    def _submitted(self, tx: Transaction, submission: Submission) -> Job:
        request, owner = submission.request, submission.owner
        asked = _digest_of(self._vault, submission)
        earlier = tx.row(sql.SUBMITTED, owner_id=owner.id, key=submission.key)
        if earlier and submission.key:
            if bytes(earlier[1]) != asked:
                raise Unfit("Idempotency-Key", "the key stands for another request")
            return self._job(tx, earlier[0])
        (row,) = tx.rows(sql.ADD_JOB, **self._new_row(submission))
        job = self._reader.job(row)
        if submission.key:
            tx.run(
                sql.ADD_SUBMISSION,
                owner_id=owner.id,
                key=submission.key,
                asked=asked,
                job_id=job.id,
            )
        facts = {"project": request.project} | self._facts(request)
        self._audit.add(tx, owner.name, "job submitted", f"job {job.id}", facts)
        return job

    def _facts(self, request: JobRequest) -> dict[str, object]:
        """What the audit says of a request: values as digests."""
        facts: dict[str, object] = {
            "source": self._audit.told(str(request.source)),
            "destination": self._audit.told(request.destination),
            "pseudonym": self._audit.told(request.pseudo_id),
        }
        if request.opt_out_reason:
            facts["ignores_opt_out"] = self._audit.told(request.opt_out_reason)
        return facts

    def _asked(self, request: JobRequest) -> dict[str, object]:
        """The columns that say what was asked."""
        seal = self._vault.seal
        return {
            "batch_id": request.batch,
            "priority": request.priority,
            "source_type": request.source.type.value,
            "source_sealed": seal(request.source.value, SOURCE),
            "source_digest": self._vault.digest("source", str(request.source)),
            "destination": request.destination,
            "pseudo_id": request.pseudo_id,
            "pseudo_name": request.pseudo_name,
            "pims_key": request.pims_key,
            "sop_classes": " ".join(request.sop_classes),
            "description_sealed": seal(request.description, DESCRIPTION),
            "opt_out_sealed": seal(request.opt_out_reason, OPT_OUT),
        }

    def _new_row(self, submission: Submission) -> dict[str, object]:
        empty: dict[str, object] = dict.fromkeys(sql.JOB_FIELDS)
        return (
            empty
            | self._asked(submission.request)
            | {
                "owner_id": submission.owner.id,
                "project_id": submission.project_id,
                "state": submission.state.value,
                "created": self._time(),
                "changed": self._time(),
                "attempt": 0,
                "tries": 0,
                "worker": "",
                "code": "",
                "error": "",
                "output": "none",
            }
        )

    def _job(self, tx: Transaction, number: int) -> Job:
        row = tx.row(sql.JOB, job=number)
        if row is None:
            raise NoSuch(f"there is no job {number}")
        return self._reader.job(row)

    def _record(self, tx: Transaction, claim: Claim, word: Word) -> None:
        number = claim.job.id
        changed = tx.run(
            sql.RECORD[word.event],
            job=number,
            fence=claim.attempt,
            now=self._time(),
            why=word.code,
            told=word.error,
            details=self._vault.seal(word.details, DETAILS),
            until=stored(word.due) if word.due else None,
            **_counted(word.counts),
        )
        if not changed:
            raise Superseded(f"job {number} is no longer this attempt's")
        if word.items:
            tx.run(sql.FORGET_ITEMS, job=number)
        for item in word.items:
            examples = json.dumps(item.examples)
            told = {"status": item.status, "code": item.code, "count": item.count}
            tx.run(sql.ADD_ITEM, job_id=number, examples=examples, **told)
        if word.event is Event.DELIVERED:
            self._use(tx, claim.job, word.counts)
        if word.event in (Event.DELIVERED, Event.REFUSED):
            facts = {"attempt": claim.attempt, "code": word.code}
            self._audit.add(tx, "server", f"job {word.event}", f"job {number}", facts)
            ending = Ending(word.event, word.counts, word.code, word.error)
            announce(tx, claim.job, ending, self._time())

    def _use(self, tx: Transaction, job: Job, counts: Counts) -> None:
        """Count what was delivered against the day's limits."""
        whose = {"project": job.project_id, "owner": job.owner_id}
        more = {"more_objects": counts.delivered, "more_bytes": counts.bytes}
        day = self._time() // clock.DAY
        if not tx.run(sql.USE, on_day=day, **whose, **more):
            tx.run(
                sql.FIRST_USE,
                day=day,
                project_id=job.project_id,
                owner_id=job.owner_id,
                objects=counts.delivered,
                bytes=counts.bytes,
            )

    def _time(self) -> int:
        return stored(self._now())


_COUNTS: Final = tuple((f"n_{name}", attrgetter(name)) for name in Counts.__slots__)


def _counted(counts: Counts) -> dict[str, int]:
    """The counts as parameters; five times as fast as asdict, which copies."""
    return {name: get(counts) for name, get in _COUNTS}


def _digest_of(vault: Vault, submission: Submission) -> bytes:
    """By which two submissions are seen to ask for the same, without saying what."""
    return vault.digest("request", repr(asdict(submission.request)))
