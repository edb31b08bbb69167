"""An object as a row of pieces: what was read of each element, and what was written for it.

Sequences that stay are taken apart into heads, elements and delimiters, so that one UID deep in a
sequence is one piece; a sequence that goes or is replaced is one piece as a whole.
"""

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from dicomveil.dicom.elements import Element
from dicomveil.dicom.part10 import MEDIA_SOP_INSTANCE
from dicomveil.dicom.splice import Edit, mended
from dicomveil.dicom.tags import PIXEL_TAGS
from dicomveil.engine.deidentify import Act, Rules, meta_of


class Part(Enum):
    """What of its element a piece is."""

    WHOLE = "an element, or a sequence that goes or is replaced"
    HEAD = "the head of a sequence or item that stays"
    END = "its end: what is added there, and the delimiter if it has one"


class Piece(NamedTuple):
    """One element, file meta included, or the head or the end of a sequence or item."""

    element: Element
    read: bytes
    before: bytes  # what is inserted before it
    written: bytes
    part: Part


def pieces_of(act: Act, rules: Rules) -> list[Piece]:
    """The whole file as pieces, but for the pixel value that ends it: its piece is its head."""
    return [*_meta_pieces(act, rules), *_Cutter(act).pieces()]


def _meta_pieces(act: Act, rules: Rules) -> Iterator[Piece]:
    """The old file meta; the new one is written around its SOP Instance UID."""
    before, uid, after = meta_of(act, rules)
    meta = act.part10.meta
    written = {MEDIA_SOP_INSTANCE: before + uid, meta[-1].tag: after}
    data = act.scene.data
    for e in meta:
        yield Piece(e, bytes(data[e.start : e.end]), b"", written.get(e.tag, b""), Part.WHOLE)


class _Cutter:
    """Cuts a data set at the bounds of its elements, with the edits that fall on each piece."""

    def __init__(self, act: Act) -> None:
        self._data = bytes(act.scene.data[: _header_end(act)])
        self._elements = act.scene.elements
        self._end = act.end
        self._edits = mended(act.edits)
        self._next = 0

    def pieces(self) -> Iterator[Piece]:
        """The pieces in the order they lie."""
        open_frames: list[Element] = []
        skip = -1
        for element in self._elements:
            if element.start < skip:
                continue
            while open_frames and element.start >= open_frames[-1].stop:
                yield self._closing(open_frames.pop())
            if element.vr not in ("SQ", "") or self._is_replaced(element):
                skip = element.end
                ends = element.tag in PIXEL_TAGS and element.end == self._end
                stop = element.value if ends else element.end
                yield self._piece(element, element.start, stop, Part.WHOLE)
            else:
                yield self._piece(element, element.start, element.value, Part.HEAD)
                open_frames.append(element)
        while open_frames:
            yield self._closing(open_frames.pop())

    def _closing(self, frame: Element) -> Piece:
        """The end of a sequence or item."""
        return self._piece(frame, frame.stop, frame.end, Part.END)

    def _is_replaced(self, element: Element) -> bool:
        """Whether the next edits take the whole element away."""
        at = self._next
        while at < len(self._edits) and self._edits[at].start == element.start:
            if self._edits[at].stop == element.end > element.start:
                return True
            at += 1
        return False

    def _piece(self, element: Element, start: int, stop: int, part: Part) -> Piece:
        """start:stop with its edits; what is inserted right at `start` comes before it."""
        before, parts, at = b"", [], start
        while (edit := self._due(start, stop)) is not None:
            if edit.start == edit.stop == start:
                before += edit.new
                continue
            parts += [self._data[at : edit.start], edit.new]
            at = edit.stop
        read = self._data[start:stop]
        written = b"".join([*parts, self._data[at:stop]]) if parts else read
        return Piece(element, read, before, written, part)

    def _due(self, start: int, stop: int) -> Edit | None:
        """The next edit, taken, when it begins within start:stop, or is put right at start."""
        if self._next == len(self._edits):
            return None
        edit = self._edits[self._next]
        if edit.start >= stop and not (edit.start == edit.stop == start):
            return None
        self._next += 1
        return edit


def _header_end(act: Act) -> int:
    """Where the last element's value begins when it is pixel data, else the data set's end."""
    last = next(reversed(act.scene.roots.values()), None)
    return last.value if last is not None and last.tag in PIXEL_TAGS else act.end
