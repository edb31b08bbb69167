"""Write an output's segments to a file: new bytes, and stretches of the original.

Small pieces are gathered into one write. Large stretches go from file to file in the kernel, by
`copy_file_range`, else `sendfile`, else read and write; none is held in memory.
"""

import errno
import os
from collections.abc import Callable, Sequence
from typing import Final

from dicomveil.dicom.splice import Masked, Segment, Span
from dicomveil.errors import Changed
from dicomveil.places.original import FileOriginal

LARGE: Final = 1 << 16
_GATHERED: Final = 1 << 20
_BLOCK: Final = 1 << 20
_CANNOT: Final = frozenset(
    {errno.EXDEV, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF}
)

Copy = Callable[[int, int, int, int], int]
"""(source, target, at, count) -> bytes copied, 0 at the source's end; OSError."""


def write_segments(original: FileOriginal, segments: Sequence[Segment], target: int) -> int:
    """Write the segments at the target's offset; how many bytes they are.

    Raises Changed when the original was written to or cut meanwhile, OSError when a write fails.
    """
    head = memoryview(original.head)
    reach = len(head)
    pieces: list[bytes | memoryview] = []
    waiting = written = 0
    read_anew = False
    for segment in segments:
        if isinstance(segment, bytes):
            pieces.append(segment)
            waiting += len(segment)
        elif isinstance(segment, Masked):
            written += _flush(target, pieces)
            waiting = 0
            read_anew = True
            written += _write_masked(original.fd, target, segment)
        elif segment.stop <= reach:
            pieces.append(head[segment.start : segment.stop])
            waiting += segment.stop - segment.start
        else:
            written += _flush(target, pieces)
            waiting = 0
            read_anew = True
            written += copy_stretch(original.fd, target, segment)
        if waiting >= _GATHERED:
            written += _flush(target, pieces)
            waiting = 0
    written += _flush(target, pieces)
    if read_anew:
        # What the engine saw and what was copied must be one file: else nothing was proven.
        original.check_unchanged()
    return written


def copy_stretch(source: int, target: int, span: Span, copies: Sequence[Copy] = ()) -> int:
    """Copy `span` of `source` to the target's offset by the first way that works; its length."""
    at, stop = span
    small = stop - at < LARGE
    ways = list(copies or ((by_read_and_write,) if small else COPIES))
    while at < stop:
        try:
            count = ways[0](source, target, at, stop - at)
        except OSError as error:
            if len(ways) == 1 or error.errno not in _CANNOT:
                raise
            count = 0
        if not count:
            # Some kernels answer copy_file_range with 0 where they cannot copy.
            if len(ways) == 1:
                raise Changed("the file became shorter while it was copied")
            del ways[0]
        at += count
    return stop - span.start


def _write_masked(source: int, target: int, masked: Masked) -> int:
    """Write a stretch of `source` of which only some bits stay, block by block; its length."""
    at, stop = masked.span
    while at < stop:
        # Blocks are whole words: a kernel that reads less gives the rest the next time.
        block = os.pread(source, min(stop - at, _BLOCK), at)
        block = block[: len(block) - len(block) % len(masked.keep)]
        if not block:
            raise Changed("the file became shorter while it was copied")
        write_all(target, masked.of(block))
        at += len(block)
    return stop - masked.span.start


def by_copy_file_range(source: int, target: int, at: int, count: int) -> int:
    """Ask the kernel to copy, which may share the extents."""
    return os.copy_file_range(source, target, count, offset_src=at)


def by_sendfile(source: int, target: int, at: int, count: int) -> int:
    """Ask the kernel to send; works from one file system to another."""
    return os.sendfile(target, source, at, count)


def by_read_and_write(source: int, target: int, at: int, count: int) -> int:
    """Copy one block through memory; works everywhere."""
    block = os.pread(source, min(count, _BLOCK), at)
    write_all(target, block)
    return len(block)


def write_all(target: int, content: bytes | memoryview) -> None:
    """Write everything, however many writes it takes."""
    written = os.write(target, content)
    if written == len(content):
        return
    rest = memoryview(content)[written:]
    while rest:
        rest = rest[os.write(target, rest) :]


def _flush(target: int, pieces: list[bytes | memoryview]) -> int:
    """Write what was gathered in one piece, and forget it; its length."""
    if not pieces:
        return 0
    whole = pieces[0] if len(pieces) == 1 else b"".join(pieces)
    pieces.clear()
    write_all(target, whole)
    return len(whole)


COPIES: Final[tuple[Copy, ...]] = tuple(
    copy
    for name, copy in (
        ("copy_file_range", by_copy_file_range),
        ("sendfile", by_sendfile),
        ("read", by_read_and_write),
    )
    if hasattr(os, name)
)
