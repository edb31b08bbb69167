"""A zip or tar as a source: entries are streamed one by one to the spool, within bounds.

No name in an archive becomes a path, links and devices are passed by, and an archive in an archive
is a file like any other. What an archive says of itself is not believed: what comes is counted.
"""

import bz2
import gzip
import io
import lzma
import os
import stat
import struct
import tarfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Final, NamedTuple, Protocol

from dicomveil.errors import Failed, NothingFound, PlaceRefuses
from dicomveil.places import landing
from dicomveil.places.asking import checked
from dicomveil.places.place import Asked, SeriesFound, Step, StudyFound

ZIPS: Final = (".zip",)
TARS: Final = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_PIECE: Final = 1 << 20
_HEADERS: Final = 1 << 20  # what the headers between two entries of a tar may take
_LINE: Final = 1 << 9  # what the directory of a zip may take for each entry
_LATEST: Final = 1 << 33  # seconds since 1970 that every file system has
_ENCRYPTED: Final = 1
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_BROKEN: Final = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    gzip.BadGzipFile,
    EOFError,
    struct.error,
    NotImplementedError,
    ValueError,
    UnicodeDecodeError,
)


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int = ..., /) -> bytes:
        """So many bytes, or fewer at the end."""
        ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much an archive may be."""

    entries: int = 1_000_000
    entry_bytes: int = 1 << 36
    ratio: int = 200  # of all that comes to the archive itself; a blank slice alone has 1000
    least: int = 1 << 30  # that may come in any case


@dataclass(frozen=True, slots=True)
class Archive:
    """The entries of one archive file of this machine."""

    name: str
    path: Path
    bounds: Bounds = Bounds()

    def find(self, asked: Asked) -> tuple[StudyFound, ...]:
        """One answer whose objects are not counted: a tar is read once."""
        self._check(asked)
        return (StudyFound("", "", "", "", "", "", (SeriesFound("", "", "", None),)),)

    def fetch(self, asked: Asked, spool: Path) -> Iterator[Path]:
        """Write each entry that is a file to the spool; PlaceRefuses beyond a bound.

        An archive that is cut, encrypted or no archive is refused as well; NothingFound when
        there is no file in it.
        """
        self._check(asked)
        entries = self._zipped if _ends(self.path, ZIPS) else self._tarred
        paths = landing.free_paths(spool)
        left = self._most()
        count = 0
        with self._readable():
            for count, (entry, called, size, modified) in enumerate(entries(), 1):
                if count > self.bounds.entries:
                    raise PlaceRefuses(self.name, f"more than {self.bounds.entries} entries")
                path = landing.named(next(paths), called)
                landing.room_for(self.name, spool, size, self.bounds.entry_bytes)
                with landing.arriving(path, modified) as file:
                    while piece := entry.read(_PIECE):
                        left -= len(piece)
                        self._check_size(file.size + len(piece), left)
                        file.write(piece)
                yield path
        if not count:
            raise NothingFound(self.name, "there is no file in it")

    def steps(self) -> Iterator[Step]:
        """Say whether the file can be opened."""
        yield Step("file", fine=os.access(self.path, os.R_OK))

    def _check(self, asked: Asked) -> None:
        if checked(asked).below != ".":
            raise PlaceRefuses(self.name, "an archive comes whole: it is asked for '.'")

    def _check_size(self, size: int, left: int) -> None:
        if size > self.bounds.entry_bytes:
            raise PlaceRefuses(self.name, f"an entry of more than {self.bounds.entry_bytes} bytes")
        if left < 0:
            raise PlaceRefuses(self.name, "it unfolds to far more than it is: a bomb")

    def _most(self) -> int:
        with landing.failing():
            return max(self.bounds.least, self.bounds.ratio * self.path.stat().st_size)

    def _zipped(self) -> Iterator["_Entry"]:
        with self.path.open("rb") as file:
            self._check_directory(file)
            with zipfile.ZipFile(file) as archive:
                for entry in archive.infolist():
                    mode = entry.external_attr >> 16
                    if entry.is_dir() or (mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG)):
                        continue
                    if entry.flag_bits & _ENCRYPTED:
                        raise PlaceRefuses(self.name, "it is encrypted")
                    if entry.compress_type not in _METHODS:
                        raise PlaceRefuses(self.name, "it is compressed in a way not accepted")
                    with archive.open(entry) as opened:
                        yield _Entry(opened, entry.filename, entry.file_size, _moment(entry))

    def _check_directory(self, file: BinaryIO) -> None:
        """Refuse a directory that is too large to be read: it is read whole."""
        size = _directory_size(file)
        if size > _LINE * self.bounds.entries:
            raise PlaceRefuses(self.name, f"more than {self.bounds.entries} entries")

    def _tarred(self) -> Iterator["_Entry"]:
        with self.path.open("rb") as file, _unfolded(file) as unfolded:
            counting = _Counting(unfolded, self.name)
            with tarfile.open(fileobj=counting, mode="r|", bufsize=1 << 16) as archive:
                while True:
                    counting.left = _HEADERS
                    entry = archive.next()
                    if entry is None:
                        return
                    archive.members.clear()  # type: ignore[attr-defined]  # it would keep them all
                    if not entry.isreg() or entry.issparse():
                        self._check_passed(entry)
                        continue
                    counting.left = entry.size + _HEADERS
                    opened = archive.extractfile(entry)
                    assert opened is not None  # it is a file
                    modified = min(max(entry.mtime, 0), _LATEST)
                    yield _Entry(opened, entry.name, entry.size, modified)

    def _check_passed(self, entry: tarfile.TarInfo) -> None:
        if entry.issparse():
            raise PlaceRefuses(self.name, "it has sparse entries, which are not accepted")

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """What the libraries raise, as trouble of this archive; what they say is not passed on."""
        try:
            yield
        except _BROKEN:
            raise PlaceRefuses(self.name, "it is cut or no archive of its kind") from None
        except OSError as error:
            raise Failed(f"an archive cannot be read: {os.strerror(error.errno or 0)}") from None


class _Entry(NamedTuple):
    """A file of an archive, open; its name is looked at and used for nothing."""

    content: IO[bytes]
    called: str
    size: int  # as the archive says
    modified: float


class _Counting(io.RawIOBase):
    """A stream that ends the reading of a tar whose headers take more than they may."""

    def __init__(self, stream: Readable, place: str) -> None:
        super().__init__()
        self._stream = stream
        self._place = place
        self.left = _HEADERS

    def read(self, size: int = -1) -> bytes:
        """As the stream gives."""
        piece = self._stream.read(size)
        self.left -= len(piece)
        if self.left < 0:
            raise PlaceRefuses(self._place, "its headers take more than they may")
        return piece


def is_archive(path: str) -> bool:
    """Whether a path names an archive that can be a source; looks at the file system."""
    return path.lower().endswith(ZIPS + TARS) and Path(path).is_file()


def _ends(path: Path, endings: tuple[str, ...]) -> bool:
    return path.name.lower().endswith(endings)


@contextmanager
def _unfolded(file: BinaryIO) -> Iterator[Readable]:
    """The tar inside what compresses it, told by its first bytes."""
    head = file.read(6)
    file.seek(0)
    if head.startswith(b"\x1f\x8b"):
        with gzip.GzipFile(fileobj=file) as unfolded:
            yield unfolded
    elif head.startswith(b"BZh"):
        with bz2.BZ2File(file) as unfolded_bz2:
            yield unfolded_bz2
    elif head == b"\xfd7zXZ\x00":
        with lzma.LZMAFile(file) as unfolded_xz:
            yield unfolded_xz
    else:
        yield file


def _directory_size(file: BinaryIO) -> int:
    """How many bytes the end of a zip says its directory has; 0 where no end is found.

    APPNOTE 4.3.14 to 4.3.16. The library looks in the same places, and reads that many.
    """
    size = file.seek(0, os.SEEK_END)
    tail_at = max(size - 65_557, 0)
    file.seek(tail_at)
    tail = file.read()
    file.seek(0)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        return 0
    said = struct.unpack_from("<L", tail, at + 12)[0]
    large = tail.rfind(b"PK\x06\x06", 0, at)
    if large >= 0 and len(tail) >= large + 56:
        said = max(said if said != 0xFFFFFFFF else 0, struct.unpack_from("<Q", tail, large + 40)[0])
    return int(min(said, size))


def _moment(entry: zipfile.ZipInfo) -> float:
    """When the entry was changed; 0 where it does not say sensibly."""
    try:
        return time.mktime((*entry.date_time, 0, 0, -1))
    except (ValueError, OverflowError):
        return 0.0
