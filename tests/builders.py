"""Bytes for tests: annotated hex, and data sets written from small trees of elements.

The trees can be written in every form of PS3.5 §7.1, with every kind of length, and wrongly: a
length that lies, a sequence sent as UN. `tests/dicom/test_builders.py` has pydicom read them.
"""

import re
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Literal

from dicomveil.dicom.forms import LONG_VRS, TAGS, UNDEFINED, Form, encode_element
from dicomveil.dicom.tags import ITEM, ITEM_END, SEQUENCE_END
from dicomveil.engine.original import BytesOriginal

KEY = bytes(range(32))
STORAGE = "1.2.840.10008.5.1.4.1.1"
CT = f"{STORAGE}.2"
IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
JPEG = "1.2.840.10008.1.2.4.50"
FORMS = {
    IMPLICIT: Form.IMPLICIT_LE,
    EXPLICIT: Form.EXPLICIT_LE,
    DEFLATED: Form.EXPLICIT_LE,
    BIG_ENDIAN: Form.EXPLICIT_BE,
    JPEG: Form.EXPLICIT_LE,
}
_LETTERS = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d", "UV": "Q", "SV": "q"}
_QUOTED = re.compile(r'"([^"]*)"')


def dicom(annotated: str) -> bytes:
    """The bytes of lines of hexadecimal pairs and "quoted text", with notes after #."""
    found = b""
    for line in annotated.splitlines():
        code = line.split("#", 1)[0]
        for number, part in enumerate(_QUOTED.split(code)):
            found += part.encode("latin-1") if number % 2 else bytes.fromhex(part)
    return found


class Ends(Enum):
    """How the end of a sequence, an item or pixel data is told."""

    LENGTH = "by its length"
    DELIMITER = "by a delimiter"


@dataclass(frozen=True)
class Item:
    """A sequence item."""

    elements: tuple["El", ...]
    ends: Ends = Ends.LENGTH
    lie: int = 0  # added to the length that is written


Value = bytes | str | tuple[int | float, ...] | list[Item] | list[bytes]


@dataclass(frozen=True)
class El:
    """An element: text is padded, numbers are packed, a list holds items or fragments."""

    tag: int
    vr: str
    value: Value = b""
    ends: Ends = Ends.LENGTH
    wire: str = ""  # the VR that is written, where it is another one
    lie: int = 0  # added to the length that is written

    def having(self, value: Value) -> "El":
        """The same element with another value."""
        return replace(self, value=value)


def encode(elements: Iterable[El], form: Form = Form.EXPLICIT_LE) -> bytes:
    """The elements as they lie in a data set, in the order given."""
    return b"".join(_element(element, form) for element in elements)


def meta(sop: str, syntax: str = EXPLICIT, sop_class: str = CT, extra: Sequence[El] = ()) -> bytes:
    """File meta information with its group length, always explicit little endian."""
    elements = [
        El(0x00020001, "OB", b"\0\1"),
        El(0x00020002, "UI", sop_class),
        El(0x00020003, "UI", sop),
        El(0x00020010, "UI", syntax),
        El(0x00020012, "UI", "1.2.3.4.5.6.7.8"),
        *extra,
    ]
    rest = encode(sorted(elements, key=lambda element: element.tag))
    return encode([El(0x00020000, "UL", (len(rest),))]) + rest


def part10(elements: Sequence[El], syntax: str = EXPLICIT, sop: str | None = None) -> bytes:
    """A whole file around the elements; the file meta is in step with them unless `sop` is told."""
    said = {e.tag: e.value for e in elements}
    named, sop_class = said.get(0x00080018, "1.2.3"), said.get(0x00080016, CT)
    body = encode(elements, FORMS[syntax])
    if syntax == DEFLATED:
        body = deflated(body)
    frame = meta(str(named) if sop is None else sop, syntax, str(sop_class))
    return bytes(128) + b"DICM" + frame + body


def deflated(body: bytes) -> bytes:
    """A raw deflate stream of even length (PS3.5 §A.5)."""
    engine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    stream = engine.compress(body) + engine.flush()
    return stream + b"\0" * (len(stream) & 1)


def with_elements(elements: Sequence[El], *new: El) -> list[El]:
    """The elements with the new ones in the place of those of their tags, or where they belong."""
    kept = {e.tag: e for e in elements} | {e.tag: e for e in new}
    return [kept[tag] for tag in sorted(kept)]


def without(elements: Sequence[El], *tags: int) -> list[El]:
    """The elements but for those of these tags."""
    return [e for e in elements if e.tag not in tags]


def beginning(data: bytes, size: int) -> BytesOriginal:
    """An object of which only the first bytes are in memory yet."""
    original = BytesOriginal(data)
    original.head = data[:size]
    original.view = lambda: memoryview(data)  # type: ignore[method-assign]  # a file's way
    return original


def _element(element: El, form: Form) -> bytes:
    vr = element.wire or element.vr
    inside = Form.IMPLICIT_LE if element.wire == "UN" else form
    value = _value(element, inside)
    if element.ends is Ends.LENGTH and not element.lie:
        return encode_element(form, element.tag, vr, value)
    head = encode_element(form, element.tag, vr, b"")
    width = 4 if form is Form.IMPLICIT_LE or vr in LONG_VRS else 2
    if element.ends is Ends.LENGTH:
        length = (len(value) + element.lie) % (1 << 8 * width)
        return head[:-width] + length.to_bytes(width, _endian(form)) + value
    unknown = struct.pack(form.order + "L", UNDEFINED)
    return head[:-4] + unknown + value + _mark(SEQUENCE_END, 0, inside)


def _value(element: El, form: Form) -> bytes:
    value = element.value
    if isinstance(value, str):
        value = value.encode("latin-1")
    if isinstance(value, bytes):
        return value + (b"\0" if element.vr in ("UI", "OB", "UN") else b" ") * (len(value) & 1)
    if isinstance(value, tuple):
        return struct.pack(f"{form.order}{len(value)}{_LETTERS[element.vr]}", *value)
    return b"".join(
        _mark(ITEM, len(part), form) + part if isinstance(part, bytes) else _item(part, form)
        for part in value
    )


def _item(item: Item, form: Form) -> bytes:
    inside = encode(item.elements, form)
    if item.ends is Ends.LENGTH:
        return _mark(ITEM, len(inside) + item.lie, form) + inside
    return _mark(ITEM, UNDEFINED, form) + inside + _mark(ITEM_END, 0, form)


def _mark(tag: int, length: int, form: Form) -> bytes:
    return TAGS[form].pack(tag >> 16, tag & 0xFFFF) + struct.pack(form.order + "L", length)


def _endian(form: Form) -> Literal["little", "big"]:
    return "big" if form is Form.EXPLICIT_BE else "little"
