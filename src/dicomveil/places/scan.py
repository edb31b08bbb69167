"""Every regular file of a tree in one fixed order, found while the run goes on.

Folders are read one at a time, and their entries taken in the order of their names' bytes, so
that a file has the same number in every run. No file is opened here.
"""

import os
from collections.abc import Iterator, Sequence
from enum import Enum, StrEnum
from typing import Final, NamedTuple

from dicomveil.places.names import Names
from dicomveil.places.sieve import EVERYTHING, Sieve


class Links(StrEnum):
    """What is done about symbolic links inside SRC."""

    IGNORE = "ignored"
    FOLLOW = "followed"  # never out of SRC, and no folder twice
    FILES = "followed to files"  # wherever those are
    ANYWHERE = "followed anywhere"  # to files and folders, no folder twice


_KIND: Final = b"\0"  # stands in no name
_TO_FOLDERS: Final = frozenset({Links.FOLLOW, Links.ANYWHERE})


class Found(NamedTuple):
    """A regular file, or a folder that cannot be read, which has no name."""

    folder: bytes  # where it lies
    name: bytes  # its name there
    within: bytes  # its folder relative to SRC, with a slash at the end, or b""
    alias: bytes  # its name where a link leads to it; b"" when none does
    size: int
    mtime_ns: int

    @property
    def path(self) -> bytes:
        """What to open."""
        return self.folder + b"/" + self.name if self.name else self.folder


class Passed:
    """How many things a scan passed by because they are no files."""

    __slots__ = ("folders", "links", "special")

    def __init__(self) -> None:
        """Nothing was passed over yet."""
        self.links = 0  # not followed, or leading nowhere, out of SRC, or where the scan has been
        self.special = 0  # FIFOs, sockets, devices
        self.folders = 0  # not passed by: those that hold files


class _Level(NamedTuple):
    """A folder whose entries are being taken."""

    folder: bytes
    within: bytes
    names: Iterator[bytes]  # of what is no file a zero byte and its kind follow


class _Entry(bytes, Enum):
    FOLDER = b"f"
    LINK = b"l"
    SPECIAL = b"s"


class Scan:
    """The files of `sources`, absolute paths of files and folders, each time it is iterated.

    Several sources each lend their own name to the relative paths of their files.
    """

    def __init__(self, sources: Sequence[bytes], links: Links, sieve: Sieve = EVERYTHING) -> None:
        """Scan `sources` in this order for what passes the sieve."""
        self.passed = Passed()
        self._sources = tuple(sources)
        self._links = links
        self._sieve = sieve
        self._roots = tuple(os.path.realpath(source) for source in sources)
        self._walked: set[tuple[int, int]] = set()

    def __iter__(self) -> Iterator[Found]:
        self.passed = Passed()
        self._walked.clear()
        for source in self._sources:
            within = os.path.basename(source) + b"/" if len(self._sources) > 1 else b""
            if os.path.isdir(source):
                yield from self._tree(source, within)
            else:
                folder, name = os.path.split(os.path.realpath(source))
                yield _file(folder, name, b"", os.path.basename(source))

    def _tree(self, top: bytes, within: bytes) -> Iterator[Found]:
        """Depth first, each folder's entries in order."""
        levels: list[_Level] = []
        entered = self._enter(top, within)
        while True:
            if isinstance(entered, Found):
                yield entered
            elif entered is not None:
                levels.append(entered)
            if not levels:
                return
            folder, within, names = levels[-1]
            entered = None
            for name in names:
                if _KIND not in name:
                    yield _file(folder, name, within)
                else:
                    plain, _, kind = name.partition(_KIND)
                    entered = self._other(_Entry(kind), levels[-1], plain)
                    break
            else:
                levels.pop()

    def _other(self, entry: _Entry, level: _Level, name: bytes) -> _Level | Found | None:
        """What an entry that is no regular file leads to; None when it is passed by."""
        path = level.folder + b"/" + name
        if entry is _Entry.FOLDER:
            return self._enter(path, level.within + name + b"/")
        if entry is _Entry.LINK and self._links is not Links.IGNORE:
            return self._follow(path, level.within, name)
        if entry is _Entry.LINK:
            self.passed.links += 1
        else:
            self.passed.special += 1
        return None

    def _follow(self, path: bytes, within: bytes, name: bytes) -> _Level | Found | None:
        """Where a link leads, if that is a file or folder inside SRC."""
        real = os.path.realpath(path)
        inside = self._links is not Links.FOLLOW or any(
            real == root or real.startswith(root + b"/") for root in self._roots
        )
        if inside and self._links in _TO_FOLDERS and os.path.isdir(real):
            return self._enter(real, within + name + b"/")
        if inside and os.path.isfile(real):
            passes = self._sieve.passes(within, name)
            return _file(*os.path.split(real), within, name) if passes else None
        self.passed.links += 1
        return None

    def _enter(self, folder: bytes, within: bytes) -> _Level | Found | None:
        """The folder's entries; None when it was walked already, by the way of a link."""
        if not self._sieve.enters(folder, within):
            return None
        try:
            if self._links in _TO_FOLDERS and self._been(folder):
                self.passed.links += 1
                return None
            names, files = self._names(folder, within)
        except OSError:
            return Found(folder, b"", within, b"", 0, 0)
        self.passed.folders += files > 0
        return _Level(folder, within, names.in_order())

    def _names(self, folder: bytes, within: bytes) -> tuple[Names, int]:
        """The names of a folder's entries that are not sieved out, and how many are of files."""
        names, files = Names(), 0
        sieved = self._sieve != EVERYTHING
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name
                if not entry.is_file(follow_symlinks=False):
                    names.add(name + _KIND + _kind(entry))
                elif not sieved or self._sieve.passes(within, name):
                    names.add(name)
                    files += 1
        return names, files

    def _been(self, folder: bytes) -> bool:
        found = os.stat(folder)
        here = (found.st_dev, found.st_ino)
        been = here in self._walked
        self._walked.add(here)
        return been


def _kind(entry: "os.DirEntry[bytes]") -> _Entry:
    if entry.is_symlink():
        return _Entry.LINK
    return _Entry.FOLDER if entry.is_dir(follow_symlinks=False) else _Entry.SPECIAL


def _file(folder: bytes, name: bytes, within: bytes, alias: bytes = b"") -> Found:
    """The file with its size and time; zeros when it is gone already, as opening it will tell."""
    try:
        found = os.lstat(folder + b"/" + name)
    except OSError:
        return Found(folder, name, within, alias, 0, 0)
    return Found(folder, name, within, alias, found.st_size, found.st_mtime_ns)
