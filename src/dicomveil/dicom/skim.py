"""Skim a data set: the few top-level elements that are asked for, all others stepped over.

The fast road beside `walk`, for those who replace some elements and copy the rest. It reads what is
plain: tags in order, lengths that are even and fit. Whatever else it meets it leaves to `walk`,
which says what is wrong, or that nothing is. A test holds both to the same elements.
"""

from collections.abc import Sequence
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


class Asked(NamedTuple):
    """Which elements are asked for, and of which it must be known where they would lie."""

    tags: frozenset[Tag]
    places: Sequence[Tag]  # in order, each among `tags`


class Skimmed(NamedTuple):
    """What was asked for."""

    elements: list[Element]
    gaps: dict[Tag, int]  # where each of the places that is absent would lie
    reach: int  # the byte after the last head that was read


def skim(data: Bytes, size: int, form: Form, start: int, asked: Asked) -> Skimmed | None:
    """The elements asked for of the data set that begins at `start` of an object of `size` bytes.

    None when `data`, which may be its first bytes alone, does not reach, or when something is not
    plain. Raises nothing.
    """
    skimmer = _Skimmer(data, size, form, asked)
    read = skimmer.implicit if form is Form.IMPLICIT_LE else skimmer.explicit
    try:
        whole = read(start)
    except InvalidDicom:
        return None
    return skimmer.result if whole else None


class _Skimmer:
    def __init__(self, data: Bytes, size: int, form: Form, asked: Asked) -> None:
        self.data = data
        self.size = size
        self.form = form
        self.asked = asked
        self.result = Skimmed([], {}, 0)
        self._waiting = list(reversed(asked.places))

    def explicit(self, at: int) -> bool:
        """Step from head to head; the commonest, of a short VR, without another call."""
        data, size, form = self.data, self.size, self.form
        last = min(len(data), size) - _LONG_HEAD
        unpack, wanted = EXPLICIT_HEADS[form].unpack_from, self.asked.tags
        due = self._due(-1, at)
        previous, head = -1, at
        while at < size:
            if at > last:
                return False
            group, number, code, length = unpack(data, at)
            tag = group << 16 | number
            head = at
            if tag > due:
                due = self._due(tag, at)
            vr = SHORT_CODES.get(code)
            if vr is None:
                at = self._long(tag, code, at)
            else:
                at += _HEAD + length
                if tag in wanted:
                    self._note(Element(tag, vr, head, head + _HEAD, at, at, None, form))
            if tag <= previous or at & 1 or at > size or group == 0 or previous >= PIXEL_DATA:
                return False
            previous = tag
        return self._end(head, at)

    def implicit(self, at: int) -> bool:
        """The same where no VR is said: only what is asked for needs one."""
        data, size = self.data, self.size
        last = min(len(data), size) - _HEAD
        unpack, wanted = IMPLICIT_HEAD.unpack_from, self.asked.tags
        due = self._due(-1, at)
        previous, head = -1, at
        while at < size:
            if at > last:
                return False
            group, number, length = unpack(data, at)
            tag = group << 16 | number
            head = at
            if tag > due:
                due = self._due(tag, at)
            if length == UNDEFINED or tag in wanted:
                at = self._walked(at, tag)
            else:
                at += _HEAD + length
            if tag <= previous or at & 1 or at > size or group == 0 or previous >= PIXEL_DATA:
                return False
            previous = tag
        return self._end(head, at)

    def _long(self, tag: Tag, code: bytes, at: int) -> int:
        """The byte after an element of a 32-bit length, or beyond the object for what is none."""
        if code not in VRS:
            return self.size + 1
        length: int = LENGTHS[self.form].unpack_from(self.data, at + _HEAD)[0]
        if length == UNDEFINED or tag in self.asked.tags:
            return self._walked(at, tag)
        return at + _LONG_HEAD + length

    def _walked(self, at: int, tag: Tag) -> int:
        """The byte after an element that only the walk can tell of."""
        element = walk_element(self.data, at, self.form)[0]
        if tag in self.asked.tags:
            self._note(element)
        return element.end

    def _note(self, element: Element) -> None:
        if element.end <= len(self.data):
            self.result.elements.append(element)
        else:
            self.size = -1  # its value is beyond: `_end` will say so

    def _due(self, tag: Tag, at: int) -> Tag:
        """The next place that is waited for, after noting those that come before `tag`."""
        waiting, gaps = self._waiting, self.result.gaps
        while waiting and waiting[-1] < tag:
            gaps[waiting.pop()] = at
        return waiting[-1] if waiting else _NEVER

    def _end(self, head: int, at: int) -> bool:
        """Note what is absent at the end; whether all was there that was asked for."""
        if self.size < 0:
            return False
        self._due(_NEVER, at)
        for element in self.result.elements:
            self.result.gaps.pop(element.tag, None)
        self.result = self.result._replace(reach=head + _LONG_HEAD)
        return True
