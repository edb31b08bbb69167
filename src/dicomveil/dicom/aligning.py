"""Shift pixel data to where a file system can share it with the original (opt-in).

File systems with reflinks (XFS, btrfs) share whole blocks between files. So the file meta gets a
private stretch of zeros (0002,0100) (0002,0102) of such a length that a large span of the original
keeps its offset within a block; the kernel then shares it and copies nothing.
"""

from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from dicomveil.dicom.forms import Form, encode_element
from dicomveil.dicom.part10 import PREAMBLE, PREFIX, open_part10, padded
from dicomveil.dicom.splice import Segment, Span

BLOCK: Final = 4096
SMALLEST: Final = 1 << 16  # a span shorter than this is not worth a block of its own
_CREATOR: Final = 0x00020100
_PRIVATE: Final = 0x00020102
_LENGTH: Final = slice(PREAMBLE + len(PREFIX) + 8, PREAMBLE + len(PREFIX) + 12)


def aligned(segments: Sequence[Segment], creator: str) -> list[Segment]:
    """The same output, its first large span at the offset within a block that it came from.

    `segments` begin with the file meta; `creator` is the UID of who writes the zeros (PS3.10
    §7.1). The span is cut at its first whole block, so that its blocks can be shared. Outputs
    without a large span stay as they are.
    """
    small = list(takewhile(lambda segment: isinstance(segment, bytes), segments))
    first = b"".join(piece for piece in small if isinstance(piece, bytes))
    span, *rest = segments[len(small) :] or [first]
    if not isinstance(span, Span) or span.stop - span.start < SMALLEST:
        return list(segments)
    form = Form.EXPLICIT_LE
    owner = encode_element(form, _CREATOR, "UI", padded(creator))
    empty = len(owner) + len(encode_element(form, _PRIVATE, "OB", b""))
    zeros = (span.start - len(first) - empty) % BLOCK
    private = owner + encode_element(form, _PRIVATE, "OB", bytes(zeros))
    cut = -(-span.start // BLOCK) * BLOCK
    return [_with_meta(first, private), Span(span.start, cut), Span(cut, span.stop), *rest]


def _with_meta(first: bytes, private: bytes) -> bytes:
    """The beginning of a file with more file meta, its group length mended."""
    end = open_part10(first).start
    length = int.from_bytes(first[_LENGTH], "little") + len(private)
    return (
        first[: _LENGTH.start]
        + length.to_bytes(4, "little")
        + first[_LENGTH.stop : end]
        + private
        + first[end:]
    )
