"""Skim data sets: the few top-level elements that are asked for, all others stepped over.

The fast road beside `walk`, for those who replace some elements and copy the rest. It reads what is
plain: tags in order, lengths that are even and fit. Whatever else it meets it leaves to `walk`,
which says what is wrong, or that nothing is. A test holds both to the same elements.

Slices of a series resemble each other. Where bytes at a head are those that were stepped over in
the file before, they are the same elements and end where those ended: one comparison (`Run`).
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from dicomveil.dicom.elements import Element
from dicomveil.dicom.forms import (
    EXPLICIT_HEADS,
    IMPLICIT_HEAD,
    LENGTHS,
    SHORT_CODES,
    UNDEFINED,
    VRS,
    Form,
)
from dicomveil.dicom.tags import PIXEL_DATA, Tag
from dicomveil.dicom.walk import Bytes, walk_element
from dicomveil.errors import InvalidDicom

_HEAD: Final = 8
_LONG_HEAD: Final = 12
_NEVER: Final[Tag] = 1 << 32
_LAST_COMMAND: Final[Tag] = 0x0000FFFF
_FIRST_PIXELS: Final[Tag] = 0x7FE00000
_LEARNED: Final = 3  # files that runs are learned from
_SETTLED: Final = 16  # files before runs are learned anew
_FEWER: Final = 0.75  # of the runs serve: then they are learned anew


class Asked(NamedTuple):
    """Which elements are asked for, and of which it must be known where they would lie."""

    tags: frozenset[Tag]
    places: Sequence[Tag]  # in order, each among `tags`


class Skimmed(NamedTuple):
    """What was asked for."""

    elements: list[Element]
    gaps: dict[Tag, int]  # where each of the places that is absent would lie
    reach: int  # the byte after the last head that was read


class Run(NamedTuple):
    """Whole elements that follow one another, as they lay in the file before."""

    content: bytes
    size: int
    last: Tag


class Step(NamedTuple):
    """One element that was stepped over, for the file after to be compared with."""

    tag: Tag
    start: int
    end: int


class Skimmer:
    """Skims file after file for the same elements. One per process; not for several threads."""

    def __init__(self, asked: Asked) -> None:
        """Look for `asked`."""
        self._asked = asked
        self._runs: dict[Tag, Run] = {}
        self._form = Form.EXPLICIT_LE
        self._stable: dict[Tag, bytes] = {}
        self._learning = _LEARNED
        self._since = 0
        self._expected = 0

    def skim(self, data: Bytes, size: int, form: Form, start: int) -> Skimmed | None:
        """The elements asked for of the data set from `start` of an object of `size` bytes.

        None when `data`, which may be its first bytes alone, does not reach, or when something is
        not plain. Raises nothing.
        """
        if form is not self._form:
            self._form, self._runs, self._learning = form, {}, _LEARNED
        runs = self._runs if isinstance(data, bytes) and not self._learning else None
        look = _Look(data, size, form, self._asked, runs)
        read = look.implicit if form is Form.IMPLICIT_LE else look.explicit
        try:
            whole = read(start)
        except InvalidDicom:
            return None
        if not whole:
            return None
        if isinstance(data, bytes):
            self._learn(data, look)
        return Skimmed(look.elements, look.gaps, look.reach)

    def _learn(self, data: bytes, look: "_Look") -> None:
        """Take up what this file shows: runs from two files, and whether they still serve."""
        if not self._learning:
            self._since += 1
            if self._since == 1:
                self._expected = look.spared
            if self._since >= _SETTLED and look.spared < self._expected * _FEWER:
                self._learning = _LEARNED
            return
        if self._learning == _LEARNED:
            self._stable = {step.tag: data[step.start : step.end] for step in look.steps}
        self._learning -= 1
        here = {step.tag: data[step.start : step.end] for step in look.steps}
        self._stable = {t: old for t, old in self._stable.items() if here.get(t) == old}
        if not self._learning:
            self._runs = dict(self._runs_of(data, look.steps))
            self._since = 0

    def _runs_of(self, data: bytes, steps: list[Step]) -> list[tuple[Tag, Run]]:
        """The runs of elements that were the same in all files that were learned from."""
        runs: list[tuple[Tag, Run]] = []
        together: list[Step] = []
        for step in [*steps, Step(_NEVER, -1, -1)]:
            same = step.tag in self._stable
            if together and not (same and self._follow(together[-1], step)):
                first, last = together[0], together[-1]
                content = data[first.start : last.end]
                runs.append((first.tag, Run(content, len(content), last.tag)))
                together = []
            if same:
                together.append(step)
        return runs

    def _follow(self, one: Step, other: Step) -> bool:
        """Whether nothing that is asked for lies, or would lie, between the two."""
        between = any(one.tag < place < other.tag for place in self._asked.places)
        return one.end == other.start and not between


class _Look:
    """The skimming of one file."""

    def __init__(
        self, data: Bytes, size: int, form: Form, asked: Asked, runs: dict[Tag, Run] | None
    ) -> None:
        self.data = data
        self.size = size
        self.form = form
        self.tags = asked.tags
        self.runs = runs or {}
        self.elements: list[Element] = []
        self.gaps: dict[Tag, int] = {}
        self.noting = runs is None  # all steps are noted where there are no runs to spare them
        self.steps: list[Step] = []
        self.spared = 0  # runs that served
        self.reach = 0
        self._waiting = list(reversed(asked.places))

    def explicit(self, at: int) -> bool:  # noqa: C901 - one loop: a call for each costs as much
        """Step from head to head; the commonest, of a short VR, without another call."""
        data, size, form = self.data, self.size, self.form
        last = min(len(data), size) - _LONG_HEAD
        unpack, wanted, note = EXPLICIT_HEADS[form].unpack_from, self.tags, self.steps.append
        run_of, begins, noting = self.runs.get, _starts(data), self.noting
        due = self._due(0, at)
        # Group 0000 never comes, and a tail after the pixel data is the walk's to tell.
        previous, head, spared = _LAST_COMMAND, at, 0
        while at < size:
            if at > last:
                return False
            group, number, code, length = unpack(data, at)
            tag = group << 16 | number
            head = at
            if tag > due:
                if tag > PIXEL_DATA:
                    return False
                due = self._due(tag, at)
            run = run_of(tag)
            if run is not None and tag > previous and begins(run[0], at):
                _, length, previous = run
                at += length
                spared += 1
                continue
            vr = SHORT_CODES.get(code)
            if vr is None:
                at = self._long(tag, code, at)
            else:
                at += _HEAD + length
                if tag in wanted:
                    self._keep(Element(tag, vr, head, head + _HEAD, at, at, None, form))
            if tag <= previous or at & 1 or at > size:
                return False
            previous = tag
            if noting and tag < _FIRST_PIXELS and tag not in wanted:
                note(Step(tag, head, at))
        self.spared = spared
        return self._end(head, at)

    def implicit(self, at: int) -> bool:  # noqa: C901 - the same
        """The same where no VR is said: only what is asked for needs one."""
        data, size = self.data, self.size
        last = min(len(data), size) - _HEAD
        unpack, wanted, note = IMPLICIT_HEAD.unpack_from, self.tags, self.steps.append
        run_of, begins, noting = self.runs.get, _starts(data), self.noting
        due = self._due(0, at)
        # Group 0000 never comes, and a tail after the pixel data is the walk's to tell.
        previous, head, spared = _LAST_COMMAND, at, 0
        while at < size:
            if at > last:
                return False
            group, number, length = unpack(data, at)
            tag = group << 16 | number
            head = at
            if tag > due:
                if tag > PIXEL_DATA:
                    return False
                due = self._due(tag, at)
            run = run_of(tag)
            if run is not None and tag > previous and begins(run[0], at):
                _, length, previous = run
                at += length
                spared += 1
                continue
            if length == UNDEFINED or tag in wanted:
                at = self._walked(at, tag)
            else:
                at += _HEAD + length
            if tag <= previous or at & 1 or at > size:
                return False
            previous = tag
            if noting and tag < _FIRST_PIXELS and tag not in wanted:
                note(Step(tag, head, at))
        self.spared = spared
        return self._end(head, at)

    def _long(self, tag: Tag, code: bytes, at: int) -> int:
        """The byte after an element of a 32-bit length, or beyond the object for what is none."""
        if code not in VRS:
            return self.size + 1
        length: int = LENGTHS[self.form].unpack_from(self.data, at + _HEAD)[0]
        if length == UNDEFINED or tag in self.tags:
            return self._walked(at, tag)
        return at + _LONG_HEAD + length

    def _walked(self, at: int, tag: Tag) -> int:
        """The byte after an element that only the walk can tell of."""
        element = walk_element(self.data, at, self.form)[0]
        if tag in self.tags:
            self._keep(element)
        return element.end

    def _keep(self, element: Element) -> None:
        if element.end <= len(self.data):
            self.elements.append(element)
        else:
            self.reach = -1  # its value is beyond: `_end` will say so

    def _due(self, tag: Tag, at: int) -> Tag:
        """The next place that is waited for, after noting those that come before `tag`."""
        waiting, gaps = self._waiting, self.gaps
        while waiting and waiting[-1] < tag:
            gaps[waiting.pop()] = at
        return waiting[-1] if waiting else PIXEL_DATA

    def _end(self, head: int, at: int) -> bool:
        """Note what is absent at the end; whether all was there that was asked for."""
        if self.reach < 0:
            return False
        self._due(_NEVER, at)
        for element in self.elements:
            self.gaps.pop(element.tag, None)
        self.reach = head + _LONG_HEAD
        return True


def _starts(data: Bytes) -> Callable[[bytes, int], bool]:
    """Whether bytes begin at a place of `data`; never asked of a map, which has no runs."""
    return data.startswith if isinstance(data, bytes) else _never


def _never(content: bytes, at: int) -> bool:  # noqa: ARG001 - the signature of bytes.startswith
    return False
