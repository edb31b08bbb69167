"""A folder as a destination: files appear whole, under their final name, and replace nothing.

Three ways, the first that the file system knows (`Way`): each makes the file without a name or
under a passing one, and gives it its final name in one step that fails when the name is taken.
"""

import contextlib
import errno
import fcntl
import os
from collections.abc import Callable
from enum import Enum, auto
from typing import Final, assert_never

from dicomveil.places.copying import write_all

_FOLDERS_OPEN: Final = 64
_BLOCK: Final = 1 << 20
_MODE: Final = 0o666  # less the umask, as any new file's
_OPEN: Final = os.O_RDWR | os.O_CLOEXEC
_TMPFILE: Final[int] = getattr(os, "O_TMPFILE", 0)
_NO_TMPFILE: Final = frozenset({errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT})
_NO_LINK: Final = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})
PASSING: Final = b".part"


class Way(Enum):
    """How a file gets its final name without ever replacing another."""

    NAMELESS = auto()  # O_TMPFILE, then a link: a kill leaves nothing behind
    LINKED = auto()  # a passing name, then a link: a kill may leave the passing name
    RENAMED = auto()  # no hard links (FAT, some shares): a rename under a lock of the folder


class Published(Enum):
    """What became of a file that was to get a final name."""

    DELIVERED = auto()
    DUPLICATE = auto()  # the name is taken by a file of the same bytes
    CONFLICT = auto()  # the name is taken by something else


class Draft:
    """A file being written, not yet under its final name."""

    __slots__ = ("fd", "folder", "number", "passing", "within")

    def __init__(self, fd: int, within: bytes, number: int, passing: bytes) -> None:
        """The open file `fd` for the folder `within`; `passing` is its name, b"" for none."""
        self.fd = fd
        self.within = within
        self.folder = -1  # the folder, open while the draft gets its name
        self.number = number
        self.passing = passing


class Folder:
    """A destination on a file system; raises OSError where the machine fails.

    Folders are made once and kept open, at most 64 of them.
    """

    def __init__(self, root: bytes, way: Way | None = None) -> None:
        """Publish under `root`, by the best way that the platform knows or by `way`."""
        self._root = root
        self.way = way or (Way.NAMELESS if _TMPFILE else Way.LINKED)
        self._folders: dict[bytes, int] = {}

    def draft(self, within: bytes, number: int) -> Draft:
        """A new file for the folder `within`; `number` sets it apart from all others in work.

        `within` is relative, b"" for the root itself.
        """
        if self.way is Way.NAMELESS:
            try:
                fd = os.open(b".", _OPEN | _TMPFILE, _MODE, dir_fd=self._folder(within))
            except OSError as error:
                if error.errno not in _NO_TMPFILE:
                    raise
                self.way = Way.LINKED
            else:
                return Draft(fd, within, number, b"")
        self._folder(within)
        return self._passing(within, number)

    def publish(self, draft: Draft, name: bytes) -> Published:
        """Give the draft its final name, or say that the name is taken and by what."""
        draft.folder = self._folder(draft.within)  # it may have been let go of since
        try:
            while not self._named(draft, name):
                pass  # by the next way, until one works
        except FileExistsError:
            same = _same_bytes(draft, name)
            return Published.DUPLICATE if same else Published.CONFLICT
        return Published.DELIVERED

    def discard(self, draft: Draft) -> None:
        """Let go of the draft; a published one keeps its final name."""
        os.close(draft.fd)
        if draft.passing:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(draft.passing)

    def close(self) -> None:
        """Let go of all folders."""
        for fd in self._folders.values():
            os.close(fd)
        self._folders.clear()

    def _named(self, draft: Draft, name: bytes) -> bool:
        """Whether the draft got its name; False after falling back to the next way."""
        match self.way:
            case Way.NAMELESS:
                try:
                    # CPython takes linkat, which can follow /proc/self/fd, only with a folder.
                    source = b"/proc/self/fd/%d" % draft.fd
                    os.link(source, name, dst_dir_fd=draft.folder, follow_symlinks=True)
                except OSError as error:
                    if error.errno not in _NO_LINK | {errno.ENOENT}:
                        raise
                    self.way = Way.LINKED
                    self._give_passing_name(draft)
                    return False
            case Way.LINKED:
                try:
                    os.link(draft.passing, name, dst_dir_fd=draft.folder)
                except OSError as error:
                    if error.errno not in _NO_LINK:
                        raise
                    self.way = Way.RENAMED
                    return False
            case Way.RENAMED:
                return _renamed(draft, name)
            case _:
                assert_never(self.way)
        return True

    def _passing(self, within: bytes, number: int) -> Draft:
        """A draft with a passing name in the root, where a later run finds what a kill left."""
        passing = self._root + b"/.%d" % number + PASSING
        fd = os.open(passing, _OPEN | os.O_CREAT | os.O_TRUNC, _MODE)
        return Draft(fd, within, number, passing)

    def _give_passing_name(self, draft: Draft) -> None:
        """Write a nameless draft again under a passing name, where it cannot be linked."""
        copy = self._passing(draft.within, draft.number)
        read_back(draft, lambda block: write_all(copy.fd, block))
        os.close(draft.fd)
        draft.fd, draft.passing = copy.fd, copy.passing

    def _folder(self, within: bytes) -> int:
        """The open folder."""
        folder = self._folders.get(within)
        return self._opened(within) if folder is None else folder

    def _opened(self, within: bytes) -> int:
        """Open the folder, and make it if need be."""
        if len(self._folders) >= _FOLDERS_OPEN:
            self.close()
        path = self._root + b"/" + within
        os.makedirs(path, exist_ok=True)
        fd = self._folders[within] = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        return fd


def is_passing(name: bytes) -> bool:
    """Whether a name in the root is one that only a killed run leaves there."""
    return name.startswith(b".") and name.endswith(PASSING) and name[1 : -len(PASSING)].isdigit()


def read_back(draft: Draft, see: Callable[[bytes], object]) -> None:
    """Show everything that was written to `see`, block by block."""
    at = 0
    while block := os.pread(draft.fd, _BLOCK, at):
        see(block)
        at += len(block)


def _renamed(draft: Draft, name: bytes) -> bool:
    """Rename while the folder is locked and the name is free: no other run of ours can take it."""
    fcntl.flock(draft.folder, fcntl.LOCK_EX)
    try:
        if _exists(name, draft.folder):
            raise FileExistsError(errno.EEXIST, "the final name is taken")
        os.rename(draft.passing, name, dst_dir_fd=draft.folder)
    finally:
        fcntl.flock(draft.folder, fcntl.LOCK_UN)
    return True


def _exists(name: bytes, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _same_bytes(draft: Draft, name: bytes) -> bool:
    """Whether the final name is a regular file of the draft's very bytes."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        taken = os.open(name, flags, dir_fd=draft.folder)
    except OSError:
        return False
    try:
        if os.fstat(taken).st_size != os.fstat(draft.fd).st_size:
            return False
        at = 0
        while block := os.pread(draft.fd, _BLOCK, at):
            if os.pread(taken, len(block), at) != block:
                return False
            at += len(block)
    finally:
        os.close(taken)
    return True
