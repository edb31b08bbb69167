"""Chunks: files that follow one another and go to one worker, by the work they will be.

The first chunks are small, so that a small tree keeps every worker busy; later ones hold up to
1,000 files or 128 MB. Where chunks begin and end changes nothing in the result.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from dicomveil.places.scan import Found

FILES: Final = 1000
BYTES: Final = 128 << 20
_FIRST_FILES: Final = 16
_FIRST_BYTES: Final = 8 << 20


class Group(NamedTuple):
    """Files of one folder, in order; without names, the folder itself, which cannot be read."""

    folder: bytes
    within: bytes
    names: tuple[bytes, ...]
    alias: bytes = b""  # of the one file, when a link leads to it


class Chunk(NamedTuple):
    """Files numbered from `first` on."""

    first: int
    length: int  # how many files
    groups: tuple[Group, ...]

    @property
    def next(self) -> int:
        """The number after the last."""
        return self.first + self.length

    def files(self) -> Iterator[tuple[Group, bytes]]:
        """Each file's group and name, in order; b"" names the group's folder itself."""
        for group in self.groups:
            for name in group.names or (b"",):
                yield group, name

    def part(self, first: int, count: int | None = None) -> "Chunk":
        """The files of this chunk numbered from `first` on, `count` of them or all."""
        stop = self.next if count is None else first + count
        at = self.first
        groups = []
        for group in self.groups:
            if not group.names:
                if first <= at < stop:
                    groups.append(group)
                at += 1
                continue
            names = group.names[max(first - at, 0) : max(stop - at, 0)]
            at += len(group.names)
            if names:
                groups.append(group._replace(names=names))
        return Chunk(first, stop - first, tuple(groups))


class _Filling:
    """A chunk that files are being added to."""

    def __init__(self, first: int) -> None:
        self.first = self.next = first
        self.size = 0
        self._groups: list[Group] = []
        self._names: list[bytes] = []
        self._open: Group | None = None

    def add(self, found: Found) -> None:
        here = self._open
        if here is None or found.alias or not found.name or not _together(here, found):
            self._begin(found)
        if self._open is not None:
            self._names.append(found.name)
        self.next += 1
        self.size += found.size

    def _begin(self, found: Found) -> None:
        """Begin the group of a folder; what stands alone has a group of its own at once."""
        self._close()
        group = Group(found.folder, found.within, (), found.alias)
        if found.name and not found.alias:
            self._open = group
        else:
            self._groups.append(group._replace(names=(found.name,) if found.name else ()))

    def chunk(self) -> Chunk:
        self._close()
        return Chunk(self.first, self.next - self.first, tuple(self._groups))

    def _close(self) -> None:
        if self._open is not None:
            self._groups.append(self._open._replace(names=tuple(self._names)))
            self._names = []
            self._open = None


def _together(group: Group, found: Found) -> bool:
    """Whether the file lies in the group's folder; a scan gives one folder's files one object."""
    return found.folder is group.folder or (
        found.folder == group.folder and found.within == group.within
    )


def chunks(numbered: Iterable[tuple[int, Found]], workers: int) -> Iterator[Chunk]:
    """The files in chunks for so many workers; a gap in the numbers ends a chunk."""
    made = 0
    filling: _Filling | None = None
    for number, found in numbered:
        if filling is not None and filling.next != number:
            yield filling.chunk()
            filling = None
        if filling is None:
            filling = _Filling(number)
        filling.add(found)
        growth = 1 << min(made // workers, 10)
        full = filling.next - filling.first >= min(FILES, _FIRST_FILES * growth)
        if full or filling.size >= min(BYTES, _FIRST_BYTES * growth):
            yield filling.chunk()
            filling = None
            made += 1
    if filling is not None:
        yield filling.chunk()
