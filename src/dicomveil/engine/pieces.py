"""An object as a row of pieces: what was read of each top-level element, and what was written."""

from collections.abc import Sequence
from typing import NamedTuple

from dicomveil.dicom.elements import Element
from dicomveil.dicom.part10 import MEDIA_SOP_INSTANCE
from dicomveil.dicom.splice import Edit, joined, splice
from dicomveil.dicom.tags import PIXEL_TAGS
from dicomveil.engine.deidentify import Act, Rules, meta_of


class Piece(NamedTuple):
    """A top-level element, file meta included: its bytes, and those written in its place."""

    element: Element
    read: bytes
    before: bytes  # what is inserted before it
    written: bytes


def pieces_of(act: Act, rules: Rules) -> list[Piece]:
    """The whole file as pieces, but for the pixel value: a last piece has its head alone."""
    return [*_meta_pieces(act, rules), *_root_pieces(act)]


def _meta_pieces(act: Act, rules: Rules) -> list[Piece]:
    """The old file meta; the new one is written around its SOP Instance UID."""
    before, uid, after = meta_of(act, rules)
    meta = act.part10.meta
    written = {MEDIA_SOP_INSTANCE: before + uid, meta[-1].tag: after}
    return [
        Piece(e, bytes(act.scene.data[e.start : e.end]), b"", written.get(e.tag, b"")) for e in meta
    ]


def _root_pieces(act: Act) -> list[Piece]:
    """The top-level elements of the data set."""
    inside: dict[int, list[Edit]] = {}
    before: dict[int, bytes] = {}
    for edit in act.edits:
        if edit.holder is None and edit.start == edit.stop:
            before[edit.start] = before.get(edit.start, b"") + edit.new
        else:
            inside.setdefault(_root_start(edit), []).append(edit)
    return [
        _piece(act, element, before.get(element.start, b""), inside.get(element.start, ()))
        for element in act.scene.roots.values()
    ]


def _root_start(edit: Edit) -> int:
    """Where the top-level element that holds the edit begins."""
    start, holder = edit.start, edit.holder
    while holder is not None:
        start, holder = holder.start, holder.holder
    return start


def _piece(act: Act, element: Element, before: bytes, edits: Sequence[Edit]) -> Piece:
    data = act.scene.data
    if element.tag in PIXEL_TAGS and element.end == act.end:
        head = bytes(data[element.start : element.value])
        return Piece(element, head, before, head)
    read = bytes(data[element.start : element.end])
    if not edits:
        return Piece(element, read, before, read)
    return Piece(
        element, read, before, joined(data, splice(data, edits, element.start, element.end))
    )
