"""Open what lies beneath a root and nothing else: no `..`, no link, and no way round the root.

The kernel decides while it opens (openat2, Linux 5.6), so nothing can be changed between a check
and the use. Where it has no such call, each folder on the way is opened by itself, following none.
"""

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from struct import pack
from typing import Final

from dicomveil.places.original import Opener

_OPENAT2: Final = 437  # the number of the call on every architecture
_NO_MAGICLINKS: Final = 0x02
_NO_SYMLINKS: Final = 0x04
_BENEATH: Final = 0x08
_RESOLVE: Final = _NO_MAGICLINKS | _NO_SYMLINKS | _BENEATH
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Root:
    """A folder beneath which things are opened; OSError for what would leave it."""

    def __init__(self, path: bytes) -> None:
        """Open the root itself, whose own path is the administrator's word."""
        self.path = path
        self.fd = os.open(path, _FOLDER)

    def open(self, relative: bytes, flags: int = _FILE) -> int:
        """What lies at the relative path, b"" for the root itself."""
        return opened_beneath(self.fd, relative or b".", flags)

    def folder(self, relative: bytes) -> int:
        """The folder at the relative path, made where it is not there."""
        here = os.dup(self.fd)
        try:
            for name in filter(None, relative.split(b"/")):
                below = _made(here, name)
                os.close(here)
                here = below
        except BaseException:
            os.close(here)
            raise
        return here

    def opener(self) -> Opener:
        """Opens files by whole paths, those beneath this root alone."""
        start = self.path.rstrip(b"/") + b"/"

        def beneath(path: bytes) -> int:
            if not path.startswith(start):
                raise OSError(errno.EXDEV, "outside the root")
            return self.open(path[len(start) :])

        return beneath

    def close(self) -> None:
        """Let go of the root."""
        os.close(self.fd)


def opened_beneath(root: int, relative: bytes, flags: int) -> int:
    """What lies at the relative path beneath an open folder; OSError for what leaves it."""
    fd, code = _openat2()(root, relative, pack("QQQ", flags | os.O_CLOEXEC, 0, _RESOLVE))
    if fd >= 0:
        return fd
    if code == errno.ENOSYS:
        return stepwise(root, relative, flags)
    raise OSError(code, os.strerror(code))


@cache
def _openat2() -> Callable[[int, bytes, bytes], tuple[int, int]]:
    """The kernel's call: the descriptor and the error's number."""
    import ctypes  # here, because most runs confine nothing and start 5 ms earlier without it

    call = ctypes.CDLL(None, use_errno=True).syscall

    def openat2(root: int, relative: bytes, how: bytes) -> tuple[int, int]:
        fd = int(call(_OPENAT2, root, relative, how, len(how)))
        return fd, ctypes.get_errno()

    return openat2


def stepwise(root: int, relative: bytes, flags: int) -> int:
    """The same without openat2: one folder after the other, none of them a link."""
    *folders, last = [part for part in relative.split(b"/") if part not in (b"", b".")] or [b"."]
    if b".." in (*folders, last) or relative.startswith(b"/"):
        raise OSError(errno.EXDEV, "outside the root")
    here = os.dup(root)
    try:
        for name in folders:
            below = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=here)
            os.close(here)
            here = below
        return os.open(last, flags | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=here)
    finally:
        os.close(here)


def _made(folder: int, name: bytes) -> int:
    """The folder of this name, made where it is not there."""
    with suppress(FileExistsError):
        os.mkdir(name, dir_fd=folder)
    return opened_beneath(folder, name, _FOLDER)
