"""A faster road to the same bytes, for headers of a layout met before.

Most files of a series differ in a score of elements. A template holds everything else as literals:
stretches of the original compared byte for byte, with their finished output beside them. Only the
elements seen to vary are judged singly, by the same actions. What does not match exactly, in any
way, is a miss: the file then takes the plain road, which alone raises errors. Elements that others
depend on, and all that names a person, never vary within a template (learning.PINNED).

Why it is exact: a literal either equals the original or the template misses; an output of the plain
road is a function of the elements and of pinned ones alone; and what varies inside a sequence never
changes the length of its output.
"""

import re
import struct
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from dicomveil.dicom.part10 import PREAMBLE, PREFIX
from dicomveil.dicom.splice import Segment, Span
from dicomveil.dicom.walk import fragments_end
from dicomveil.engine.cleaned import Cleaned
from dicomveil.engine.original import Original
from dicomveil.engine.slots import Doing, Found, Judge, Miss, Passes, Slot
from dicomveil.engine.verify import Stems
from dicomveil.errors import InvalidDicom

PREFIX_END: Final = PREAMBLE + len(PREFIX)
_UIDS: Final = re.compile(rb"[0-9]+(?:\.[0-9]+)*")


class Step(NamedTuple):
    """A literal, which ends with the head of a varying element, and what to do with its value."""

    expected: bytes
    size: int
    written: bytes
    doing: int
    length: Callable[[bytes, int], tuple[int]]  # reads the length field
    width: int
    opening: int  # bytes of the element before its length field
    known: AbstractSet[bytes]  # values that are known to pass
    passes: Passes
    slot: Slot


class Last(NamedTuple):
    """The literal after the last varying element."""

    expected: bytes
    written: bytes


_CONSTANT, _KEEP, _KEEP_DECIMAL, _REPLACE, _NEW_UID, _OPEN, _CLOSE, _JUDGE = map(int, Doing)


class Template(NamedTuple):
    """One layout with one set of pinned elements, ready to be tried on a head."""

    steps: Sequence[Step]
    last: Last
    pixels: int  # bytes of pixel value after the last literal; -1 for fragments
    like: Cleaned  # the object it was learned from
    fixed_uids: Sequence[tuple[bytes, bytes]]
    stems: Stems  # what must not be in a varying value that stays
    written_uids: frozenset[bytes]  # all that is written like a UID for every file
    judge: Judge
    verified: bool

    def apply(self, original: Original) -> Cleaned | None:
        """The object cleaned, or None when the template does not fit it exactly."""
        head = original.head
        if not head.startswith(PREFIX, PREAMBLE):
            return None
        found = Found()
        written: list[bytes] = []
        try:
            at = self._run(head, found, written)
            tail = self.tail(original, at) if at else None
        except (InvalidDicom, Miss, struct.error):
            return None
        if tail is None or not self._sound(found):
            return None
        return self._cleaned(written, tail, found)

    def _run(self, head: bytes, found: Found, written: list[bytes]) -> int:  # noqa: C901, PLR0912 - the hot loop: a call for each doing would double its time
        """Go through the steps; the place after the last literal, 0 for a miss."""
        at, odd = PREFIX_END, 0
        startswith, write = head.startswith, written.append
        known_uids, uid_of = self.judge.known, self.judge.uid
        replaced, new = found.replaced.append, found.new.append
        kept, decimal, opened = found.kept.append, found.decimals.append, found.ends.append
        for (
            expected,
            size,
            literal,
            doing,
            length,
            width,
            opening,
            known,
            passes,
            slot,
        ) in self.steps:
            if not startswith(expected, at):
                return 0
            at += size
            if doing == _CONSTANT:  # what it becomes is in the literal after it
                at += width + length(head, at)[0]
                odd |= at
                continue
            write(literal)
            start = at + width
            if doing >= _OPEN:
                if doing == _OPEN:
                    opened(start + length(head, at)[0])
                    at = start
                elif doing == _JUDGE:
                    at, output = self.judge.judge(head, at - opening, slot, found)
                    write(output)
                elif found.ends.pop() != at:
                    return 0
                continue
            stop = start + length(head, at)[0]
            odd |= stop
            value = head[start:stop]
            if doing == _NEW_UID:
                value = value.rstrip(b"\0 ")
                uid = known_uids.get(value) or uid_of(value)
                write(uid)
                replaced(value)
                new(uid)
                if slot.meaning:
                    found.met[slot.meaning] = value
            elif value not in known and not passes(value):
                return 0
            elif doing != _REPLACE:
                write(head[at - opening : stop])
                if doing == _KEEP:
                    kept(value)
                else:
                    decimal(value)
            at = stop
        last = self.last
        if odd & 1 or not startswith(last.expected, at):
            return 0
        write(last.written)
        return at + len(last.expected)

    def tail(self, original: Original, at: int) -> list[Segment] | None:
        """The pixel value as a segment; None when the file does not end where it should."""
        head, size = original.head, original.size
        if self.pixels < 0:
            end = fragments_end(original.view(), at, original.release)
            return [Span(at, size)] if end == size else None
        if at + self.pixels != size:
            return None
        return [head[at:]] if len(head) == size else [Span(at, size)]

    def _sound(self, found: Found) -> bool:
        """Whether the UIDs are in step and legal, and nothing of the patient can be left."""
        met = found.met
        if met.get("meta") != met.get("sop"):
            return False
        if not self.verified:
            return True
        return self.written_uids.isdisjoint(found.replaced) and self._kept_is_clean(found)

    def _kept_is_clean(self, found: Found) -> bool:
        """Whether no value that stays holds a word of the patient, or one of the file's UIDs."""
        uids = found.replaced + found.uids
        if self.stems.left_in(b"\0".join(found.kept), b"\0".join(found.decimals), uids):
            return False
        return self.written_uids.isdisjoint(found.uids)

    def _cleaned(self, written: list[bytes], tail: list[Segment], found: Found) -> Cleaned:
        like, uid_of = self.like, self.judge.names.uid
        met = found.met
        if isinstance(tail[0], bytes):
            written.append(tail.pop())  # type: ignore[arg-type]  # it was just looked at
        return Cleaned(
            [b"".join(written), *tail],
            like.patient_id,
            like.study_uid,
            uid_of(met["series"]).decode() if "series" in met else like.series_uid,
            uid_of(met["sop"]).decode() if "sop" in met else like.sop_uid,
            like.sop_class,
            like.illegal,
            None,
            (*self.fixed_uids, *zip(found.replaced, found.new, strict=True)),
            like.patient,
        )


def uids_written(values: Iterable[bytes]) -> frozenset[bytes]:
    """All that stands in these values as a UID would, for a quick look at new UIDs."""
    return frozenset(uid for value in values for uid in _UIDS.findall(value))
