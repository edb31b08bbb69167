"""Runs: elements that follow one another with the same heads in file after file of a series.

A skim steps from head to head. Where all heads of a run lie as they did in the files before, one
look at them together says the same as a step to each, whatever stands in the values between them.
Of a sequence without a length, the heads of all that lies in it are looked at too.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from struct import Struct
from typing import Final, NamedTuple

from dicomveil.dicom.elements import Element
from dicomveil.dicom.forms import LENGTHS, SHORT_CODES, UNDEFINED, Form
from dicomveil.dicom.tags import Tag
from dicomveil.dicom.walk import walk_element
from dicomveil.errors import InvalidDicom

_HEAD: Final = 8
_LONG_HEAD: Final = 12
_TAG: Final = 4
_KINDS: Final = 6  # of one sequence
_LEARNED: Final = 3  # files that runs are learned from
_SETTLED: Final = 16  # files before runs are learned anew
_FEWER: Final = 0.75  # of the elements are spared: then they are learned anew


Spot = tuple[Tag, str, int, int]
"""A plain element that is asked for: its VR, start and end; its value begins eight bytes on.

A bare tuple, because there are twenty in each file of a run, and most are compared and no more.
"""


class Step(NamedTuple):
    """One element that was stepped to."""

    tag: Tag
    start: int
    end: int


class Part(NamedTuple):
    """One element of a run; offsets count from its first byte."""

    tag: Tag
    size: int
    heads: tuple[tuple[int, bytes], ...]  # what must be the same, and where
    vr: str  # of one that is asked for, whose value follows the head; "" for any other

    @property
    def nested(self) -> bool:
        """Whether it is a sequence without a length, which only a walk could step over."""
        offset, head = self.heads[-1]
        return offset + len(head) == self.size > _LONG_HEAD


@dataclass(slots=True)
class Run:
    """Elements that follow one another; offsets count from the first byte of the first."""

    parts: Sequence[Part]
    heads: Struct  # of all of them, values left out
    same: tuple[bytes, ...]  # what stands in the heads
    size: int
    last: Tag
    found: Sequence[Spot]  # those that are asked for
    seen: bytes = b""  # the run as it lay in the file before, values and all

    @classmethod
    def of(cls, parts: Sequence[Part]) -> "Run":
        """The run of these parts."""
        starts: list[int] = []
        same: list[bytes] = []
        found: list[Spot] = []
        at = 0
        for part in parts:
            if part.vr:
                found.append((part.tag, part.vr, at, at + part.size))
            starts += [at + offset for offset, _ in part.heads]
            same += [head for _, head in part.heads]
            at += part.size
        spans = zip(starts, [*starts[1:], at], same, strict=True)
        layout = "".join(
            f"{len(head)}s{after - start - len(head)}x" for start, after, head in spans
        )
        return cls(parts, Struct(layout), tuple(same), at, parts[-1].tag, found)

    def lies(self, data: bytes, at: int) -> bool:
        """Whether the run lies here."""
        if self.seen and data.startswith(self.seen, at):
            return True  # heads among the rest: the commonest, and the fastest to find out
        if at + self.size > len(data) or self.heads.unpack_from(data, at) != self.same:
            return False
        self.seen = data[at : at + self.size]
        return True

    def spots(self, at: int) -> list[Spot]:
        """Those of its elements that are asked for, where the run lies here."""
        return [(tag, vr, at + start, at + end) for tag, vr, start, end in self.found]

    def differs(self, data: bytes, at: int) -> tuple[int, int]:
        """The first of its parts that is another one here, and where it is."""
        for number, part in enumerate(self.parts):
            if not all(data.startswith(head, at + offset) for offset, head in part.heads):
                return number, at
            at += part.size
        return len(self.parts), at


class Runs:
    """The runs of one kind of files; learned from some, and anew when they serve less.

    A run that does not lie where its first element does is parted at the element that is another
    one: in a series, lengths change where they changed before.
    """

    def __init__(self, form: Form, asked: frozenset[Tag], places: Sequence[Tag]) -> None:
        """Know none yet of files in `form`; no run goes past one of `places` that is absent."""
        self.form = form
        self._asked = asked
        self._places = places
        self._by_first: dict[Tag, Sequence[Run]] = {}
        self._before: Mapping[Tag, Part] = {}
        self._changing: set[Tag] = set()
        self._learning = _LEARNED
        self._since = self._expected = 0

    @property
    def by_first(self) -> Mapping[Tag, Sequence[Run]] | None:
        """The runs that may begin with an element; None while all steps are to be noted."""
        return None if self._learning else self._by_first

    def learn(self, data: bytes, steps: Sequence[Step], spots: Sequence[Spot]) -> None:
        """Take up what a file shows of which all steps were noted."""
        vrs = {tag: vr for tag, vr, _, _ in spots}
        here = [self._part(data, step, vrs.get(step.tag, "")) for step in steps]
        before = self._before
        self._changing |= {part.tag for part in here if before.get(part.tag, part) != part}
        if len(self._changing) * 2 > len(here):
            self._changing.clear()  # files of another kind
        self._before = {part.tag: part for part in here}
        self._learning -= 1
        if not self._learning:
            self._by_first = {}
            self._since = 0
            for parts in self._together(data, steps, here):
                self._add(parts)

    def served(self, data: bytes, spared: int, missed: Sequence[tuple[Tag, int]]) -> None:
        """Note what runs did for a file: how many elements they spared it, and which are not in it.

        When they become fewer, runs are learned anew.
        """
        for first, at in missed:
            self._split(first, data, at)
        self._since += 1
        if self._since == 1:
            self._expected = spared
        elif self._since >= _SETTLED and spared < self._expected * _FEWER:
            self._learning = _LEARNED

    def _split(self, first: Tag, data: bytes, at: int) -> None:
        """Part the run at what is another element here; of a sequence, several kinds are kept."""
        runs = self._by_first[first]
        parts = runs[0].parts
        number, at = runs[0].differs(data, at)
        if number == len(parts):
            return  # it would lie here, if the bytes at hand reached
        if len(parts) > 1:
            del self._by_first[first]
            self._changing.add(parts[number].tag)
            self._add(parts[:number])
            self._add(parts[number + 1 :])
            runs = ()
        if parts[number].nested:
            self._add_kind(parts[number], data, at, runs)

    def _add_kind(self, before: Part, data: bytes, at: int, runs: Sequence[Run]) -> None:
        """Take up a sequence as it is here, before those that were kept of it."""
        if not data.startswith(before.heads[0][1][:_TAG], at):
            return
        with suppress(InvalidDicom):
            end = walk_element(data, at, self.form)[0].end
            part = self._part(data, Step(before.tag, at, end), "")
            if part.nested:
                self._by_first[part.tag] = (Run.of([part]), *runs[: _KINDS - 1])

    def _add(self, parts: Sequence[Part]) -> None:
        """Take up a run of these parts, unless a step is as fast."""
        if len(parts) > 1 or any(part.nested for part in parts):
            self._by_first[parts[0].tag] = (Run.of(parts),)

    def _together(
        self, data: bytes, steps: Sequence[Step], parts: Sequence[Part]
    ) -> Iterator[list[Part]]:
        """The parts of each run: none that changes, is cut off, or is asked for and not plain."""
        run: list[Part] = []
        end, last = -1, -1
        for step, part in zip(steps, parts, strict=True):
            serves = step.end <= len(data) and (part.tag not in self._asked or part.vr != "")
            alone = part.tag in self._changing
            between = any(last < place < part.tag for place in self._places)
            if run and (not serves or alone or step.start != end or between):
                yield run
                run = []
            end, last = step.end, part.tag
            if serves and alone and part.nested:
                yield [part]
            elif serves and not alone:
                run.append(part)
        if run:
            yield run

    def _part(self, data: bytes, step: Step, vr: str) -> Part:
        at = step.start
        heads = [(start - at, data[start:stop]) for start, stop in self._fixed(data, step)]
        return Part(step.tag, step.end - at, tuple(heads), vr)

    def _fixed(self, data: bytes, step: Step) -> list[tuple[int, int]]:
        """Where what must be the same of an element lies: its head, and heads without a length."""
        at, form = step.start, self.form
        implicit = form is Form.IMPLICIT_LE
        if not implicit and data[at + 4 : at + 6] in SHORT_CODES:
            return [(at, at + _HEAD)]
        where = at + 4 if implicit else at + _HEAD
        if LENGTHS[form].unpack_from(data, where)[0] != UNDEFINED:
            return [(at, where + 4)]
        return list(_between(walk_element(data, at, form)))


def _between(elements: Sequence[Element]) -> Iterator[tuple[int, int]]:
    """The spans of a sequence that are not values: heads, and the ends of what has no length."""
    sequence = elements[0]
    at = sequence.start
    for element in elements if sequence.vr == "SQ" else ():
        if element.vr not in {"", "SQ"} and not element.undefined:
            yield at, element.value
            at = element.end
    yield at, sequence.end
