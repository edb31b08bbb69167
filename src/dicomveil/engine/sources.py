"""What an element says, as the text that a substitution takes from it, whatever its VR.

Text is read as pydicom reads it, so that hashes are those that pfdicom_tagSub gave: trailing
padding goes, leading blanks stay, bytes that no character set explains are Latin-1.
"""

from collections.abc import Sequence
from contextlib import suppress
from struct import Struct
from typing import Final, NamedTuple

from dicomveil.dicom.charsets import DEFAULT, Charset
from dicomveil.dicom.elements import Element
from dicomveil.dicom.tags import tag_text
from dicomveil.dicom.values import CHARSET_VRS, SINGLE_VRS, TEXT_VRS
from dicomveil.dicom.walk import walk_element
from dicomveil.engine.scene import Scene
from dicomveil.errors import BadValue, TooLarge

_PAD: Final = " \0"
_BARE: Final = frozenset({"AE", "CS", "DS", "IS", "UI"})  # blanks before them mean nothing
_LETTERS: Final = "FD=d FL=f SL=i SS=h SV=q UL=I US=H UV=Q"
_NUMBERS: Final = dict(pair.split("=") for pair in _LETTERS.split())
_LONGEST: Final = 1 << 20


class Said(NamedTuple):
    """The value of an element: its parts as texts, and the bytes that seed a name."""

    values: Sequence[str]
    seed: bytes


def said(scene: Scene, element: Element) -> Said:
    """What the element says; TooLarge for more than 1 MB, which is no text for a header.

    A sequence says what all its elements say, one after the other.
    """
    if element.length > _LONGEST:
        raise TooLarge("a value of this size is no source", path=element.path)
    if element.vr == "SQ":
        inside = _inside(scene, element)
        values = [text for one in inside for text in said(scene, one).values if text]
        return Said(values or [""], "\\".join(values).encode())
    raw = scene.raw(element)
    values = _values(raw, element, scene)
    if element.vr == "PN":
        # As pydicom: groups that are empty at the end are no part of a name.
        names = [name.rstrip("=") for name in values]
        return Said(names, _seed(raw, "\\".join(names), _charset(scene, element)))
    return Said(values, "\\".join(values).encode())


def _inside(scene: Scene, sequence: Element) -> list[Element]:
    """The elements of the sequence's items, without the sequences among them."""
    walked = walk_element(scene.data, sequence.start, sequence.form)
    return [e for e in walked[1:] if e.vr and e.vr != "SQ"]


def _values(raw: bytes, element: Element, scene: Scene) -> list[str]:
    vr = element.vr
    if vr in TEXT_VRS:
        charset = _charset(scene, element) if vr in CHARSET_VRS else DEFAULT
        text = _decoded(raw.rstrip(_PAD.encode()), vr, charset)
        parts = [text] if vr in SINGLE_VRS else text.split("\\")
        return [p.strip(_PAD) if vr in _BARE else p.rstrip(_PAD) for p in parts]
    letter = _NUMBERS.get(vr)
    if letter is not None:
        packed = Struct(element.form.order + letter)
        whole = raw[: len(raw) // packed.size * packed.size]
        return [str(number) for (number,) in packed.iter_unpack(whole)] or [""]
    if vr == "AT":
        pairs = Struct(element.form.order + "HH").iter_unpack(raw[: len(raw) // 4 * 4])
        return [tag_text(group << 16 | number) for group, number in pairs] or [""]
    return [raw.hex()]


def _seed(raw: bytes, names: str, charset: Charset | None) -> bytes:
    """The bytes of a name in its own character set; with escapes as pydicom writes them anew."""
    if charset is not None and charset.extended is not None:
        with suppress(BadValue):
            return charset.encode(names, "\\^=")
    return raw.rstrip(_PAD.encode()).rstrip(b"=")


def _charset(scene: Scene, element: Element) -> Charset | None:
    try:
        return scene.charset(element)
    except BadValue:
        return None


def _decoded(value: bytes, vr: str, charset: Charset | None) -> str:
    """The text; where its character set does not explain it, as Latin-1 or with marks in it."""
    if charset is not None:
        try:
            return charset.decode(value, b"\\^=" if vr == "PN" else b"\\")
        except BadValue:
            pass
    if charset is None or charset == DEFAULT or charset.extended is not None:
        return value.decode("latin-1")
    return value.decode(charset.codec, "replace")
