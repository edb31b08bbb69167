"""Keep in step what depends on elements that were written: lengths of groups, the file meta."""

from collections.abc import Iterator, Sequence
from typing import Final

from dicomveil.dicom.elements import Element
from dicomveil.dicom.forms import LENGTHS, Form, encode_element
from dicomveil.dicom.part10 import MEDIA_SOP_CLASS, MEDIA_SOP_INSTANCE, META_LENGTH, Part10
from dicomveil.dicom.splice import Edit
from dicomveil.dicom.tags import is_group_length
from dicomveil.engine.original import Original
from dicomveil.engine.scene import Scene
from dicomveil.engine.writing import Written

_SIZE: Final = 4


def length_edits(scene: Scene, written: Sequence[Written]) -> Iterator[Edit]:
    """New values of the group lengths around what was written (PS3.5 §7.2, retired)."""
    lengths = {
        (id(e.holder), e.tag >> 16): e
        for e in scene.elements
        if is_group_length(e.tag) and e.vr and e.length == _SIZE
    }
    if not lengths:
        return
    changed = {id(one.element) for one in written}
    growth: dict[tuple[int, int], int] = {}
    for element, _, new, _ in written:
        where = (id(element.holder), element.tag >> 16)
        growth[where] = growth.get(where, 0) + len(new) - (element.end - element.start)
    for where, delta in growth.items():
        length = lengths.get(where)
        if length is not None and delta and id(length) not in changed:
            yield _longer(length, scene.raw(length), delta)


def meta_edits(
    original: Original, part10: Part10, sop_class: Written | None, sop_instance: Written | None
) -> list[Edit]:
    """What makes the file meta name the object as its data set does (PS3.10 §7.1)."""
    new = {MEDIA_SOP_CLASS: sop_class, MEDIA_SOP_INSTANCE: sop_instance}
    edits: list[Edit] = []
    for element in part10.meta:
        written = new.get(element.tag)
        if written is not None:
            value = written.text.encode("ascii")
            value += b"\0" * (len(value) & 1)
            named = encode_element(Form.EXPLICIT_LE, element.tag, "UI", value)
            edits.append(Edit(element.start, element.end, named, None))
    delta = sum(len(edit.new) - (edit.stop - edit.start) for edit in edits)
    first = part10.meta[0] if part10.meta else None
    if delta and first is not None and first.tag == META_LENGTH and first.length == _SIZE:
        old = original.head[first.value : first.stop]
        edits.append(_longer(first, old, delta))
    return edits


def _longer(length: Element, value: bytes, delta: int) -> Edit:
    """The length in the same place, greater by `delta`."""
    packed = LENGTHS[length.form]
    new = packed.pack((packed.unpack(value)[0] + delta) & 0xFFFFFFFF)
    return Edit(length.value, length.stop, new, length.holder)
