"""The spool: a private folder of this machine where fetched objects lie until they are cleaned.

Files are named by number, never by what a place or an object calls them. A file gets its name when
it is whole; what a kill leaves unfinished has another name and is swept with the rest.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from dicomveil.errors import Failed, PlaceRefuses

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_PART: Final = ".part"
_PRIVATE: Final = 0o700


def opened(folder: Path) -> Path:
    """The folder, made or emptied, for nobody but its owner; Failed where it is another's."""
    sweep(folder)
    with failing():
        folder.mkdir(mode=_PRIVATE, parents=True)
        folder.chmod(_PRIVATE)
    return folder


def sweep(folder: Path) -> None:
    """Remove the spool and everything in it; Failed for what is no folder of ours."""
    with failing(), suppress(FileNotFoundError):
        found = folder.lstat()
        if not folder.is_dir() or folder.is_symlink() or found.st_uid != os.geteuid():
            raise Failed("what has the spool's name is no folder of the one who runs this")
        shutil.rmtree(folder)


@contextmanager
def arriving(spool: Path, number: int) -> Iterator[tuple[BinaryIO, Path]]:
    """A file to write, and the path it will have once the block ends well.

    Raises Failed when the disk is full; of a block that fails nothing stays.
    """
    path = spool / f"{number:09}"
    part = path.with_suffix(_PART)
    try:
        with failing(), part.open("xb") as file:
            yield file, path
        with failing():
            part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def dated(path: Path, modified: float) -> None:
    """Let a whole file have the time at which its original was changed."""
    with failing():
        os.utime(path, (modified, modified))


def room_for(place: str, spool: Path, size: int, bound: int) -> None:
    """Raise PlaceRefuses for an object beyond the bound, Failed where the disk has no room."""
    if size > bound:
        raise PlaceRefuses(place, f"an object is larger than the bound of {bound} bytes")
    with failing():
        space = os.statvfs(spool)
    if space.f_bavail * space.f_frsize < size:
        raise Failed("no space is left for what is fetched")


@contextmanager
def failing() -> Iterator[None]:
    """What the machine refuses is Failed; the message names no path."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise Failed("no space is left for what is fetched") from None
        raise Failed(f"the spool failed: {os.strerror(error.errno or 0)}") from None
