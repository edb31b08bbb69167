"""The original with some stretches replaced: new bytes, and spans of what stays.

The lengths of the items and sequences around a change are mended, and nothing else is touched:
`splice(data, [])` is the one span of all of `data`.
"""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple, assert_never

from dicomveil.dicom.elements import Element
from dicomveil.dicom.forms import LENGTHS, UNDEFINED
from dicomveil.dicom.walk import Bytes
from dicomveil.errors import TooLarge


class Span(NamedTuple):
    """A stretch of the original's bytes, to be copied as they are."""

    start: int
    stop: int


class Masked(NamedTuple):
    """A stretch of the original's bytes of which only some bits stay.

    Why it is no Span: who copies spans and knows nothing of masks must not copy it.
    """

    span: Span
    keep: bytes  # the bits of each word of so many bytes that stay; the span holds whole words

    def of(self, words: Bytes) -> bytes:
        """Whole words of the stretch as they are written."""
        size = len(words)
        bits = int.from_bytes(self.keep * (size // len(self.keep)), "little")
        return (int.from_bytes(words, "little") & bits).to_bytes(size, "little")


class Edit(NamedTuple):
    """Put `new`, whole encoded elements or nothing, in place of start:stop of the original.

    start == stop inserts. `holder` is the item that the stretch lies in, None at the root.
    """

    start: int
    stop: int
    new: bytes
    holder: Element | None


Segment = bytes | Span | Masked


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
    return b"".join(_written(data, segment) for segment in segments)


def size_of(segment: Segment) -> int:
    """How many bytes of output a segment is."""
    if isinstance(segment, bytes):
        return len(segment)
    span = segment.span if isinstance(segment, Masked) else segment
    return span.stop - span.start


def _written(data: Bytes, segment: Segment) -> bytes:
    match segment:
        case bytes():
            return segment
        case Span(start, stop):
            return bytes(data[start:stop])
        case Masked(span):
            return segment.of(data[span.start : span.stop])
        case _:
            assert_never(segment)


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
