"""Carry out an order: chunks go to workers, and what became of them comes back in order.

A bounded line of chunks is in work. Whatever order they end in, their lines are added to the
report in the order of the files' numbers, so that the result does not depend on how many workers
there were, or how often the run was interrupted.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import islice
from typing import Final, NamedTuple

from dicomveil.errors import Failed
from dicomveil.jobs import journal
from dicomveil.jobs.chunks import Chunk, chunks
from dicomveil.jobs.duplicates import Duplicates
from dicomveil.jobs.fold import Folded, fold
from dicomveil.jobs.outcome import Tally
from dicomveil.jobs.plan import Order
from dicomveil.jobs.pool import Future, MakeExecutor, Over, broken
from dicomveil.jobs.recovery import done_alone, kept_of
from dicomveil.jobs.report import Report
from dicomveil.jobs.resume import Earlier, Stretch
from dicomveil.jobs.stopping import Stopping
from dicomveil.jobs.verdict import is_full
from dicomveil.jobs.worker import Done, work
from dicomveil.places.scan import Found, Passed, Scan

_IN_LINE: Final = 4
"""Chunks in line for each worker: enough that a slow one does not hold the others up."""

Watch = Callable[[Folded], None]
"""Shown each part as it is done."""


class Ended(Enum):
    """How a run ended."""

    COMPLETE = auto()
    INTERRUPTED = auto()
    BEFORE = auto()  # the run to be resumed was complete already
    FULL = auto()  # no space left; what was done stays, and the run can be resumed


class Outcome(NamedTuple):
    """What a run came to."""

    ended: Ended
    tally: Tally
    passed: Passed


@dataclass(slots=True)
class _Part:
    """Files that follow one another: done, or in work."""

    first: int
    chunk: Chunk | None = None  # None for what was done before
    future: Future[Done] | None = None


class Runner:
    """One run of an order; `run` once."""

    def __init__(
        self, order: Order, report: Report, make: MakeExecutor, stopping: Stopping
    ) -> None:
        """Tell `report` of every file; `make` makes the executors."""
        self._order = order
        self._report = report
        self._make = make
        self._stopping = stopping
        self._pool = make(order.workers)
        self._line: deque[_Part] = deque()
        self._tally = Tally()
        self._found = 0
        self._full = False
        self._gap = False  # a part ended early: what comes after it cannot be reported yet

    def run(self, earlier: Earlier, watch: Watch) -> Outcome:
        """Do what an earlier run has not done; OSError and Failed when the machine fails."""
        scan = self._order.scan
        try:
            done = self._without_doubt(earlier)
            duplicates = Duplicates(self._order, done)
            for part in self._parts(scan, done):
                while self._must_merge():
                    self._merge(duplicates, watch)
                if self._stopping.asked:
                    break
                self._line.append(part)
                self._submit(part)
            while self._line:
                self._merge(duplicates, watch)
        finally:
            self._pool.shutdown(cancel_futures=True)
        return self._outcome(scan)

    def _without_doubt(self, earlier: Earlier) -> list[Stretch]:
        """What the earlier run did, after trying again the files that it may have delivered."""
        retried = [
            Stretch(chunk.first, chunk.next)
            for chunk in earlier.doubtful
            if not self._stopping.asked and self._alone(chunk).folded.count
        ]
        return sorted([*earlier.done, *retried])

    def _parts(self, scan: Scan, done: Sequence[Stretch]) -> Iterator[_Part]:
        """Every part of the run, in order; SRC is scanned meanwhile."""
        ahead = deque(done)
        for chunk in chunks(self._undone(scan, done), self._order.workers):
            while ahead and ahead[0].first < chunk.first:
                yield _Part(ahead.popleft().first)
            yield _Part(chunk.first, chunk)
        for stretch in ahead:
            yield _Part(stretch.first)

    def _undone(self, scan: Scan, done: Sequence[Stretch]) -> Iterator[tuple[int, Found]]:
        """The files that no earlier run did, with their numbers."""
        ahead = deque(done)
        for number, found in enumerate(scan, 1):
            self._found = number
            while ahead and ahead[0].next <= number:
                ahead.popleft()
            if not ahead or number < ahead[0].first:
                yield number, found

    def _must_merge(self) -> bool:
        """Whether the line is full, or its first part done."""
        if not self._line:
            return False
        future = self._line[0].future
        full = len(self._line) >= _IN_LINE * self._order.workers
        return full or future is None or future.done()

    def _submit(self, part: _Part) -> None:
        if part.chunk is None:
            return
        try:
            part.future = self._pool.submit(work, self._order.delivery, part.chunk)
        except broken() as error:
            part.future = Over(raised=error)

    def _merge(self, duplicates: Duplicates, watch: Watch) -> None:
        """Report the first part of the line, once it is done."""
        part = self._line[0]
        try:
            folded = self._folded(part)
            if not self._gap:
                later = [(p.first, p.future) for p in islice(self._line, 1, None)]
                folded = duplicates.settled(folded, later)
        except broken():
            self._recover()
            return
        self._line.popleft()
        if not self._gap:
            self._tell(folded)
        self._gap = self._gap or (part.chunk is not None and folded.count < part.chunk.length)
        self._tally.add(folded.tally)
        watch(folded)

    def _folded(self, part: _Part) -> Folded:
        if part.chunk is not None and part.future is None:
            return Folded(part.first)  # the run was stopped before its turn
        if part.future is None:
            return fold(part.first, journal.read(self._order.journal, part.first).records)
        done = part.future.result()
        self._note_full(full=done.full)
        return done.folded

    def _tell(self, folded: Folded) -> None:
        try:
            self._report.add(folded)
        except OSError as error:
            if not is_full(error):
                raise
            self._gap = True
            self._note_full(full=True)

    def _note_full(self, *, full: bool) -> None:
        if full:
            self._full = True
            self._stopping.ask()

    def _recover(self) -> None:
        """Keep what lost workers did, try alone what they were at, and go on with a new pool."""
        self._pool.shutdown()
        line: deque[_Part] = deque()
        for part in self._line:
            if part.chunk is None or not _is_lost(part.future):
                line.append(part)
            else:
                line.extend(self._retried(part.chunk))
        self._line = line
        self._pool = self._make(self._order.workers)
        for part in line:
            if part.future is None and not self._stopping.asked:
                self._submit(part)

    def _retried(self, chunk: Chunk) -> Iterator[_Part]:
        """The parts of a chunk whose worker was lost: done, the file it was at, and the rest."""
        kept = kept_of(self._order, chunk)
        if kept is None:
            yield _Part(chunk.first, chunk)
            return
        at = chunk.first + kept
        if kept:
            yield _Part(chunk.first)
        if at == chunk.next:
            return
        part = _Part(at, chunk.part(at, 1))
        if not self._stopping.asked:
            part.future = Over(self._alone(chunk.part(at, 1)))
        yield part
        if at + 1 < chunk.next:
            yield _Part(at + 1, chunk.part(at + 1))

    def _alone(self, chunk: Chunk) -> Done:
        done = done_alone(self._order, chunk, self._make)
        self._note_full(full=done.full)
        return done

    def _outcome(self, scan: Scan) -> Outcome:
        if self._full or self._stopping.asked:
            ended = Ended.FULL if self._full else Ended.INTERRUPTED
            return Outcome(ended, self._tally, scan.passed)
        if self._tally.found != self._found:
            raise Failed(f"{self._found} files were found, {self._tally.found} are accounted for")
        return Outcome(Ended.COMPLETE, self._tally, scan.passed)


def _is_lost(future: Future[Done] | None) -> bool:
    """Whether the worker died, or never began because others did."""
    return future is not None and isinstance(future.exception(), broken())
