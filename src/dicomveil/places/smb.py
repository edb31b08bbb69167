r"""A share of SMB as a place: `\\server\share\folder`, read and written over several connections.

No mount is needed. Which paths are accepted is smb_paths' to say, and how one connection speaks is
smb_line's; both sides here are one walk of a tree, and files in work a little ahead.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from dicomveil.errors import Failed, NothingFound, PlaceBusy, PlaceFailed, PlaceRefuses
from dicomveil.places import landing
from dicomveil.places.asking import checked
from dicomveil.places.manners import Manners
from dicomveil.places.place import Arrival, Asked, SeriesFound, Step, StudyFound
from dicomveil.places.smb_line import Entry, Line, Login, Otherwise, Taken
from dicomveil.places.smb_paths import Share, checked_names, fault_of, listed, share_of
from dicomveil.places.together import Lines

_PIECE: Final = 1 << 20
_LARGEST: Final = 1 << 36
_DEEPEST: Final = 64


@dataclass(frozen=True, slots=True)
class SmbPlace:
    """Source, destination and steps of the shares on one list; the first is delivered to."""

    login: Login
    shares: tuple[Share, ...]
    manners: Manners
    largest: int = _LARGEST  # bytes of one file

    @property
    def name(self) -> str:
        """What the place is called in messages."""
        return self.login.place

    def find(self, asked: Asked) -> tuple[StudyFound, ...]:
        """One answer that counts the files below the folder; a share knows no studies.

        Raises PlaceRefuses for anything but `below`, for a share that is not listed, and for a
        name that cannot be; PlaceBusy for trouble that may pass.
        """
        start = self._start(asked)
        lines = self._lines(start)
        try:
            count = sum(1 for _ in self._files(lines, start))
        finally:
            lines.close()
        if not count:
            return ()
        return (StudyFound("", "", "", "", "", "", (SeriesFound("", "", "", count),)),)

    def fetch(self, asked: Asked, spool: Path) -> Iterator[Path]:
        """Bring every file below the folder, in the order of the names; raises as `find`.

        Each keeps the time at which it was changed on the share.
        """
        start = self._start(asked)
        lines, walking = self._lines(start), self._lines(start)
        wanted = zip(self._files(walking, start), landing.free_paths(spool), strict=False)
        try:
            came = None
            for came in lines.each(self._brought, wanted):
                yield came
            if came is None:
                raise NothingFound(self.name, "there is no file in that folder")
        finally:
            lines.close()
            walking.close()

    def deliver(self, root: Path, names: Iterable[str]) -> Iterator[tuple[str, Arrival]]:
        """Publish each file under its name; a name that is taken by other bytes is refused."""
        start = self.shares[0]
        lines = self._lines(start)
        made: set[tuple[str, ...]] = set()
        try:
            yield from lines.each(
                partial(self._published, root=root, start=start, made=made), names
            )
        finally:
            lines.close()

    def steps(self) -> Iterator[Step]:
        """Connect, log in with signing, and list each share's folder, ending at a fault."""
        for number, share in enumerate(self.shares, 1):
            name = f"share {number} of {len(self.shares)}"
            try:
                line = self.manners.tried(partial(Line, self.login, share))
            except PlaceFailed as error:
                yield Step(f"connection to {name}", fine=False, said=error.problem)
                return
            yield Step(f"connection to {name}", fine=True, said="signed")
            try:
                entries = sum(1 for _ in line.listed("\\".join(share.folder)))
            except PlaceFailed as error:
                yield Step(f"listing of {name}", fine=False, said=error.problem)
                return
            finally:
                line.close()
            yield Step(f"listing of {name}", fine=True, said=f"{entries} entries")

    def _start(self, asked: Asked) -> Share:
        """The folder that is asked for; nothing was resolved or connected yet."""
        below = checked(asked).below
        if not below:
            raise PlaceRefuses(self.name, "a share is asked for a folder, and knows no studies")
        if below[:2] in ("\\\\", "//") or below.lower().startswith("smb://"):
            return listed(self.name, share_of(self.name, below), self.shares)
        first = self.shares[0]
        names = checked_names(self.name, below.replace("\\", "/").split("/"))
        return first._replace(folder=first.folder + names)

    def _lines(self, share: Share) -> Lines[Line]:
        return Lines(self.manners, partial(Line, self.login, share))

    def _files(self, lines: Lines[Line], start: Share) -> Iterator["_File"]:
        """Every file below the folder, or the file itself; each folder's in order of names."""
        folders = [start.folder]
        while folders:
            folder = folders.pop()
            if len(folder) > len(start.folder) + _DEEPEST:
                raise PlaceRefuses(self.name, "the folders are nested too deeply")
            path = "\\".join(folder)
            entries = lines.tried(partial(_sorted_entries, folder=path))
            for entry in entries:
                fault = fault_of(entry.name)
                if fault:
                    raise PlaceRefuses(self.name, f"a file there cannot be fetched: {fault}")
                if not entry.is_folder:
                    yield _File("\\".join((*folder, entry.name)), entry)
            folders += [(*folder, e.name) for e in reversed(entries) if e.is_folder]

    def _brought(self, line: Line, wanted: "tuple[_File, Path]") -> Path:
        remote, entry = wanted[0]
        path = landing.named(wanted[1], entry.name)
        landing.room_for(self.name, path.parent, entry.size, self.largest)
        with landing.arriving(path, entry.modified) as file:
            try:
                for piece in line.read(remote, entry.size):
                    file.write(piece)
            except Otherwise:
                raise PlaceBusy(self.name, "a file changed while it was read") from None
            if file.size != entry.size:
                raise PlaceBusy(self.name, "a file came in part")
        return path

    def _published(
        self, line: Line, name: str, root: Path, start: Share, made: set[tuple[str, ...]]
    ) -> tuple[str, Arrival]:
        """Publish one file, whose folders are made where they are not there."""
        *folder, last = checked_names(self.name, name.split("/"))
        self._make(line, start, tuple(folder), made)
        within = (*start.folder, *folder)
        local, path = root.joinpath(*folder, last), "\\".join((*within, last))
        # What a cut leaves is overwritten by the next attempt; a second writer finds it in use.
        passing = "\\".join((*within, f".{last}.part"))
        try:
            line.publish(_pieces(local), passing, path)
        except Taken:
            if not _is_same(line, local, path):
                raise PlaceRefuses(
                    self.name, "a final name is taken by another file, which is not replaced"
                ) from None
            return name, Arrival.ALREADY_THERE
        return name, Arrival.DELIVERED

    def _make(
        self, line: Line, start: Share, folder: tuple[str, ...], made: set[tuple[str, ...]]
    ) -> None:
        for depth in range(1, len(folder) + 1):
            upper = folder[:depth]
            if upper not in made:
                line.make_folder("\\".join((*start.folder, *upper)))
                made.add(upper)


class _File(NamedTuple):
    path: str
    entry: Entry


def _sorted_entries(line: Line, folder: str) -> list[Entry]:
    return sorted(line.listed(folder))


def _pieces(local: Path) -> Iterator[bytes]:
    """The bytes of an output; Failed when it cannot be read."""
    try:
        with local.open("rb") as file:
            while piece := file.read(_PIECE):
                yield piece
    except OSError as error:
        raise Failed(f"an output cannot be read: {os.strerror(error.errno or 0)}") from None


def _is_same(line: Line, local: Path, path: str) -> bool:
    """Whether the file on the share has the very bytes of the local one."""
    theirs = line.read(path, local.stat().st_size)
    try:
        return all(ours == other for ours, other in zip(_pieces(local), theirs, strict=True))
    except (Otherwise, ValueError):
        return False
    finally:
        theirs.close()
