"""Text to the bytes of a value that its VR allows: length, characters and form (PS3.5 table 6.2-1).

What does not fit is refused, or cut where that makes it fit.
"""

import struct
from collections.abc import Callable
from enum import Enum
from typing import Final, NamedTuple

from dicomveil.dicom.charsets import Charset
from dicomveil.dicom.forms import Form
from dicomveil.dicom.legality import FORMED_VRS, has_control, is_legal
from dicomveil.dicom.tags import parse_tag
from dicomveil.dicom.values import CHARSET_VRS, SINGLE_VRS, TEXT_VRS, encode
from dicomveil.errors import BadValue, Refused

_LONGEST: Final = {
    "AE": 16,
    "AS": 4,
    "CS": 16,
    "DA": 8,
    "DS": 16,
    "DT": 26,
    "IS": 12,
    "LO": 64,
    "LT": 10240,
    "SH": 16,
    "ST": 1024,
    "TM": 16,
    "UI": 64,
}
_NAME_GROUP: Final = 64
_NAME_GROUPS: Final = 3
_CODES: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ ")
_INTEGERS: Final = {"SL": "i", "SS": "h", "SV": "q", "UL": "I", "US": "H", "UV": "Q"}
_FLOATS: Final = {"FD": "d", "FL": "f"}
LONG: Final = "result-long"
CHARACTERS: Final = "result-characters"
FORM: Final = "result-form"


class Fit(Enum):
    """What is done about a text that does not fit."""

    REFUSE = "it is refused"
    CUT = "it is cut, and characters that cannot be written go"


class Target(NamedTuple):
    """What a text is to fit."""

    vr: str
    charset: Charset
    form: Form


def fitted(text: str, target: Target, fit: Fit) -> bytes:
    """The value's bytes, padded; Refused with one of three codes when the VR does not allow it.

    Backslashes set values apart where the VR can have several. An empty text fits every VR.
    """
    vr = target.vr
    if not text:
        return b""
    if vr in TEXT_VRS:
        values = [text] if vr in SINGLE_VRS else text.split("\\")
        if fit is Fit.CUT:
            values = [_cut(value, vr, target.charset) for value in values]
        return _written(values, target)
    if vr in _INTEGERS:
        return _packed(text, _INTEGERS[vr], int, target.form)
    if vr in _FLOATS:
        return _packed(text, _FLOATS[vr], float, target.form)
    if vr == "AT":
        return _tags(text, target.form)
    raise Refused(FORM)  # binary data and sequences hold no text


def _written(values: list[str], target: Target) -> bytes:
    vr = target.vr
    for value in values:
        if _is_long(value, vr):
            raise Refused(LONG)
    written = _encoded("\\".join(values), target)
    if has_control(written, vr):
        raise Refused(CHARACTERS)
    if vr in FORMED_VRS and not is_legal(written, vr):
        strange = vr == "CS" and not _CODES.issuperset("".join(values))
        raise Refused(CHARACTERS if strange else FORM)
    if vr == "PN" and any(value.count("=") >= _NAME_GROUPS for value in values):
        raise Refused(FORM)
    return written


def _encoded(text: str, target: Target) -> bytes:
    try:
        return encode(text, target.vr, target.charset)
    except BadValue:
        pass
    raise Refused(CHARACTERS)


def _is_long(value: str, vr: str) -> bool:
    if vr == "PN":
        return any(len(group) > _NAME_GROUP for group in value.split("="))
    return len(value) > _LONGEST.get(vr, len(value))


def _cut(value: str, vr: str, charset: Charset) -> str:
    """As much of the value as its VR holds, without characters that cannot be written."""
    if vr == "CS":
        value = "".join(c for c in value.upper() if c in _CODES)
    value = "".join(c if _is_writable(c, vr, charset) else "?" for c in value)
    if vr == "PN":
        groups = value.split("=")[:_NAME_GROUPS]
        return "=".join(group[:_NAME_GROUP] for group in groups)
    return value[: _LONGEST.get(vr)]


def _is_writable(character: str, vr: str, charset: Charset) -> bool:
    if character.isascii():
        return True
    if vr not in CHARSET_VRS:
        return False
    try:
        charset.encode(character, "")
    except BadValue:
        return False
    return True


def _packed(text: str, letter: str, number: Callable[[str], int | float], form: Form) -> bytes:
    """The numbers in the form's byte order."""
    try:
        numbers = [number(part.strip()) for part in text.split("\\")]
    except ValueError:
        numbers = []
    if not numbers:
        raise Refused(FORM)
    try:
        return struct.pack(f"{form.order}{len(numbers)}{letter}", *numbers)
    except (struct.error, OverflowError):
        pass
    raise Refused(LONG)


def _tags(text: str, form: Form) -> bytes:
    try:
        tags = [parse_tag(part) for part in text.split("\\")]
    except ValueError:
        tags = []
    if not tags:
        raise Refused(FORM)
    return b"".join(struct.pack(f"{form.order}HH", tag >> 16, tag & 0xFFFF) for tag in tags)
