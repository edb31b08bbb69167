"""How the head of an element is written: byte order and whether the VR is said (PS3.5 §7.1)."""

from enum import IntEnum
from struct import Struct
from typing import Final

from dicomveil.dicom.tags import Tag
from dicomveil.errors import TooLarge

UNDEFINED: Final = 0xFFFFFFFF


class Form(IntEnum):
    """One of the three ways to write an element."""

    EXPLICIT_LE = 0
    IMPLICIT_LE = 1
    EXPLICIT_BE = 2

    @property
    def order(self) -> str:
        """The byte order as struct writes it."""
        return ">" if self is Form.EXPLICIT_BE else "<"


# PS3.5 §7.1.2: these VRs have a 32-bit length behind two reserved bytes; all others 16 bits.
LONG_VRS: Final = frozenset(
    {"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"}
)
SHORT_VRS: Final = frozenset(
    "AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split()
)
SHORT_CODES: Final = {vr.encode(): vr for vr in SHORT_VRS}
VRS: Final = {vr.encode(): vr for vr in LONG_VRS | SHORT_VRS}

EXPLICIT_HEADS: Final = (Struct("<HH2sH"), Struct("<HH2sH"), Struct(">HH2sH"))
IMPLICIT_HEAD: Final = Struct("<HHL")
LENGTHS: Final = (Struct("<L"), Struct("<L"), Struct(">L"))
TAGS: Final = (Struct("<HH"), Struct("<HH"), Struct(">HH"))
_LONG_HEADS: Final = (Struct("<HH2sHL"), Struct("<HH2sHL"), Struct(">HH2sHL"))
_LONGEST_SHORT: Final = 0xFFFE


def encode_element(form: Form, tag: Tag, vr: str, value: bytes) -> bytes:
    """The element's bytes in this form; `value` is of even length and in the form's byte order.

    Raises TooLarge when the value does not fit the length field of its VR (PS3.5 §7.1.2).
    """
    group, element = tag >> 16, tag & 0xFFFF
    if form is Form.IMPLICIT_LE:
        return IMPLICIT_HEAD.pack(group, element, len(value)) + value
    if vr in LONG_VRS:
        return _LONG_HEADS[form].pack(group, element, vr.encode(), 0, len(value)) + value
    if len(value) > _LONGEST_SHORT:
        raise TooLarge(f"a {vr} value holds at most {_LONGEST_SHORT} bytes")
    return EXPLICIT_HEADS[form].pack(group, element, vr.encode(), len(value)) + value


def encode_item(form: Form, elements: bytes) -> bytes:
    """A sequence item of defined length around encoded elements (PS3.5 §7.5.1)."""
    return TAGS[form].pack(0xFFFE, 0xE000) + LENGTHS[form].pack(len(elements)) + elements
