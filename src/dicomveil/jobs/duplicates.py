"""Of files with the very same output, the one with the lowest number counts as delivered.

Workers decide by who comes first, which differs from run to run. So when a file was found to be
a duplicate, the chunks after its own that were in work at the same time are looked through: if
one of them delivered the output, the two change places in what is reported. The bytes are the
same either way. After a resume there may be outputs that nobody claims: they are told of too.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from time import sleep
from typing import Final

from dicomveil.jobs import journal
from dicomveil.jobs.fold import Folded, fold
from dicomveil.jobs.outcome import Status
from dicomveil.jobs.plan import Existing, Order, Purpose
from dicomveil.jobs.pool import Future
from dicomveil.jobs.record import Record
from dicomveil.jobs.resume import Stretch
from dicomveil.jobs.worker import Done

_AT_ONCE: Final = 128
"""More chunks than are ever in work at the same time."""

_MOMENT: Final = 0.01  # seconds; a worker's line is proven by its next one

InWork = tuple[int, Future[Done] | None]
"""A part's first number, and the future of what is not done yet."""


class Duplicates:
    """Looks at each part of a run, in order, before it is reported."""

    def __init__(self, order: Order, done: Sequence[Stretch]) -> None:
        """`done` is what an earlier run did."""
        self._order = order
        self._done = [stretch.first for stretch in done]
        self._given: set[str] = set()  # outputs that a lower number took over
        self._adopted: set[str] = set()  # outputs of an earlier run whose claim was lost

    def settled(self, folded: Folded, in_work: Iterable[InWork]) -> Folded:
        """The part as it is reported; `in_work` are the parts after it.

        Raises BrokenExecutor when one of them was lost while it said that it delivered the output.
        """
        if self._order.purpose is Purpose.REHEARSE or not (folded.duplicates or self._given):
            return folded
        parts = list(in_work)
        early = self._delivered_later(folded, parts)
        early |= self._unclaimed(set(folded.duplicates) - early, parts)
        records = journal.read(self._order.journal, folded.first).records
        return fold(folded.first, [self._changed(record, early) for record in records])

    def _delivered_later(self, folded: Folded, in_work: Iterable[InWork]) -> set[str]:
        """Which of the part's duplicates a later part delivered."""
        wanted = set(folded.duplicates) - self._given
        if not wanted:
            return set()
        after = bisect_right(self._done, folded.first)
        later = dict.fromkeys(self._done[after : after + _AT_ONCE]) | dict(in_work)
        return {
            record.output
            for first, future in later.items()
            for record in self._proven(first, future, wanted)
            if record.status is Status.DELIVERED and record.output in wanted
        }

    def _unclaimed(self, wanted: set[str], in_work: Sequence[InWork]) -> set[str]:
        """Which of these outputs no file is known to have delivered: the files here are theirs.

        A run that was killed between publishing a file and proving it, and then again before it
        had looked at that file anew, leaves an output that nobody claims.
        """
        wanted = wanted - self._given - self._adopted
        if not wanted or self._order.existing is not Existing.RESUME:
            return set()
        futures = dict(in_work)
        for first in journal.firsts(self._order.journal):
            records = self._proven(first, futures.get(first), wanted)
            wanted -= {r.output for r in records if r.status is Status.DELIVERED}
        self._adopted |= wanted
        return wanted

    def _proven(self, first: int, future: "Future[Done] | None", wanted: set[str]) -> list[Record]:
        """What a part says for certain: a worker's last line may yet be corrected."""
        while True:
            over = future is None or future.done()
            try:
                kept = journal.read(self._order.journal, first)
            except FileNotFoundError:
                return []  # not begun yet
            if kept.proven or kept.records[-1].output not in wanted:
                return kept.held
            if over:
                if future is not None:
                    future.result()
                return kept.held
            sleep(_MOMENT)

    def _changed(self, record: Record, early: set[str]) -> Record:
        match record.status:
            case Status.DUPLICATE if record.output in early:
                early.remove(record.output)
                if record.output not in self._adopted:
                    self._given.add(record.output)
                return record._replace(status=Status.DELIVERED)
            case Status.DELIVERED if record.output in self._given:
                self._given.remove(record.output)
                return record._replace(status=Status.DUPLICATE)
            case _:
                return record
