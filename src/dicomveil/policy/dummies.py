"""The constants that stand where a value is required and the old one may not stay.

A dummy depends on the VR alone, for a few attributes on the tag, so it says nothing of the value it
replaces; a sequence gets one item of dummies that depends on its tag. UI has none: a constant would
merge what was different, so its dummy is a new keyed UID. docs/dummies.md shows the tables to
readers.
"""

import struct
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import groupby
from typing import Literal, NamedTuple

from dicomveil.dicom.dictionary import vm_of
from dicomveil.dicom.tags import parse_tag
from dicomveil.policy import tables

BY_VR = "dummies_by_vr.tsv"
BY_TAG = "dummies_by_tag.tsv"
BY_SEQUENCE = "dummies_by_sequence.tsv"

ByteOrder = Literal["little", "big"]

_NUMBERS = {
    "US": "H",
    "SS": "h",
    "UL": "I",
    "SL": "i",
    "UV": "Q",
    "SV": "q",
    "FL": "f",
    "FD": "d",
}
_BYTES = frozenset({"AT", "OB", "OD", "OF", "OL", "OV", "OW", "UN"})


class DummyElement(NamedTuple):
    """An element of a dummy item: a value as the table writes it, or, for SQ, its items."""

    tag: int
    vr: str
    text: str
    items: tuple[tuple["DummyElement", ...], ...]

    def value(self, order: ByteOrder) -> bytes:
        """The value's bytes, not padded; nothing for SQ."""
        return packed(self.vr, self.text, order)


Item = tuple[DummyElement, ...]


def value_for(vr: str) -> bytes:
    """The dummy of a VR, not padded, the same in both byte orders; KeyError for SQ and UI."""
    return packed(vr, _by_vr()[vr], "little")


def value_at(tag: int, vr: str) -> bytes:
    """The dummy of an attribute where it has one of its own in this VR, else that of the VR.

    The VR's is given as often as the attribute has values at least (PS3.6).
    """
    own = _by_tag().get((tag, vr))
    if own is not None:
        return own
    between = b"" if vr in _NUMBERS or vr in _BYTES else b"\\"
    return between.join([value_for(vr)] * _fewest(tag))


def has_item(tag: int) -> bool:
    """Whether there is an item of dummies for the sequence `tag`."""
    return tag in _by_sequence()


def item_for(tag: int) -> Item:
    """The elements, in ascending order, of the one item that the sequence `tag` is left with."""
    return _by_sequence()[tag]


def described() -> str:
    """The tables as one text: equal texts give equal dummies."""
    return "".join(tables.read_text(table) for table in (BY_VR, BY_TAG, BY_SEQUENCE))


def _fewest(tag: int) -> int:
    return int((vm_of(tag) or "1").partition("-")[0])


@cache
def _by_vr() -> dict[str, str]:
    return {vr: value for vr, value, _ in tables.read_rows(BY_VR)}


@cache
def _by_tag() -> dict[tuple[int, str], bytes]:
    rows = tables.read_rows(BY_TAG)
    return {(parse_tag(tag), vr): packed(vr, value, "little") for tag, vr, value, _ in rows}


@cache
def _by_sequence() -> dict[int, Item]:
    rows = [(path.split(" > "), vr, text) for path, vr, text in tables.read_rows(BY_SEQUENCE)]
    return {element.tag: element.items[0] for element in _elements(rows)}


_Row = tuple[Sequence[str], str, str]


def _elements(rows: Iterable[_Row]) -> Item:
    grouped = groupby(rows, key=lambda row: row[0][0])
    return tuple(_element(tag, list(below)) for tag, below in grouped)


def _element(tag: str, rows: Sequence[_Row]) -> DummyElement:
    (_, vr, text), *inside = rows
    within = _elements((path[1:], vr, text) for path, vr, text in inside)
    return DummyElement(parse_tag(tag), vr, text, (within,) if within else ())


def packed(vr: str, text: str, order: ByteOrder) -> bytes:
    """The value that a text writes for a VR: numbers as decimals, bytes as hexadecimal digits.

    Raises ValueError or struct.error for a text that is no such value.
    """
    if vr in _BYTES:
        return bytes.fromhex(text)
    letter = _NUMBERS.get(vr)
    if letter is None:
        return text.encode("ascii")
    numbers = [float(part) if vr in ("FL", "FD") else int(part) for part in text.split("\\")]
    sign = "<" if order == "little" else ">"
    return struct.pack(f"{sign}{len(numbers)}{letter}", *numbers)
