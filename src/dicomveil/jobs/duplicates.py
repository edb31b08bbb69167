"""Of files with the very same output, the one with the lowest number counts as delivered.

Workers decide by who comes first, which differs from run to run. So when a file was found to be
a duplicate, the chunks after its own that were in work at the same time are looked through: if
one of them delivered the output, the two change places in what is reported. The bytes are the
same either way.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final

from dicomveil.jobs import journal
from dicomveil.jobs.fold import Folded, fold
from dicomveil.jobs.outcome import Status
from dicomveil.jobs.plan import Order, Purpose
from dicomveil.jobs.record import Record
from dicomveil.jobs.resume import Stretch

_AT_ONCE: Final = 128
"""More chunks than are ever in work at the same time."""


class Duplicates:
    """Looks at each part of a run, in order, before it is reported."""

    def __init__(self, order: Order, done: Sequence[Stretch]) -> None:
        """`done` is what an earlier run did."""
        self._order = order
        self._done = [stretch.first for stretch in done]
        self._given: set[str] = set()  # outputs that a lower number took over

    def settled(self, folded: Folded, in_work: Iterable[int]) -> Folded:
        """The part as it is reported; `in_work` are the first numbers of the parts after it."""
        if self._order.purpose is Purpose.REHEARSE or not (folded.duplicates or self._given):
            return folded
        after = bisect_right(self._done, folded.first)
        later = {*in_work, *self._done[after : after + _AT_ONCE]}
        early = self._delivered_later(folded, later)
        records = journal.read(self._order.journal, folded.first).records
        return fold(folded.first, [self._changed(record, early) for record in records])

    def _delivered_later(self, folded: Folded, later: Iterable[int]) -> set[str]:
        """Which of the part's duplicates a later part delivered."""
        wanted = set(folded.duplicates) - self._given
        return {
            record.output
            for first in (later if wanted else ())
            for record in self._records(first)
            if record.status is Status.DELIVERED and record.output in wanted
        }

    def _records(self, first: int) -> list[Record]:
        try:
            return journal.read(self._order.journal, first).records
        except FileNotFoundError:
            return []  # not begun yet

    def _changed(self, record: Record, early: set[str]) -> Record:
        match record.status:
            case Status.DUPLICATE if record.output in early:
                early.remove(record.output)
                self._given.add(record.output)
                return record._replace(status=Status.DELIVERED)
            case Status.DELIVERED if record.output in self._given:
                self._given.remove(record.output)
                return record._replace(status=Status.DUPLICATE)
            case _:
                return record
