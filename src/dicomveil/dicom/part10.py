"""The frame of a file: preamble, prefix, file meta information, transfer syntax (PS3.10 §7).

Files without preamble, and data sets without file meta, are read too: what they are written in is
then told by their first element, and the walk that follows holds them to it.
"""

import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from dicomveil.dicom.dictionary import vr_of
from dicomveil.dicom.elements import Element
from dicomveil.dicom.forms import EXPLICIT_HEADS, IMPLICIT_HEAD, LONG_VRS, VRS, Form, encode_element
from dicomveil.dicom.uids import uid_type
from dicomveil.dicom.walk import Bytes, explicit_head
from dicomveil.errors import Malformed, NotDicom, TooLarge, Truncated, UnknownSyntax

PREAMBLE: Final = 128
PREFIX: Final = b"DICM"
MEDIA_SOP_CLASS: Final = 0x00020002
MEDIA_SOP_INSTANCE: Final = 0x00020003
TRANSFER_SYNTAX: Final = 0x00020010
IMPLICIT_UID: Final = "1.2.840.10008.1.2"
EXPLICIT_UID: Final = "1.2.840.10008.1.2.1"
DEFLATED_UID: Final = "1.2.840.10008.1.2.1.99"
BIG_ENDIAN_UID: Final = "1.2.840.10008.1.2.2"
MAX_INFLATED: Final = 1 << 28
_MAX_META: Final = 1 << 20
_HIGHEST_FIRST_GROUP: Final = 0x0010


class Syntax(NamedTuple):
    """A transfer syntax: its UID, and how its data set is written."""

    uid: str
    form: Form
    deflated: bool = False


class Part10(NamedTuple):
    """How a file is framed: where its parts lie, never what they say but for the syntax."""

    prefixed: bool  # whether DICM stands at byte 128
    meta: tuple[Element, ...]  # the elements of group 0002
    start: int  # the data set's first byte
    syntax: Syntax
    media_sop_class: str = ""  # from the file meta, "" when absent
    media_sop_instance: str = ""


def open_part10(head: Bytes, size: int | None = None) -> Part10:
    """How the file that begins with `head` is framed; `size` is the whole file's, in bytes.

    Raises NotDicom when nothing says DICOM, Truncated and Malformed for a broken frame, and
    UnknownSyntax for a transfer syntax that cannot be read.
    """
    size = len(head) if size is None else size
    prefixed = bytes(head[PREAMBLE : PREAMBLE + 4]) == PREFIX
    at = PREAMBLE + 4 if prefixed else 0
    if not prefixed and not _begins_a_data_set(head, size):
        raise NotDicom("no DICM at byte 128 and no data set from byte 0")
    meta = tuple(meta_elements(head, at))
    start = meta[-1].end if meta else at
    said = {e.tag: _text(head, e) for e in meta if e.vr == "UI"}
    uid = said.get(TRANSFER_SYNTAX, "")
    syntax = syntax_of(uid) if uid else Syntax(*_told_by(head, start))
    named = (said.get(tag, "") for tag in (MEDIA_SOP_CLASS, MEDIA_SOP_INSTANCE))
    return Part10(prefixed, meta, start, syntax, *named)


def meta_elements(head: Bytes, at: int) -> Iterator[Element]:
    """The elements of group 0002 from `at` on, explicit VR little endian in every file.

    Raises Truncated and Malformed where they break: what came before is handed out by then.
    """
    previous = -1
    while len(head) - at >= 4 and bytes(head[at : at + 2]) == b"\2\0":
        tag, vr, value, length = explicit_head(head, at, len(head), None, Form.EXPLICIT_LE)
        end = value + length
        if end > len(head) or length > _MAX_META:
            raise Truncated("the file ends inside the file meta", offset=at)
        if tag <= previous or length & 1:
            raise Malformed("the file meta is out of order or of odd length", offset=at)
        yield Element(tag, vr, at, value, end, end, None, Form.EXPLICIT_LE)
        at, previous = end, tag


def syntax_of(uid: str) -> Syntax:
    """The transfer syntax of this UID; UnknownSyntax when it cannot be read (PS3.5 §10)."""
    named = {
        IMPLICIT_UID: Syntax(IMPLICIT_UID, Form.IMPLICIT_LE),
        EXPLICIT_UID: Syntax(EXPLICIT_UID, Form.EXPLICIT_LE),
        DEFLATED_UID: Syntax(DEFLATED_UID, Form.EXPLICIT_LE, deflated=True),
        BIG_ENDIAN_UID: Syntax(BIG_ENDIAN_UID, Form.EXPLICIT_BE),
    }
    if uid in named:
        return named[uid]
    if uid in _OTHERWISE_WRITTEN or uid_type(uid) != "Transfer Syntax":
        raise UnknownSyntax("the transfer syntax is not one that can be read", path="(0002,0010)")
    return Syntax(uid, Form.EXPLICIT_LE)


