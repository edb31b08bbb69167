"""What kind of file this is, told by its first bytes: for counting what is not DICOM.

Nothing here decides whether a file is DICOM; `open_part10` does. A DICOMDIR is DICOM, but a
directory of objects and not one of them, so it is told apart by the class in its file meta.
"""

from enum import StrEnum
from typing import Final

DIRECTORY_CLASS: Final = b"1.2.840.10008.1.3.10"  # Media Storage Directory Storage (PS3.4 §B.5)
_PREFIX_AT: Final = 128
_CLASS_HEAD: Final = b"\x02\x00\x02\x00UI"  # (0002,0002), which is explicit little endian always
_META_REACH: Final = 1024  # the class is the third element of the file meta at the latest

_ARCHIVES: Final = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"\x28\xb5\x2f\xfd",
    b"\x1f\x9d",
)
_IMAGES: Final = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    b"BM",
    b"II*\x00",
    b"MM\x00*",
    b"\x00\x00\x00\x0cjP  ",
    b"\xff\x4f\xff\x51",
)
_TAR_AT: Final = 257
_TEXT_SAMPLE: Final = 1024
_NOT_IN_TEXT: Final = bytes(set(range(32)) - {9, 10, 12, 13, 27}) + b"\x7f"


class Kind(StrEnum):
    """What a file that is no DICOM object is counted as."""

    EMPTY = "empty"
    ARCHIVE = "archive"
    IMAGE = "image"
    TEXT = "text"
    DICOMDIR = "dicomdir"
    OTHER = "other"


def kind_of(head: bytes) -> Kind:
    """What the first bytes of a file, all of it when it is short, say that it is."""
    if not head:
        return Kind.EMPTY
    if is_directory(head):
        return Kind.DICOMDIR
    if head.startswith(_ARCHIVES) or head[_TAR_AT : _TAR_AT + 5] == b"ustar":
        return Kind.ARCHIVE
    if head.startswith(_IMAGES) or (head.startswith(b"RIFF") and head[8:12] == b"WEBP"):
        return Kind.IMAGE
    return Kind.TEXT if _is_text(head[:_TEXT_SAMPLE]) else Kind.OTHER


def is_directory(head: bytes) -> bool:
    """Whether the file meta's class is that of a DICOMDIR (PS3.10 §8)."""
    if head.find(DIRECTORY_CLASS, _PREFIX_AT, _META_REACH) < 0:
        return False
    at = head.find(_CLASS_HEAD, _PREFIX_AT + 4, _META_REACH)
    if at < 0 or head[_PREFIX_AT : _PREFIX_AT + 4] != b"DICM":
        return False
    value = at + len(_CLASS_HEAD) + 2
    length = int.from_bytes(head[value - 2 : value], "little")
    return head[value : value + length].rstrip(b"\0 ") == DIRECTORY_CLASS


def _is_text(sample: bytes) -> bool:
    """Whether no byte is one that text of any ASCII-based encoding leaves out, or UTF-16 says so.

    A sample may end inside a character, which does not matter here.
    """
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return len(sample.translate(None, _NOT_IN_TEXT)) == len(sample)
