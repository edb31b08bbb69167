"""The original with some stretches replaced: new bytes, and spans of what stays.

The lengths of the items and sequences around a change are mended, and nothing else is touched:
`splice(data, [])` is the one span of all of `data`.
"""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

from dicomveil.dicom.elements import Element
from dicomveil.dicom.forms import LENGTHS, UNDEFINED
from dicomveil.dicom.walk import Bytes
from dicomveil.errors import TooLarge


class Span(NamedTuple):
    """A stretch of the original's bytes, to be copied as they are."""

    start: int
    stop: int


class Edit(NamedTuple):
    """Put `new`, whole encoded elements or nothing, in place of start:stop of the original.

    start == stop inserts. `holder` is the item that the stretch lies in, None at the root.
    """

    start: int
    stop: int
    new: bytes
    holder: Element | None


Segment = bytes | Span


def splice(
    data: Bytes, edits: Iterable[Edit], start: int = 0, stop: int | None = None
) -> list[Segment]:
    """The segments of `data` from start to stop with these edits, which must not overlap.

    Edits at one place keep their order. Raises TooLarge when an item outgrows its length field.
    """
    stop = len(data) if stop is None else stop
    segments: list[Segment] = []
    at = start
    for change in mended(edits):
        if change.start < at:
            raise ValueError("edits overlap")
        if change.start > at:
            segments.append(Span(at, change.start))
        if change.new:
            segments.append(change.new)
        at = change.stop
    if at < stop:
        segments.append(Span(at, stop))
    return segments


def mended(edits: Iterable[Edit]) -> list[Edit]:
    """The edits in the order they lie, and those of the length fields that they make wrong."""
    return sorted(_with_lengths_mended(list(edits)), key=attrgetter("start"))


def joined(data: Bytes, segments: Sequence[Segment]) -> bytes:
    """The output of these segments, in memory."""
    return b"".join(
        bytes(data[segment.start : segment.stop]) if isinstance(segment, Span) else segment
        for segment in segments
    )


def _with_lengths_mended(edits: list[Edit]) -> list[Edit]:
    """The edits, and one for the length field of each defined-length holder that changes."""
    growth: dict[int, int] = {}
    holders: dict[int, Element] = {}
    for edit in edits:
        delta = len(edit.new) - (edit.stop - edit.start)
        here = edit.holder if delta else None
        while here is not None:
            if not here.undefined:
                growth[id(here)] = growth.get(id(here), 0) + delta
                holders[id(here)] = here
            here = here.holder
    return edits + [_length_edit(holders[key], delta) for key, delta in growth.items() if delta]


def _length_edit(holder: Element, delta: int) -> Edit:
    """The new 32-bit length that stands in the four bytes before the holder's value."""
    length = holder.length + delta
    if length >= UNDEFINED:
        raise TooLarge("an item outgrows its length field", path=holder.path, offset=holder.start)
    at = holder.value
    return Edit(at - 4, at, LENGTHS[holder.form].pack(length), None)