# Registered, but neither plain explicit little endian nor a file's: Papyrus, JPIP deflated,
# the JPIP deflated HTJ2K, and the SMPTE ST 2110 streams.
_OTHERWISE_WRITTEN: Final = frozenset(
    {"1.2.840.10008.1.20", "1.2.840.10008.1.2.4.95", "1.2.840.10008.1.2.4.205"}
    | {f"1.2.840.10008.1.2.7.{n}" for n in (1, 2, 3)}
)


def inflate(deflated: Bytes, limit: int = MAX_INFLATED) -> bytes:
    """The data set in a deflate stream (PS3.5 §A.5); bytes after the stream are left out.

    Raises Truncated for a stream that ends early, Malformed for one that is none, and TooLarge
    beyond `limit` bytes, before more is held.
    """
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        data = engine.decompress(deflated, limit)
    except zlib.error as error:
        raise Malformed("the deflate stream is broken") from error
    if not engine.eof:
        if engine.unconsumed_tail:
            raise TooLarge(f"the data set inflates beyond {limit} bytes")
        raise Truncated("the deflate stream has no end")
    return data


def deflate(data: bytes) -> bytes:
    """The data set as a raw deflate stream of even length (PS3.5 §A.5)."""
    engine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    stream = engine.compress(data) + engine.flush()
    return stream + b"\0" * (len(stream) & 1)


class NewMeta(NamedTuple):
    """A new beginning of a file, around the value of its SOP Instance UID."""

    before: bytes
    sop_instance: bytes
    after: bytes


def new_meta(sop_class: str, sop_instance: bytes, syntax: str, writer: "Writer") -> NewMeta:
    """A new preamble of zeros, prefix and file meta, with nothing of the old (PS3.10 §7.1).

    `sop_instance` is a padded value. No AE titles and no private information are written.
    """
    form = Form.EXPLICIT_LE
    before = encode_element(form, 0x00020001, "OB", b"\0\1")
    before += encode_element(form, MEDIA_SOP_CLASS, "UI", padded(sop_class))
    own = encode_element(form, MEDIA_SOP_INSTANCE, "UI", sop_instance)
    before += own[: -len(sop_instance)]
    after = encode_element(form, TRANSFER_SYNTAX, "UI", padded(syntax))
    after += encode_element(form, 0x00020012, "UI", padded(writer.uid))
    after += encode_element(form, 0x00020013, "SH", padded(writer.version, b" "))
    size = len(before) + len(sop_instance) + len(after)
    length = encode_element(form, 0x00020000, "UL", size.to_bytes(4, "little"))
    return NewMeta(bytes(PREAMBLE) + PREFIX + length + before, sop_instance, after)


def padded(text: str, pad: bytes = b"\0") -> bytes:
    """An ASCII text as a value of even length (PS3.5 §6.2)."""
    value = text.encode("ascii")
    return value + pad * (len(value) & 1)


class Writer(NamedTuple):
    """Who writes the file: Implementation Class UID, and Version Name of 16 characters at most."""

    uid: str
    version: str


def _told_by(head: Bytes, at: int) -> tuple[str, Form]:
    """The UID and form that the first element of a data set without file meta tells."""
    if len(head) - at < 8:
        raise Truncated("the file ends before its data set", offset=at)
    if bytes(head[at + 4 : at + 6]) not in VRS:
        return IMPLICIT_UID, Form.IMPLICIT_LE
    if head[at] == 0 and head[at + 1] != 0:
        return BIG_ENDIAN_UID, Form.EXPLICIT_BE
    return EXPLICIT_UID, Form.EXPLICIT_LE


def _begins_a_data_set(head: Bytes, size: int) -> bool:
    """Whether byte 0 begins an element that the dictionary knows, of a low group, that fits."""
    if len(head) < 8:
        return False
    _, form = _told_by(head, 0)
    if form is Form.IMPLICIT_LE:
        group, element, length = IMPLICIT_HEAD.unpack_from(head, 0)
        value = 8
    else:
        group, element, code, length = EXPLICIT_HEADS[form].unpack_from(head, 0)
        value = 8
        if VRS[code] in LONG_VRS:
            length, value = 0, 12
    low = 0 < group <= _HIGHEST_FIRST_GROUP  # zeros are no command set: they are nothing
    known = low and vr_of(group << 16 | element) is not None
    return known and value + length <= size


def _text(head: Bytes, element: Element) -> str:
    """A UID of the file meta without its padding."""
    return bytes(head[element.value : element.stop]).rstrip(b"\0 ").decode("ascii", "replace")
