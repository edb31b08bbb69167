"""A folder of this machine, or a mounted share, as a place: what lies below it, nothing else."""

import os
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, assert_never

from dicomveil.errors import Changed, NothingFound, PlaceBusy, PlaceRefuses
from dicomveil.places import landing
from dicomveil.places.asking import checked
from dicomveil.places.copying import write_all
from dicomveil.places.folder import Folder, Published
from dicomveil.places.place import Arrival, Asked, SeriesFound, Step, StudyFound
from dicomveil.places.scan import Found, Links, Scan

_PIECE: Final = 1 << 20
_LARGEST: Final = 1 << 36


@dataclass(frozen=True, slots=True)
class Directory:
    """Source, destination and steps of one folder; links are not followed."""

    name: str
    root: Path
    largest: int = _LARGEST  # bytes of one file

    def find(self, asked: Asked) -> tuple[StudyFound, ...]:
        """One answer that counts the files below the folder; a folder knows no studies."""
        count = sum(1 for _ in self._files(asked))
        if not count:
            return ()
        return (StudyFound("", "", "", "", "", "", (SeriesFound("", "", "", count),)),)

    def fetch(self, asked: Asked, spool: Path) -> Iterator[Path]:
        """Copy every file, in the order of the names."""
        came = None
        wanted = zip(self._files(asked), landing.free_paths(spool), strict=False)
        for found, path in wanted:
            came = landing.named(path, os.fsdecode(found.name))
            self._copy(found, came)
            yield came
        if came is None:
            raise NothingFound(self.name, "there is no file in that folder")

    def deliver(self, root: Path, names: Iterable[str]) -> Iterator[tuple[str, Arrival]]:
        """Publish each file under its name, in place of none."""
        with self._reachable(), closing(Folder(os.fsencode(self.root))) as folder:
            for number, name in enumerate(names, 1):
                yield name, self._published(folder, number, root, name)

    def steps(self) -> Iterator[Step]:
        """Say whether the folder is there, and may be read and written."""
        yield Step("folder", fine=self.root.is_dir())
        if self.root.is_dir():
            yield Step("reading", fine=os.access(self.root, os.R_OK | os.X_OK))
            writing = "may be written to" if os.access(self.root, os.W_OK) else "a source alone"
            yield Step("writing", fine=True, said=writing)

    def _files(self, asked: Asked) -> Iterator[Found]:
        below = checked(asked).below
        if not below:
            raise PlaceRefuses(self.name, "a folder is asked for a folder, and knows no studies")
        path = self.root.joinpath(*self._names(below))
        with self._reachable():
            if not path.resolve().is_relative_to(self.root.resolve()):
                raise PlaceRefuses(self.name, "the path leads over a link: not followed")
            if not path.exists():
                raise PlaceRefuses(self.name, "there is no such folder or file")
        for found in Scan([os.fsencode(path)], Links.IGNORE):
            if not found.name:
                raise PlaceRefuses(self.name, "a folder there cannot be read")
            yield found

    def _names(self, path: str) -> list[str]:
        names = [name for name in path.split("/") if name not in {"", "."}]
        if ".." in names:
            raise PlaceRefuses(self.name, ".. is not accepted in a path")
        return names

    def _copy(self, found: Found, path: Path) -> None:
        landing.room_for(self.name, path.parent, found.size, self.largest)
        with landing.arriving(path, found.mtime_ns / 1e9) as file, self._reachable():
            fd = os.open(found.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with open(fd, "rb") as opened:
                while piece := opened.read(_PIECE):
                    file.write(piece)
            if file.size != found.size:
                raise Changed("a file changed while it was read")

    def _published(self, folder: Folder, number: int, root: Path, name: str) -> Arrival:
        *within, last = self._names(name)
        draft = folder.draft(os.fsencode("/".join(within)), number)
        try:
            with root.joinpath(*within, last).open("rb") as file:
                while piece := file.read(_PIECE):
                    write_all(draft.fd, piece)
            match folder.publish(draft, os.fsencode(last)):
                case Published.DELIVERED:
                    return Arrival.DELIVERED
                case Published.DUPLICATE:
                    return Arrival.ALREADY_THERE
                case Published.CONFLICT:
                    raise PlaceRefuses(
                        self.name, "a final name is taken by another file, which is not replaced"
                    )
                case other:
                    assert_never(other)
        finally:
            folder.discard(draft)

    @contextmanager
    def _reachable(self) -> Iterator[None]:
        """What the machine refuses, as trouble of this place; the message names no path."""
        try:
            yield
        except PermissionError:
            raise PlaceRefuses(self.name, "access was denied") from None
        except OSError as error:
            raise PlaceBusy(self.name, os.strerror(error.errno or 0)) from None
