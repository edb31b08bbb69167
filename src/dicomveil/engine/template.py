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
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from dicomveil.dicom.legality import is_legal
from dicomveil.dicom.part10 import PREAMBLE, PREFIX
from dicomveil.dicom.splice import Segment, Span
from dicomveil.dicom.walk import fragments_end
from dicomveil.engine.deidentify import Cleaned
from dicomveil.engine.identity import SHORTEST_UID
from dicomveil.engine.slots import Doing, Found, Judge, Slot
from dicomveil.errors import InvalidDicom

PREFIX_END: Final = PREAMBLE + len(PREFIX)
_UIDS: Final = re.compile(rb"[0-9.]+")


class Step(NamedTuple):
    """A literal, which ends with the head of a varying element, and what to do with its value."""

    expected: bytes
    size: int
    written: bytes
    slot: Slot


@dataclass(slots=True)
class Template:
    """One layout with one set of pinned elements, ready to be tried on a head."""

    steps: Sequence[Step]
    pixels: int  # bytes of pixel value after the last literal; -1 for fragments
    like: Cleaned  # the object it was learned from
    fixed_uids: Sequence[tuple[bytes, bytes]]
    words: Sequence[bytes]  # what must not be in a varying value that stays
    written_uids: frozenset[bytes]  # all that is written like a UID for every file
    judge: Judge
    verified: bool

    def apply(self, head: bytes, size: int, view: Callable[[], memoryview]) -> Cleaned | None:
        """The object cleaned, or None when the template does not fit it exactly."""
        if not head.startswith(PREFIX, PREAMBLE):
            return None
        found = Found()
        written: list[bytes] = []
        try:
            at = self._run(head, found, written)
            tail = self._tail(head, size, at, view) if at else None
        except (InvalidDicom, struct.error):
            return None
        if tail is None or not self._sound(found):
            return None
        return self._cleaned(written, tail, found)

    def _run(self, head: bytes, found: Found, written: list[bytes]) -> int:  # noqa: C901, PLR0912 - the hot loop: a call for each doing would double its time
        """Go through the steps; the place after the last literal, 0 for a miss."""
        at = PREFIX_END
        startswith, write, uid_of = head.startswith, written.append, self.judge.names.uid
        for expected, size, literal, slot in self.steps:
            if not startswith(expected, at):
                return 0
            at += size
            write(literal)
            doing, opening, length, width, output, fixed, passes, meaning, form = slot
            if doing == 0:
                return at if at <= len(head) else 0
            start = at + width
            if doing == Doing.JUDGE:
                judged = self.judge.judge(head, at - len(opening), form, found)
                if judged is None:
                    return 0
                at = judged[0]
                write(judged[1])
                continue
            stop = start + length.unpack_from(head, at)[0]
            if stop & 1:
                return 0
            if doing == Doing.CONSTANT:
                write(output)
            elif doing == Doing.NEW_UID:
                uid = head[start:stop].strip(b"\0 ")
                if not uid or b"\\" in uid:
                    return 0
                if meaning:
                    found.met[meaning] = uid
                found.replaced.append(uid)
                write(output)
                write(uid_of(uid))
            else:
                value = head[start:stop]
                if passes is None:
                    if len(value) != fixed:
                        return 0
                elif not passes(value):
                    return 0
                found.kept.append(value)
                write(head[at - len(opening) : stop])
            at = stop
        return 0

    def _tail(
        self, head: bytes, size: int, at: int, view: Callable[[], memoryview]
    ) -> list[Segment] | None:
        """The pixel value as a segment; None when the file does not end where it should."""
        if self.pixels < 0:
            return [Span(at, size)] if fragments_end(view(), at) == size else None
        if at + self.pixels != size:
            return None
        return [head[at:]] if len(head) == size else [Span(at, size)]

    def _sound(self, found: Found) -> bool:
        """Whether the UIDs are in step and legal, and nothing of the patient can be left."""
        met = found.met
        if met.get("meta") != met.get("sop"):
            return False
        if not all(is_legal(uid, "UI") for uid in met.values()):
            return False
        if not self.verified:
            return True
        kept = b"\0".join(found.kept).lower()
        for word in self.words:
            if word in kept:
                return False
        old = {*found.replaced, *found.uids}
        return old.isdisjoint(self.written_uids) and not any(
            len(uid) >= SHORTEST_UID and uid in kept for uid in old
        )

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
            (*self.fixed_uids, *((uid, uid_of(uid)) for uid in found.replaced)),
            like.patient,
        )


def uids_written(steps: Sequence[Step]) -> frozenset[bytes]:
    """All that stands in the literals as a UID would, for a quick look at new UIDs."""
    return frozenset(_UIDS.findall(b"\0".join(step.written for step in steps)))
