"""What a directory record says of a patient, study, series or object (PS3.3 F.5).

A record requires values that an object may do without, and that de-identification takes away, such
as the date of a study: there the record has the dummy of the attribute.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple

from dicomveil.dicom.dictionary import tag_of, vr_of
from dicomveil.dicom.forms import Form, encode_element, encode_item
from dicomveil.dicom.packaged import packaged
from dicomveil.dicom.rewriting import Rewriter
from dicomveil.dicom.values import TEXT_VRS
from dicomveil.policy import dummies

CHARACTER_SET: Final = 0x00080005
_LOWEST: Final = "IMAGE"
_FORM: Final = Form.EXPLICIT_LE


class Attributes(NamedTuple):
    """The attributes of a kind of record, by their Types."""

    required: frozenset[int]
    empty_at_least: frozenset[int]
    optional: frozenset[int]

    def in_order(self) -> list[int]:
        """Every tag, in the order in which elements lie."""
        return sorted(self.required | self.empty_at_least | self.optional)


def lowest_record(sop_class: str) -> str:
    """The kind of the record of an object of this SOP Class (PS3.3 F.4)."""
    return _classes().get(sop_class, _LOWEST)


def attributes_of(kind: str, found: Rewriter) -> bytes:
    """The elements of a record of this kind but for those of group 0004, from an object's."""
    wanted = _attributes()[kind]
    charset = found.roots.get(CHARACTER_SET)
    written = [found.element(charset)] if charset and charset.length else []
    for tag in wanted.in_order():
        element = found.roots.get(tag)
        if element is not None and element.length and element.vr == vr_of(tag):
            written.append(found.element(element))
        elif tag in wanted.required:
            written.append(_dummy(tag))
        elif tag in wanted.empty_at_least:
            written.append(encode_element(_FORM, tag, vr_of(tag) or "UN", b""))
    return b"".join(written)


def _dummy(tag: int) -> bytes:
    """The element with the constant that says nothing."""
    vr = vr_of(tag) or "UN"
    if vr == "SQ":
        return encode_element(_FORM, tag, vr, _item(dummies.item_for(tag)))
    return _padded(tag, vr, dummies.value_at(tag, vr))


def _item(item: Sequence[dummies.DummyElement]) -> bytes:
    inside = (
        encode_element(_FORM, one.tag, "SQ", b"".join(map(_item, one.items)))
        if one.vr == "SQ"
        else _padded(one.tag, one.vr, one.value("little"))
        for one in item
    )
    return encode_item(_FORM, b"".join(inside))


def _padded(tag: int, vr: str, value: bytes) -> bytes:
    pad = b" " if vr in TEXT_VRS and vr != "UI" else b"\0"
    return encode_element(_FORM, tag, vr, value + pad * (len(value) & 1))


@cache
def _attributes() -> dict[str, Attributes]:
    return {kind: Attributes(*map(_tags, types)) for kind, *types in _rows("directory_records.tsv")}


@cache
def _classes() -> dict[str, str]:
    return {row[0]: row[1] for row in _rows("directory_classes.tsv")}


def _rows(table: str) -> Iterator[list[str]]:
    with packaged("jobs", table) as file:
        for line in file.read().splitlines():
            if not line.startswith("#"):
                yield line.split("\t")


def _tags(keywords: str) -> frozenset[int]:
    found = {word: tag_of(word) for word in keywords.split()}
    assert None not in found.values(), found  # the table is ours
    return frozenset(tag for tag in found.values() if tag is not None)
