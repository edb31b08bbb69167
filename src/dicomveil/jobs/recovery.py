"""After a worker died: what it had done is kept, and the file it was at is tried alone.

When one process of a pool dies the whole pool is lost, and any of its workers may have been the
one whose file did it. Each such file is done alone in a new process; only one that takes that
process with it as well is given up.
"""

from dicomveil.errors import Failed
from dicomveil.jobs import journal
from dicomveil.jobs.chunks import Chunk
from dicomveil.jobs.fold import Folded, fold
from dicomveil.jobs.outcome import Status
from dicomveil.jobs.plan import Order, Purpose
from dicomveil.jobs.pool import MakeExecutor, broken
from dicomveil.jobs.record import Record
from dicomveil.jobs.verdict import WORKER_LOST, case_of, facts_of, refusal
from dicomveil.jobs.worker import Done, work


def kept_of(order: Order, chunk: Chunk) -> int | None:
    """How many files a lost worker had done for certain; None when it had not begun.

    Its journal is ended there. Raises Failed for a rehearsal, which has none.
    """
    if order.purpose is Purpose.REHEARSE:
        raise Failed("a process that cleaned files died; a rehearsal cannot go on after that")
    try:
        kept = journal.read(order.journal, chunk.first)
    except FileNotFoundError:
        return None
    journal.settle(order.journal, chunk.first, kept.held)
    return len(kept.held)


def done_alone(order: Order, chunk: Chunk, make: MakeExecutor) -> Done:
    """What becomes of the one file of a chunk that may have been delivered, or have killed."""
    assert chunk.length == 1
    pool = make(1)
    try:
        done: Done = pool.submit(work, order.delivery, chunk).result()
    except broken():
        return _given_up(order, chunk)
    finally:
        pool.shutdown()
    return done._replace(folded=_owned(order, done.folded))


def _given_up(order: Order, chunk: Chunk) -> Done:
    group, name = next(chunk.files())
    case = case_of(chunk.first, group, name)
    record = refusal(case, facts_of(case.path), WORKER_LOST)
    journal.settle(order.journal, chunk.first, [record])
    return Done(fold(chunk.first, [record]), full=False)


def _owned(order: Order, folded: Folded) -> Folded:
    """The file's duplicate is its own output when no other file delivered it before the kill."""
    if not folded.duplicates:
        return folded
    (record,) = journal.read(order.journal, folded.first).records
    if _is_claimed(order, record):
        return folded
    mine = record._replace(status=Status.DELIVERED)
    journal.settle(order.journal, folded.first, [mine])
    return fold(folded.first, [mine])


def _is_claimed(order: Order, wanted: Record) -> bool:
    return any(
        record.status is Status.DELIVERED and record.output == wanted.output
        for kept in journal.read_all(order.journal)
        for record in kept.held
    )
