"""What arrives from shares, stores and archives: numbered files of a spool, in the listing's order.

The numbers are given before the files are fetched, so that several connections may bring them and
each still has the number of its place in the listing.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from dicomveil.errors import Failed, PlaceRefuses
from dicomveil.places.spool import Incoming

_DICOM: Final = ".dcm"
_PRIVATE: Final = 0o700


def free_paths(spool: Path) -> Iterator[Path]:
    """The names that are free in the spool, in order; it is made if need be, for us alone."""
    with failing():
        spool.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        taken = {name.partition(".")[0] for name in os.listdir(spool)}
    number = 0
    while True:
        number += 1
        name = f"{number:08}"
        if name not in taken:
            yield spool / name


def named(path: Path, original: str) -> Path:
    """The path, with the one ending that says something: such a file ought to be DICOM."""
    return path.with_suffix(_DICOM) if original.lower().endswith(_DICOM) else path


@contextmanager
def arriving(path: Path, modified: float) -> Iterator[Incoming]:
    """A file to write, which has its name when the block ends well; of another nothing stays.

    It keeps the time at which its original was changed. Raises Failed when the disk is full.
    """
    with failing():
        coming = Incoming(path)
    try:
        yield coming
        with failing():
            coming.keep()
            os.utime(path, (modified, modified))
    finally:
        coming.drop()


def room_for(place: str, spool: Path, size: int, bound: int) -> None:
    """Raise PlaceRefuses for an object beyond the bound, Failed where the disk has no room."""
    if size > bound:
        raise PlaceRefuses(place, f"an object is larger than the bound of {bound} bytes")
    with failing():
        space = os.statvfs(spool)
    if space.f_bavail * space.f_frsize < size:
        raise Failed("no space is left for what is fetched")


def sweep(folder: Path) -> None:
    """Remove a spool with everything in it; Failed for what is no folder of ours."""
    with failing(), suppress(FileNotFoundError):
        found = folder.lstat()
        if folder.is_symlink() or not folder.is_dir() or found.st_uid != os.geteuid():
            raise Failed("what has the spool's name is no folder of the one who runs this")
        shutil.rmtree(folder)


@contextmanager
def failing() -> Iterator[None]:
    """What the machine refuses is Failed; the message names no path."""
    try:
        yield
    except OSError as error:
        raise Failed(f"the spool failed: {os.strerror(error.errno or 0)}") from None
