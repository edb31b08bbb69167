"""Compare two files element by element: what is gone, emptied, replaced or new, and by which rule.

Elements are paired by their paths, items by their numbers. What a difference lies in is told once:
a sequence that is gone is one difference, whatever was in it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from dicomveil.dicom.elements import Element
from dicomveil.dicom.tags import PIXEL_TAGS
from dicomveil.engine.explanation import Explanation
from dicomveil.engine.side import Side
from dicomveil.policy.actions import Dummy
from dicomveil.policy.profile import Profile

_Key = tuple[int, ...]
_Pair = tuple[_Key, Element | None, Element | None]


class What(Enum):
    """What became of an element."""

    REMOVED = "removed"
    EMPTIED = "emptied"
    REPLACED = "replaced"
    INSERTED = "inserted"


class Pixels(Enum):
    """What became of the pixel data."""

    NONE = "neither file has pixel data"
    SAME = "the same bytes"
    DIFFERENT = "not the same bytes"


class Frame(Enum):
    """A part of a file that is no element."""

    PREAMBLE = "preamble"
    TAIL = "bytes after the last element"


class Difference(NamedTuple):
    """One element or item that is not the same in both files."""

    what: What
    before: Element | None  # None when it was inserted
    after: Element | None  # None when it was removed
    rule: str  # what the profile does here, when AFTER is just that; "" when nothing explains it


class FrameDifference(NamedTuple):
    """A part around the elements that is not the same in both files."""

    part: Frame
    rule: str  # as in Difference


@dataclass(slots=True)
class Comparison:
    """All that differs between two files, in the order it lies."""

    differences: list[Difference] = field(default_factory=list)
    frames: list[FrameDifference] = field(default_factory=list)
    kept: int = 0  # elements that are in both and the same, sequences included
    pixels: Pixels = Pixels.NONE

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.differences and not self.frames

    @property
    def counts(self) -> Mapping[What, int]:
        """How many differences there are of each kind."""
        return Counter(difference.what for difference in self.differences)

    @property
    def rules(self) -> Mapping[str, int]:
        """How many differences each rule explains; "" counts those that none does."""
        return Counter([d.rule for d in self.differences] + [f.rule for f in self.frames])


def compare(before: Side, after: Side, profile: Profile) -> Comparison:
    """What differs between the files, and where AFTER is what `profile` makes of BEFORE.

    Two elements are the same when their VRs and the bytes of their values are; lengths of
    sequences and items are not compared, for they follow from what is inside.
    """
    comparison = Comparison()
    explanation = Explanation(before, after, profile)
    closed: _Key = (-1,)
    for key, one, other in _pairs(before, after):
        if key[: len(closed)] == closed:
            continue
        what = _what(one, other, before, after, explanation)
        if what is not None:
            closed = key
            rule = explanation.of(one, other)
            comparison.differences.append(Difference(what, one, other, rule))
        elif one is not None and one.vr:
            comparison.kept += 1
    comparison.frames.extend(_frames(before, after, explanation))
    comparison.pixels = _pixels(before, after, comparison.differences)
    return comparison


def _pairs(before: Side, after: Side) -> Iterator[_Pair]:
    """The elements of both in the order they lie, file meta first, None where one has none."""
    for ones, others in (
        (before.reading.meta, after.reading.meta),
        (before.reading.elements, after.reading.elements),
    ):
        mine, theirs = _keyed(ones), _keyed(others)
        for key in sorted(mine.keys() | theirs.keys()):
            yield key, mine.get(key), theirs.get(key)


def _keyed(elements: Iterable[Element]) -> dict[_Key, Element]:
    """The elements by their tags and item numbers from the root, which sort as they lie."""
    keys: dict[int, _Key] = {}
    keyed: dict[_Key, Element] = {}
    for element in elements:
        above = keys[id(element.holder)] if element.holder else ()
        key = (*above, element.tag if element.vr else element.index)
        keyed[key] = element
        if element.vr in {"", "SQ"}:
            keys[id(element)] = key
    return keyed


def _what(
    one: Element | None, other: Element | None, before: Side, after: Side, rules: Explanation
) -> What | None:
    """What became of the element; None when it is the same, or when what lies in it tells."""
    if one is None:
        return What.INSERTED
    if other is None:
        return What.REMOVED
    if one.vr == other.vr and (not one.vr or _same(one, other, before, after)):
        return None
    if one.length and not other.length:
        return What.EMPTIED
    looked_into = one.vr == other.vr == "SQ" and not isinstance(rules.action(one), Dummy)
    return None if looked_into else What.REPLACED


def _same(one: Element, other: Element, before: Side, after: Side) -> bool:
    """Whether the bytes of both values are the same, compared in bounded memory."""
    if one.length != other.length:
        return False
    mine = before.pieces(one.value, one.stop, one)
    theirs = after.pieces(other.value, other.stop, other)
    return all(a == b for a, b in zip(mine, theirs, strict=True))


def _frames(before: Side, after: Side, rules: Explanation) -> Iterator[FrameDifference]:
    if before.reading.preamble != after.reading.preamble:
        yield FrameDifference(Frame.PREAMBLE, rules.of_meta())
    if not _same_tail(before, after):
        yield FrameDifference(Frame.TAIL, rules.of_tail())


def _same_tail(before: Side, after: Side) -> bool:
    if before.tail != after.tail:
        return False
    mine, theirs = (s.pieces(s.reading.end, len(s.reading.body)) for s in (before, after))
    return all(a == b for a, b in zip(mine, theirs, strict=True))


def _pixels(before: Side, after: Side, differences: Iterable[Difference]) -> Pixels:
    if not (before.body.roots.keys() | after.body.roots.keys()) & PIXEL_TAGS:
        return Pixels.NONE
    differing = (d.before or d.after for d in differences)
    changed = any(e and e.tag in PIXEL_TAGS and e.holder is None for e in differing)
    return Pixels.DIFFERENT if changed else Pixels.SAME
