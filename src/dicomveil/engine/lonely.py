"""An element of a narrow template judged by itself: a date that moves, a text that is cleaned.

What becomes of it depends on its value and on pinned elements alone, so that values met before are
remembered. Only elements of the root are among them: their output may have any length.
"""

from typing import Final, NamedTuple

from dicomveil.engine.slots import Found, Judge, Slot

_REMEMBERED: Final = 1024
_LONGEST: Final = 1024  # bytes: private ones may be a megabyte, and none comes again


class Lonely(NamedTuple):
    """One such element, and what became of its values."""

    place: int  # in the frame
    value: int
    run: int  # the run that its length ends
    opening: int  # bytes of the element before its value
    slot: Slot
    known: dict[bytes, bytes]

    def output(self, head: bytes, value: bytes, end: int, judge: Judge) -> bytes:
        """All that is written for the element whose value ends there in the head.

        Raises Miss when it needs the plain road, and InvalidDicom where that would.
        """
        known = self.known.get(value)
        if known is not None:
            return known
        at = end - len(value) - self.opening
        _, output = judge.judge(head, at, self.slot, Found())
        if len(self.known) < _REMEMBERED and len(value) <= _LONGEST:
            self.known[value] = output
        return output
