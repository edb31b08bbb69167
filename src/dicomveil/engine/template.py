"""A faster road to the same bytes, for headers of a layout met before.

Most files of a series differ in a score of elements. A template holds everything else as literals:
stretches of the original compared byte for byte, with their finished output beside them. Only the
elements seen to vary are judged singly, by the same actions. What does not match exactly, in any
way, is a miss: the file then takes the plain road, which alone raises errors. Elements that others
depend on, and all that names a person, never vary within a template (PINNED, `is_pinned`).

Why it is exact: a literal either equals the original or the template misses; and an output of the
plain road is a function of the elements and of pinned ones alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from dicomveil.dicom.part10 import PREAMBLE, PREFIX
from dicomveil.dicom.splice import Segment, Span
from dicomveil.dicom.walk import fragments_end
from dicomveil.engine.deidentify import Cleaned
from dicomveil.engine.slots import Judge, Miss, Slot
from dicomveil.errors import DicomveilError

PREFIX_END: Final = PREAMBLE + len(PREFIX)


class Step(NamedTuple):
    """A literal, and the varying element after it."""

    expected: bytes  # the original's bytes
    size: int
    written: bytes  # the output's
    slot: Slot | None  # None after the last literal


class Ending(NamedTuple):
    """How the file ends: bytes of pixel value after the last literal; -1 for fragments."""

    length: int


@dataclass(slots=True)
class Template:
    """One layout with one set of pinned elements, ready to be tried on a head."""

    steps: Sequence[Step]
    ending: Ending
    like: Cleaned  # the object it was learned from
    fixed_uids: Sequence[tuple[bytes, bytes]]
    words: Sequence[bytes]  # what must not be in a varying value that is kept
    literals: bytes  # all that is written for every file, lower-cased, for new UIDs
    judge: Judge
    verified: bool

    def apply(self, head: bytes, size: int, view: Callable[[], memoryview]) -> Cleaned | None:
        """The object cleaned, or None when the template does not fit it exactly."""
        judge = self.judge
        judge.begin(head)
        written: list[bytes] = []
        at = PREFIX_END
        if not head.startswith(PREFIX, PREAMBLE):
            return None
        try:
            for expected, length, output, slot in self.steps:
                if not head.startswith(expected, at):
                    return None
                at += length
                written.append(output)
                if slot is not None:
                    at = slot.judge(judge, at, written)
            tail = self._tail(head, size, at, view)
        except (Miss, DicomveilError):
            return None
        if tail is None or not judge.agree() or (self.verified and self._leaks()):
            return None
        return self._cleaned(written, tail)

    def _tail(
        self, head: bytes, size: int, at: int, view: Callable[[], memoryview]
    ) -> list[Segment] | None:
        """The pixel value as a segment; None when the file does not end where it should."""
        length = self.ending.length
        if length < 0:
            return [Span(at, size)] if fragments_end(view(), at) == size else None
        if at + length != size:
            return None
        return [head[at:]] if len(head) == size else [Span(at, size)]

    def _leaks(self) -> bool:
        """Whether anything identifying may be in the output: then the plain road must tell."""
        judge = self.judge
        kept = b"\0".join(judge.kept).lower()
        if any(word in kept for word in self.words):
            return True
        literals = self.literals
        return any(uid in literals or uid in kept for uid in judge.uids)

    def _cleaned(self, written: list[bytes], tail: list[Segment]) -> Cleaned:
        like, judge = self.like, self.judge
        if tail and isinstance(tail[0], bytes):
            written.append(tail[0])
            tail = []
        new = judge.new_uids
        return Cleaned(
            [b"".join(written), *tail],
            like.patient_id,
            like.study_uid,
            new.get("series", like.series_uid),
            new.get("sop", like.sop_uid),
            like.sop_class,
            like.illegal,
            None,
            (*self.fixed_uids, *judge.pairs()),
            like.patient,
        )
