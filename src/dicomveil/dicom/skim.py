"""Skim data sets: the few top-level elements that are asked for, all others stepped over.

The fast road beside `walk`, for those who replace some elements and copy the rest. It reads what is
plain: tags in order, lengths that are even and fit. Whatever else it meets it leaves to `walk`,
which says what is wrong, or that nothing is. A test holds both to the same elements.

Slices of a series resemble each other. Where the heads that follow are those that were stepped to
in the files before, they are passed together: one comparison (runs.py).
"""

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Final, NamedTuple

from dicomveil.dicom.elements import Element
from dicomveil.dicom.forms import (
    EXPLICIT_HEADS,
    IMPLICIT_HEAD,
    LENGTHS,
    SHORT_CODES,
    SHORT_VRS,
    UNDEFINED,
    VRS,
    Form,
)
from dicomveil.dicom.runs import Run, Runs, Spot, Step
from dicomveil.dicom.tags import PIXEL_DATA, Tag
from dicomveil.dicom.walk import Bytes, walk_element
from dicomveil.errors import InvalidDicom

_HEAD: Final = 8
_LONG_HEAD: Final = 12
_NEVER: Final[Tag] = 1 << 32
_LAST_COMMAND: Final[Tag] = 0x0000FFFF
_FIRST_PIXELS: Final[Tag] = 0x7FE00000


class Asked(NamedTuple):
    """Which elements are asked for, and of which it must be known where they would lie."""

    tags: frozenset[Tag]
    places: Sequence[Tag]  # in order, each among `tags`


class Skimmed(NamedTuple):
    """What was asked for."""

    spots: list[Spot]  # the plain elements, in order
    walked: list[Element]  # all others
    gaps: dict[Tag, int]  # where each of the places that is absent would lie
    reach: int  # the byte after the last head that was read
    form: Form

    @property
    def elements(self) -> list[Element]:
        """All of them, in order."""
        plain = (
            Element(tag, vr, start, start + _HEAD, end, end, None, self.form)
            for tag, vr, start, end in self.spots
        )
        return sorted([*plain, *self.walked], key=attrgetter("start"))


class Skimmer:
    """Skims file after file for the same elements. One per process; not for several threads."""

    def __init__(self, asked: Asked) -> None:
        """Look for `asked`."""
        self._asked = asked
        self.runs = self._none(Form.EXPLICIT_LE)

    def skim(self, data: Bytes, size: int, form: Form, start: int) -> Skimmed | None:
        """The elements asked for of the data set from `start` of an object of `size` bytes.

        None when `data`, which may be its first bytes alone, does not reach, or when something is
        not plain. Raises nothing.
        """
        if form is not self.runs.form:
            self.runs = self._none(form)
        runs = self.runs
        look = _Look(data, size, form, self._asked, runs.by_first)
        read = look.implicit if form is Form.IMPLICIT_LE else look.explicit
        try:
            whole = read(start)
        except InvalidDicom:
            return None
        if not whole:
            return None
        if isinstance(data, bytes):
            if look.noting:
                runs.learn(data, look.steps, look.spots)
            else:
                runs.served(data, look.spared, look.missed)
        return Skimmed(look.spots, look.walked, look.gaps, look.reach, form)

    def _none(self, form: Form) -> Runs:
        return Runs(form, self._asked.tags, self._asked.places)


class _Look:
    """The skimming of one file."""

    def __init__(
        self,
        data: Bytes,
        size: int,
        form: Form,
        asked: Asked,
        runs: Mapping[Tag, Sequence[Run]] | None,
    ) -> None:
        self.data = data
        self.size = size
        self.form = form
        self.tags = asked.tags
        # Bytes alone have runs: to slice a map, as learning does, would touch its pages.
        self.whole = data if isinstance(data, bytes) else b""
        self.runs = runs or {} if self.whole else {}
        self.spots: list[Spot] = []
        self.walked: list[Element] = []
        self.gaps: dict[Tag, int] = {}
        self.noting = runs is None and isinstance(data, bytes)  # all steps, for runs to be learned
        self.steps: list[Step] = []
        self.spared = 0  # elements that were passed by runs
        self.missed: list[tuple[Tag, int]] = []  # runs that are not here, by their first element
        self.reach = 0
        self._waiting = list(reversed(asked.places))

    def explicit(self, at: int) -> bool:  # noqa: C901 - one loop: a call for each costs as much
        """Step from head to head; the commonest, of a short VR, without another call."""
        data, size, form = self.data, self.size, self.form
        last = min(len(data), size) - _LONG_HEAD
        unpack, wanted, note = EXPLICIT_HEADS[form].unpack_from, self.tags, self.steps.append
        runs_of, noting = self.runs.get, self.noting
        due = self._due(0, at)
        # Group 0000 never comes, and a tail after the pixel data is the walk's to tell.
        previous, head = _LAST_COMMAND, at
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
            runs = runs_of(tag)
            run = self._lying(runs, tag, at) if runs and tag > previous else None
            if run is not None:
                at += run.size
                previous = run.last
                continue
            vr = SHORT_CODES.get(code)
            if vr is None:
                at = self._long(tag, code, at)
            else:
                at += _HEAD + length
                if tag in wanted:
                    self._keep((tag, vr, head, at))
            if tag <= previous or at & 1 or at > size:
                return False
            previous = tag
            if noting and tag < _FIRST_PIXELS:
                note(Step(tag, head, at))
        return self._end(head, at)

    def implicit(self, at: int) -> bool:  # noqa: C901 - the same
        """The same where no VR is said: only what is asked for needs one."""
        data, size = self.data, self.size
        last = min(len(data), size) - _HEAD
        unpack, wanted, note = IMPLICIT_HEAD.unpack_from, self.tags, self.steps.append
        runs_of, noting = self.runs.get, self.noting
        due = self._due(0, at)
        # Group 0000 never comes, and a tail after the pixel data is the walk's to tell.
        previous, head = _LAST_COMMAND, at
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
            runs = runs_of(tag)
            run = self._lying(runs, tag, at) if runs and tag > previous else None
            if run is not None:
                at += run.size
                previous = run.last
                continue
            if length == UNDEFINED or tag in wanted:
                at = self._walked(at, tag)
            else:
                at += _HEAD + length
            if tag <= previous or at & 1 or at > size:
                return False
            previous = tag
            if noting and tag < _FIRST_PIXELS:
                note(Step(tag, head, at))
        return self._end(head, at)

    def _lying(self, runs: Sequence[Run], tag: Tag, at: int) -> Run | None:
        """The run that lies here, after what it holds of what is asked for was taken."""
        for run in runs:
            if run.lies(self.whole, at):
                self.spared += len(run.parts)
                if run.found:
                    self.spots += run.spots(at)
                return run
        self.missed.append((tag, at))
        return None

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
        if tag in self.tags and element.vr in SHORT_VRS and element.value == at + _HEAD:
            self._keep((tag, element.vr, at, element.end))
        elif tag in self.tags and element.end <= len(self.data):
            self.walked.append(element)
        elif tag in self.tags:
            self.reach = -1  # the same as in `_keep`
        return element.end

    def _keep(self, spot: Spot) -> None:
        if spot[3] <= len(self.data):
            self.spots.append(spot)
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
        here = {spot[0] for spot in self.spots}.union([one.tag for one in self.walked])
        self.gaps = {tag: where for tag, where in self.gaps.items() if tag not in here}
        self.reach = head + _LONG_HEAD
        return True
