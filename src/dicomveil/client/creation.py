"""Create a job for each row, each once, whatever happens to the connection.

A server of our own knows a request by its key and answers a repeated one with the job it made.
On others a lost answer is looked up among the newest jobs before anything is sent again.
"""

from collections.abc import Callable, Iterator, Sequence
from enum import Enum, auto
from typing import Protocol

from dicomveil.client import api, protocol
from dicomveil.client.connection import Connection
from dicomveil.client.jobs import Job
from dicomveil.client.journal import Journal, Keyed, Outcome, State
from dicomveil.errors import CallFailed, Declined, Unanswered
from dicomveil.mapping.requests import JobRequest
from dicomveil.mapping.sources import PATH_TYPES

_LOOKED_BACK = 5000


class OnRefusal(Enum):
    """What follows a row that the server refuses."""

    STOP = auto()  # what it says of one row it will probably say of the next
    KEEP_GOING = auto()


class Creator(Protocol):
    """A way of creating jobs on one kind of server."""

    def create(self, asked: Keyed) -> Job:
        """The job; Unanswered when it is not known whether there is one."""
        ...

    def find(self, asked: Keyed, journal: Journal) -> Job | None:
        """The job that an earlier, unanswered request became; None when there is none."""
        ...


class KeyedCreator:
    """Creates on a server of our own: asking again under the same key is always safe."""

    def __init__(self, connection: Connection, path: str) -> None:
        """Use the interface at `path` of that server."""
        self._connection = connection
        self._path = path

    def create(self, asked: Keyed) -> Job:
        """The job of the request's key."""
        try:
            return api.create(self._connection, self._path, asked.request, asked.key)
        except Unanswered:
            return api.create(self._connection, self._path, asked.request, asked.key)

    def find(self, asked: Keyed, journal: Journal) -> Job | None:
        """Nothing: to ask again is to find."""
        del asked, journal
        return None


class LookingCreator:
    """Creates on a server that speaks anonapi's protocol alone."""

    def __init__(self, connection: Connection) -> None:
        """Use that server."""
        self._connection = connection

    def create(self, asked: Keyed) -> Job:
        """The new job; sent once."""
        return protocol.create(self._connection, asked.request)

    def find(self, asked: Keyed, journal: Journal) -> Job | None:
        """The job made since the run began that says exactly what the request asks.

        A server tells of its newest jobs alone, so all numbers up to the newest are asked for.
        """
        newest = max((job.id for job in protocol.recent_jobs(self._connection)), default=0)
        oldest = max(journal.newest_before + 1, newest - _LOOKED_BACK)
        unknown = sorted(set(range(oldest, newest + 1)) - journal.job_ids)
        if not unknown:
            return None
        jobs = protocol.jobs_in_full(self._connection, unknown)
        return next((job for job in jobs if says_the_same(job, asked.request)), None)


def create_all(
    asked: Sequence[Keyed],
    creator: Creator,
    journal: Journal,
    on_refusal: OnRefusal,
    tell: Callable[[Outcome], None],
) -> tuple[Outcome, ...]:
    """What became of every row, told one by one as it is known."""
    outcomes: list[Outcome] = []
    for outcome in _outcomes(asked, creator, journal, on_refusal):
        outcomes.append(outcome)
        tell(outcome)
    return tuple(outcomes)


def _outcomes(
    asked: Sequence[Keyed], creator: Creator, journal: Journal, on_refusal: OnRefusal
) -> Iterator[Outcome]:
    stopped = False
    for one in asked:
        if stopped:
            yield Outcome(one.request.row, State.FAILED, reason="not sent")
            continue
        outcome = _outcome(one, creator, journal)
        yield outcome
        keep_going = on_refusal is OnRefusal.KEEP_GOING and outcome.state is State.REFUSED
        stopped = outcome.state is not State.CREATED and not keep_going


def _outcome(one: Keyed, creator: Creator, journal: Journal) -> Outcome:
    """One row: already there, created now, refused, or in doubt."""
    row = one.request.row
    try:
        job_id = _known(one, creator, journal) or _made(one, creator, journal)
    except Declined as refusal:
        journal.not_created(one.key)
        return Outcome(row, State.REFUSED, reason=refusal.problem)
    except Unanswered as error:
        return Outcome(row, State.UNKNOWN, reason=error.problem)
    except CallFailed as error:
        journal.not_created(one.key)
        return Outcome(row, State.FAILED, reason=error.problem)
    journal.created(one.key, job_id)
    return Outcome(row, State.CREATED, job_id)


def _known(one: Keyed, creator: Creator, journal: Journal) -> int:
    """The job of a row that was sent by an earlier run; 0 when there is none."""
    entry = journal.entries.get(one.key)
    if entry is None or entry.job_id:
        return entry.job_id if entry else 0
    return _found(one, creator, journal)


def _made(one: Keyed, creator: Creator, journal: Journal) -> int:
    journal.sending(one.key)
    try:
        return _numbered(creator.create(one))
    except Unanswered:
        return _found(one, creator, journal) or _numbered(creator.create(one))


def _found(one: Keyed, creator: Creator, journal: Journal) -> int:
    """The job an unanswered request became, or 0; Unanswered when even that cannot be asked."""
    try:
        found = creator.find(one, journal)
    except CallFailed as error:
        raise Unanswered(error.server, error.problem, error.advice) from error
    return found.id if found else 0


def _numbered(job: Job) -> int:
    if job.id < 0:
        raise Unanswered("the server", "it gave no job id", "Look at 'anon server jobs'")
    return job.id


def says_the_same(job: Job, request: JobRequest) -> bool:
    """Whether a job, as its server tells of it, is what the request asks."""
    if request.source_type in PATH_TYPES:
        source = [("source_path", f"{request.source_type}:{request.source}")]
    else:
        source = [("source_instance_id", protocol.instance_id(request))]
    wanted = [
        *source,
        ("project_name", request.project),
        ("destination_path", str(request.destination)),
        ("description", request.description),
        ("source_anonymizedpatientid", request.pseudo_id),
        ("source_anonymizedpatientname", request.pseudo_name),
        ("source_pims_keyfile_id", request.pims_key),
    ]
    return all(_plain(job.get(name)) == _plain(text) for name, text in wanted)


def _plain(value: object) -> str:
    """A value without what servers write in different ways: prefix, last separator, null."""
    text = str(value if value is not None else "").replace("/", "\\").rstrip("\\")
    return text.removeprefix("folder:").removeprefix("fileselection:").strip()
