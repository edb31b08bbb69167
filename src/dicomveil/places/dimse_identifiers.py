"""The identifiers of questions and answers (PS3.4 §C.2.2), written and read by our own reading.

They travel as implicit VR little endian, which every node takes (PS3.5 §10.1).
"""

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any, Final

from pynetdicom.dsutils import decode as dataset_of

from dicomveil.dicom.charsets import Charset
from dicomveil.dicom.dictionary import vr_of
from dicomveil.dicom.forms import Form, encode_element
from dicomveil.dicom.tags import Tag
from dicomveil.dicom.values import decode, encode, split_values
from dicomveil.dicom.walk import walk_element
from dicomveil.errors import BadValue

CHARACTER_SET: Final = 0x00080005
LEVEL: Final = 0x00080052
_UTF8: Final = "ISO_IR 192"

Keys = Mapping[Tag, str]
Question = Any
"""pydicom's data set, as pynetdicom takes it."""


def identifier(level: str, keys: Keys) -> Question:
    """A question at this level: keys with values are matched, empty ones are asked back."""
    said = {LEVEL: level, **keys}
    charset = Charset.of([])
    if not "".join(keys.values()).isascii():
        said[CHARACTER_SET] = _UTF8
        charset = Charset.of([_UTF8])
    written = b"".join(_element(tag, said[tag], charset) for tag in sorted(said))
    return dataset_of(BytesIO(written), True, True)  # noqa: FBT003 - implicit VR, little endian


def read_identifier(data: bytes) -> dict[Tag, str]:
    """The texts of an answer's own elements; what its character set does not have reads as "?".

    Raises InvalidDicom for bytes that are no data set.
    """
    fields = dict(_fields(data))
    terms = [
        t.decode("ascii", "replace") for t in split_values(fields.get(CHARACTER_SET, b""), "CS")
    ]
    return {tag: _text(tag, value, terms) for tag, value in fields.items()}


def _element(tag: Tag, text: str, charset: Charset) -> bytes:
    vr = vr_of(tag) or "UN"
    return encode_element(Form.IMPLICIT_LE, tag, vr, encode(text, vr, charset))


def _fields(data: bytes) -> Iterator[tuple[Tag, bytes]]:
    at = 0
    while at < len(data):
        element = walk_element(data, at, Form.IMPLICIT_LE)[0]
        yield element.tag, data[element.value : element.stop]
        at = element.end


def _text(tag: Tag, value: bytes, terms: list[str]) -> str:
    vr = vr_of(tag) or "UN"
    if vr in {"SQ", "UN", "OB", "OW"}:
        return ""
    try:
        return decode(value, vr, Charset.of(terms)).strip()
    except (BadValue, UnicodeDecodeError):
        return "?"
