"""The digest: one mail that says which jobs were done and which failed since the last one.

It holds numbers, projects, users, counts and the errors that jobs show; nothing of a source.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import bindparam, delete, insert, or_, select

from dicomveil.jobs import clock
from dicomveil.jobs.clock import Now, stored
from dicomveil.jobs.database import Database, Durability, Row
from dicomveil.jobs.mailing import Mail, Unsent
from dicomveil.jobs.schema import FACTS, JOBS, PROJECTS, USERS
from dicomveil.jobs.states import State

_LOG: Final = logging.getLogger("dicomveil.jobs")
_FACT: Final = "digest"
_MOST: Final = 500  # jobs that are named; the others are counted
_PAUSE: Final = timedelta(minutes=10)  # after a mail that nobody took
_J: Final = JOBS.c
_ENDED: Final = (
    select(
        *(_J.id, PROJECTS.c.name, USERS.c.name.label("owner"), _J.state, _J.error),
        *(_J.delivered, _J.quarantined, _J.skipped, _J.failed),
    )
    .join(PROJECTS, PROJECTS.c.id == _J.project_id)
    .join(USERS, USERS.c.id == _J.owner_id)
    .where(
        _J.ended > bindparam("since"),
        _J.ended <= bindparam("until"),
        or_(_J.state == State.DONE.value, _J.state == State.FAILED.value),
    )
    .order_by(_J.id)
)
_LAST: Final = select(FACTS.c.value).where(FACTS.c.name == _FACT)
_FORGET: Final = delete(FACTS).where(FACTS.c.name == _FACT)
_NOTE: Final = insert(FACTS)


class Ended(NamedTuple):
    """How one job ended."""

    number: int
    project: str
    owner: str
    state: str
    error: str
    delivered: int
    quarantined: int
    skipped: int
    failed: int


class Digest:
    """Mails what ended, so often; when it last did is kept in the ledger, over restarts."""

    def __init__(self, database: Database, mail: Mail, every: timedelta, now: Now) -> None:
        """Send by `mail` what `database` says."""
        self._database = database
        self._mail = mail
        self._every = every
        self._now = now
        self._not_before: datetime | None = None

    def step(self) -> bool:
        """Send a digest if it is time and there is something to say: whether one was sent."""
        now = self._now()
        last = self._last()
        if last is None:
            self._note(now)  # what ended before anybody asked for digests is no news
            return False
        if now < last + self._every or (self._not_before and now < self._not_before):
            return False
        jobs = self._ended(last, now)
        if jobs:
            try:
                self._mail.send(subject_of(jobs), "\n".join(lines_of(jobs, last, now)))
            except Unsent as error:
                self._not_before = now + _PAUSE
                _LOG.warning("digest unsent", extra={"error": str(error)})
                return False
        self._note(now)
        return bool(jobs)

    def _ended(self, since: datetime, until: datetime) -> list[Ended]:
        with self._database.read() as tx:
            rows = tx.rows(_ENDED, since=stored(since), until=stored(until))
        return [_job(row) for row in rows]

    def _last(self) -> datetime | None:
        with self._database.read() as tx:
            value = tx.value(_LAST)
        return None if value is None else clock.read(int(value))

    def _note(self, now: datetime) -> None:
        with self._database.write(Durability.PROMISED) as tx:
            tx.run(_FORGET)
            tx.run(_NOTE, name=_FACT, value=str(stored(now)))


def subject_of(jobs: Sequence[Ended]) -> str:
    """How many of each, in a line."""
    failed = len(_of(State.FAILED, jobs))
    return f"dicomveil: {len(jobs) - failed} jobs done, {failed} failed"


def lines_of(jobs: Sequence[Ended], since: datetime, until: datetime) -> Iterator[str]:
    """The mail: those that failed first, each with its reason, then those that are done."""
    yield f"From {since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC."
    for state in (State.FAILED, State.DONE):
        found = _of(state, jobs)
        if found:
            yield from ("", f"{state.capitalize()} ({len(found)}):", "")
            yield from (_line(job) for job in found[:_MOST])
        if len(found) > _MOST:
            yield f"... and {len(found) - _MOST} more"


def _of(state: State, jobs: Iterable[Ended]) -> list[Ended]:
    return [job for job in jobs if job.state == state]


def _line(job: Ended) -> str:
    who = f"job {job.number}, project {job.project}, for {job.owner}"
    if job.state == State.FAILED:
        return f"{who}: {job.error}"
    others = ("quarantined", job.quarantined), ("skipped", job.skipped), ("failed", job.failed)
    counts = [f"{job.delivered} delivered", *(f"{n} {name}" for name, n in others if n)]
    return f"{who}: {', '.join(counts)}"


def _job(row: Row) -> Ended:
    number, project, owner, state, error, *counts = row
    return Ended(number, project, owner, state, error, *(count or 0 for count in counts))
