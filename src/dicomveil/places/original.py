"""A file as an object's bytes: opened once for reading, never followed, never written to."""

import contextlib
import mmap
import os
import stat
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from dicomveil.errors import Changed

HEAD: Final = 1 << 14
WHOLE: Final = 1 << 16  # a file up to this size is read whole: one read costs less than a map
# O_NONBLOCK: a FIFO that took the file's place must not hold the run up until somebody writes.
_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

Opener = Callable[[bytes], int]
"""Opens a file for reading by its path."""


class FileOriginal:
    """The object in one regular file; what `engine.original.Original` asks for.

    Opening raises OSError, and Changed for what is no regular file. Close it, or use it in a
    `with`: the engine may still hold views then, and they stay good.
    """

    __slots__ = ("_map", "fd", "head", "mtime_ns", "size")

    def __init__(self, path: bytes, head: int = HEAD, opener: Opener | None = None) -> None:
        """Open the file and read its first `head` bytes, all of it when it is small.

        `opener` opens it where it may lie only beneath some root (places/confined.py).
        """
        self._map: mmap.mmap | None = None
        self.fd = os.open(path, _FLAGS) if opener is None else opener(path)
        try:
            found = _regular(self.fd)
            self.size = found.st_size
            self.mtime_ns = found.st_mtime_ns
            wanted = self.size if self.size <= WHOLE else min(head, self.size)
            self.head = os.read(self.fd, wanted)
            if len(self.head) != wanted:
                self.head = self._read_on(wanted)
        except BaseException:
            os.close(self.fd)
            raise

    def view(self) -> memoryview:
        """Every byte of the file, mapped when first asked for. The file may not shrink meanwhile.

        Why a map: the engine looks at a few pages of a large file, and the kernel may drop them.
        """
        if len(self.head) == self.size:
            return memoryview(self.head)
        if self._map is None:
            self._map = mmap.mmap(self.fd, self.size, prot=mmap.PROT_READ)
        return memoryview(self._map)

    def release(self) -> None:
        """Let go of the mapped pages; the next look reads them anew."""
        if self._map is not None:
            self._map.madvise(mmap.MADV_DONTNEED)

    def check_unchanged(self) -> None:
        """Raise Changed when size or time differ from when the file was opened."""
        now = os.fstat(self.fd)
        if now.st_size != self.size or now.st_mtime_ns != self.mtime_ns:
            raise Changed("the file was written to while it was read")

    def close(self) -> None:
        """Let go of the file."""
        os.close(self.fd)
        if self._map is not None:
            with contextlib.suppress(BufferError):  # a view is out: its holder frees the map
                self._map.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _read_on(self, wanted: int) -> bytes:
        """The head, where one read gave less than asked for: a network share may."""
        pieces = [self.head]
        missing = wanted - len(self.head)
        while missing:
            piece = os.read(self.fd, missing)
            if not piece:
                raise Changed("the file became shorter while it was read")
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)


def _regular(fd: int) -> os.stat_result:
    """What an open file is; Changed for one that is not regular."""
    found = os.fstat(fd)
    if not stat.S_ISREG(found.st_mode):
        raise Changed("what was a file is no regular file now")
    return found
