"""Whether private bytes may stay: only when all of them were understood, and none identifies.

OB, UN and their kin may hold anything. What can be read here is a value of the VR that a table
knows of the element, a sequence (PS3.5 6.2.2), a CSA header, and text; each value in it is looked
through for what the data set says of its people, for identifying shapes and for UIDs. What cannot
be read, or holds a value whose VR would have to be changed (a UID, a name, a date), does not stay.
"""

import re
import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from dicomveil.dicom.charsets import Charset
from dicomveil.dicom.elements import Element
from dicomveil.dicom.forms import Form, encode_element
from dicomveil.dicom.legality import FORMED_VRS, has_control, is_legal
from dicomveil.dicom.multiplicity import SIZES, values_in
from dicomveil.dicom.swallow import holds_elements
from dicomveil.dicom.uids import is_registered
from dicomveil.dicom.walk import walk_element
from dicomveil.engine.cleaning import Known
from dicomveil.engine.cleaning_bytes import clean_bytes
from dicomveil.engine.scene import CHARACTER_SET, Scene
from dicomveil.errors import BadValue, InvalidDicom, TooLarge

LARGEST: Final = 1 << 22  # bytes: more are not looked through
DEEPEST: Final = 4  # bytes in sequences in bytes
_CSA: Final = b"SV10"
_CSA_HEAD: Final = struct.Struct("<8s2I")
_CSA_TAG: Final = struct.Struct("<64si4s3i")
_CSA_ITEM: Final = struct.Struct("<4i")
_MOST_TAGS: Final = 1024
_MOST_ITEMS: Final = 4096
_ITEM: Final = b"\xfe\xff\x00\xe0"
_SEQUENCE: Final = 0x00081140  # any public one: its head is ours
_UID: Final = re.compile(r"\d+(?:\.\d+){4,}")
_TEXTS: Final = frozenset({"LO", "LT", "SH", "ST", "UC", "UT"})
_CODED: Final = frozenset({"CS", "DS", "IS"})
_NUMERIC: Final = frozenset(SIZES) | _CODED
_BYTES: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN", ""})
_PADDING: Final = b"\0 "


class CsaValue(NamedTuple):
    """One value of a CSA header."""

    vr: str
    value: bytes


def may_stay(element: Element, known_vr: str, scene: Scene) -> bool:
    """Whether the bytes of a private element were understood and identify nobody.

    `known_vr` is the VR that a table or the object itself tells of the element, "" for none.
    """
    if element.length > LARGEST:
        return False
    try:
        scanner = _Scanner(scene.known(), scene.charset(element))
        value = scene.raw(element)
        return scanner.passes(value, known_vr, DEEPEST) and not scanner.names_somebody(value)
    except BadValue:
        return False


def csa_values(header: bytes) -> Iterator[CsaValue]:
    """Each value of a Siemens CSA header of the second kind, which begins with SV10.

    Raises ValueError for bytes that are none, or that go on after it.
    """
    try:
        start, tags, _ = _CSA_HEAD.unpack_from(header)
        at = _CSA_HEAD.size
        if not start.startswith(_CSA) or tags > _MOST_TAGS:
            raise ValueError("no CSA header")
        for _ in range(tags):
            _, _, vr, _, items, _ = _CSA_TAG.unpack_from(header, at)
            at += _CSA_TAG.size
            if not 0 <= items <= _MOST_ITEMS:
                raise ValueError("no number of items")
            for _ in range(items):
                length = _CSA_ITEM.unpack_from(header, at)[1]
                at += _CSA_ITEM.size
                if not 0 <= length <= len(header) - at:
                    raise ValueError("an item goes beyond the header")
                name = vr.split(b"\0")[0].decode("latin-1")
                yield CsaValue(name, header[at : at + length].rstrip(_PADDING))
                at += -(-length // 4) * 4
    except struct.error:
        raise ValueError("the header ends early") from None
    if header[at:].strip(b"\0"):
        raise ValueError("bytes after the header")


class _Scanner:
    """Looks through bytes of one data set."""

    def __init__(self, known: Known, charset: Charset) -> None:
        self._known = known
        self._charset = charset

    def names_somebody(self, value: bytes) -> bool:
        """Whether what is known of people stands anywhere in the bytes, however they are read."""
        return clean_bytes(value, self._known, self._charset).known > 0

    def passes(self, value: bytes, vr: str, depth: int) -> bool:
        """Whether a value that should be of this VR was understood and identifies nobody."""
        if not value.strip(_PADDING):
            return True
        if vr in SIZES:
            whole = values_in(len(value), vr) is not None
            return whole and not holds_elements(value, Form.EXPLICIT_LE, 0)
        if vr in _TEXTS or vr in _CODED:
            return self._is_clean(value, vr)
        if vr not in _BYTES and vr != "SQ":
            return vr == "UI" and _are_registered(value)
        if value.startswith(_ITEM):
            return depth > 0 and self._sequence_passes(value, depth - 1)
        if value.startswith(_CSA):
            return self._csa_passes(value, depth)
        return vr != "SQ" and self._is_clean(value, "LT")

    def _is_clean(self, value: bytes, vr: str) -> bool:
        """Whether it is text in the data set's character set, and cleaning leaves all of it."""
        if has_control(value, vr):
            return False
        if vr in FORMED_VRS and not is_legal(value.rstrip(b"\0"), vr):
            return False
        try:
            text = self._charset.decode(value.rstrip(_PADDING), b"\\\r\n\f\t")
        except BadValue:
            return False
        if any(not is_registered(uid) for uid in _UID.findall(text)):
            return False
        return self._known.clean(text).text == text

    def _sequence_passes(self, value: bytes, depth: int) -> bool:
        """Whether it is a sequence in one of the two forms of little endian, whose leaves pass."""
        for form in (Form.IMPLICIT_LE, Form.EXPLICIT_LE):
            try:
                wrapped = encode_element(form, _SEQUENCE, "SQ", value)
                elements = walk_element(wrapped, 0, form)
            except (InvalidDicom, TooLarge):
                continue
            if elements[0].end == len(wrapped):
                return all(self._leaf_passes(e, wrapped, depth) for e in elements[1:])
        return False

    def _leaf_passes(self, element: Element, data: bytes, depth: int) -> bool:
        if not element.vr or element.vr == "SQ":
            return True
        if element.tag == CHARACTER_SET:
            return False  # the texts beside it are in another one
        return self.passes(data[element.value : element.stop], element.vr, depth)

    def _csa_passes(self, value: bytes, depth: int) -> bool:
        """Whether all values of a CSA header pass, numbers too as the texts that they are there."""
        try:
            values = [v._replace(vr="LT") if v.vr in _NUMERIC else v for v in csa_values(value)]
        except ValueError:
            return False
        return depth > 0 and all(self.passes(v.value, v.vr, depth - 1) for v in values)


def _are_registered(value: bytes) -> bool:
    uids = [uid.strip(_PADDING).decode("ascii", "replace") for uid in value.split(b"\\")]
    return all(not uid or is_registered(uid) for uid in uids)
