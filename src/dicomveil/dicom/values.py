"""Value bytes to text and back, by VR and character set (PS3.5 §6.2, §6.1).

A value field is split before it is decoded: only the character set says which 0x5C is a backslash.
No error says anything of the value.
"""

import re

from dicomveil.dicom.charsets import DEFAULT, Charset
from dicomveil.errors import BadValue

# PS3.5 §6.1.2.3: the VRs that Specific Character Set speaks of; other text is ASCII.
CHARSET_VRS = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
# PS3.5 §6.2: no backslash separates values in these.
SINGLE_VRS = frozenset({"LT", "ST", "UR", "UT"})
TEXT_VRS = CHARSET_VRS | {"AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI", "UR"}

# PS3.5 table 6.2-1: leading spaces are not significant. Trailing ones never are.
_LEADING_PADDED = frozenset({"AE", "CS", "DS", "IS", "LO", "SH"})
# NUL pads UI alone, but many writers pad other text with it as well.
_PAD = b" \x00"
_DELIMITERS = {"PN": "\\^="}
_PAIRED_VALUE = re.compile(rb"(?:[\x81-\xfe].|[^\\])*", re.DOTALL)
# A two-byte G0 set holds from its escape until another one for G0 or a line end; there 0x5C is
# half a character. Escapes for G1 (ESC - x, ESC ) x, ESC $ ) x) do not end it.
_ESCAPED_VALUE = re.compile(
    rb"(?:\x1b\$(?:[@AB]|\([@-_])(?:[^\x1b\t\n\f\r]|\x1b\$?[)\-])*|[^\\])*", re.DOTALL
)


def strip(value: bytes, vr: str) -> bytes:
    """The bytes of one value without its padding and the spaces that mean nothing in its VR."""
    bare = value.rstrip(_PAD)
    return bare.lstrip(b" ") if vr in _LEADING_PADDED else bare


def split_values(value: bytes, vr: str, charset: Charset = DEFAULT) -> list[bytes]:
    """The values of a value field, each stripped; an empty field has none.

    A backslash that is part of a two-byte character separates nothing, and none does in the VRs
    that hold a single value.
    """
    whole = value.rstrip(_PAD)
    if not whole:
        return []
    if vr in SINGLE_VRS:
        return [whole]
    return [strip(part, vr) for part in _parts(whole, charset if vr in CHARSET_VRS else DEFAULT)]


def decode(value: bytes, vr: str, charset: Charset = DEFAULT) -> str:
    """The text of a value, or of all values with backslashes between them, without padding.

    Raises BadValue for bytes that the character set, or ASCII where the VR knows no other, does
    not have.
    """
    delimiters = _delimiters(vr)
    return _charset(vr, charset).decode(strip(value, vr), delimiters.encode("ascii"))


def encode(text: str, vr: str, charset: Charset = DEFAULT) -> bytes:
    """The bytes of a text, padded to an even length: a UI by NUL, any other by a space.

    Raises BadValue for a character that the character set, or ASCII where the VR knows no other,
    does not have.
    """
    value = _charset(vr, charset).encode(text, _delimiters(vr))
    if len(value) % 2 == 0:
        return value
    return value + (b"\x00" if vr == "UI" else b" ")


def split_person_name(name: str) -> tuple[tuple[str, ...], ...]:
    """The parts of one person name, by component group: alphabetic, ideographic, phonetic.

    Each group is (family, given, middle, prefix, suffix) as far as it is written; parts are
    stripped and may be empty. What stands beyond the three groups or five parts is given too:
    whoever looks for a name must not miss it (PS3.5 §6.2.1).
    """
    return tuple(tuple(part.strip(" ") for part in group.split("^")) for group in name.split("="))


def _parts(value: bytes, charset: Charset) -> list[bytes]:
    if charset.is_paired:
        return _split_by(_PAIRED_VALUE, value)
    if charset.extended is not None and b"\x1b$" in value:
        return _split_by(_ESCAPED_VALUE, value)
    return value.split(b"\\")


def _split_by(pattern: re.Pattern[bytes], value: bytes) -> list[bytes]:
    parts: list[bytes] = []
    at = 0
    while at <= len(value):
        match = pattern.match(value, at)
        assert match is not None  # the pattern matches the empty value as well
        parts.append(match[0])
        at = match.end() + 1  # past the backslash
    return parts


def _charset(vr: str, charset: Charset) -> Charset:
    if vr not in TEXT_VRS:
        raise BadValue("a VR that holds no text")
    return charset if vr in CHARSET_VRS else DEFAULT


def _delimiters(vr: str) -> str:
    return _DELIMITERS.get(vr, "" if vr in SINGLE_VRS else "\\")
