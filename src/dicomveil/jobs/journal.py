"""A chunk's journal: what became of its files, written before each becomes visible.

One file of the private folder for each chunk, named by its first number; one line for each file,
written by one `write` before the link that publishes its output. So when a run is killed, only
the last line of each journal without an end is unproven.
"""

import os
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from dicomveil.jobs.fold import last_of_each
from dicomveil.jobs.private import opened
from dicomveil.jobs.record import END, Record, parsed

SUFFIX: Final = b".log"


class MemoryJournal:
    """A journal that is nowhere: for rehearsals."""

    def __init__(self) -> None:
        """Begin with no files."""
        self.records: list[Record] = []  # those that hold, in order

    def write(self, record: Record) -> None:
        """Say what became of the next file."""
        self.records.append(record)

    def correct(self, record: Record) -> None:
        """Say otherwise of the last file."""
        self.records[-1] = record

    def retract(self) -> None:
        """Say nothing of the last file after all."""
        self.records.pop()

    def end(self) -> None:
        """Nothing more comes: every record is proven."""


class FileJournal(MemoryJournal):
    """A journal in the private folder; OSError when it cannot be written."""

    def __init__(self, folder: bytes, first: int) -> None:
        """Begin the journal of the chunk whose first file has this number."""
        super().__init__()
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC
        self._fd = os.open(path_of(folder, first), flags, 0o600)
        self._at = self._before = 0

    def write(self, record: Record) -> None:
        """Add the line of the next file, whole or not at all."""
        self._before = self._append(record.line())
        self.records.append(record)

    def correct(self, record: Record) -> None:
        """Add a second line for the last file, which holds; when that fails, nothing is said."""
        try:
            self._append(record.line())
        except OSError:
            self.retract()
            raise
        self.records[-1] = record

    def retract(self) -> None:
        """Cut the last file's line off."""
        os.ftruncate(self._fd, self._before)
        self._at = self._before
        self.records.pop()

    def end(self) -> None:
        """Say that every line is proven, and let go of the file."""
        try:
            self._append(END)
            os.fsync(self._fd)
        finally:
            os.close(self._fd)

    def _append(self, line: bytes) -> int:
        """Write a line, whole or not at all; where it begins."""
        before = self._at
        try:
            written = os.write(self._fd, line)
            if written != len(line):
                written += os.write(self._fd, line[written:])
        except OSError:
            os.ftruncate(self._fd, before)
            raise
        self._at = before + written
        return before


class Kept(NamedTuple):
    """What a journal was found to hold."""

    first: int
    records: list[Record]
    proven: bool  # whether the last record is known to hold
    ended: bool  # whether its worker ended it

    @property
    def held(self) -> list[Record]:
        """The records that are known to hold."""
        return self.records if self.proven else self.records[:-1]


def path_of(folder: bytes, first: int) -> bytes:
    """Where the journal of the chunk that begins with this number is."""
    return folder + b"/%012d" % first + SUFFIX


def firsts(folder: bytes) -> list[int]:
    """The first numbers of all journals of a folder, in order."""
    names = [name for name in os.listdir(folder) if name.endswith(SUFFIX)]
    return sorted(int(name[: -len(SUFFIX)]) for name in names)


def read(folder: bytes, first: int) -> Kept:
    """What a journal says, whether its worker ended it or was killed.

    A line that was cut while it was written is left out: its file was not yet visible, and the
    line before it is proven, since the worker went on.
    """
    with open(path_of(folder, first), "rb") as file:
        lines = file.readlines()
    ended = lines[-1:] == [END]
    torn = bool(lines) and not lines[-1].endswith(b"\n")
    if ended or torn:
        lines.pop()
    records = last_of_each(lines)
    corrected = len(records) > 0 and _number(lines[-2:-1]) == records[-1].number
    return Kept(first, records, ended or torn or corrected or not records, ended)


def read_all(folder: bytes) -> Iterator[Kept]:
    """Every journal, in order; none when there is no such folder."""
    for first in firsts(folder) if os.path.isdir(folder) else ():
        yield read(folder, first)


def settle(folder: bytes, first: int, records: Sequence[Record]) -> None:
    """Write the journal anew with these records and an end; without any, remove it."""
    path = path_of(folder, first)
    if not records:
        os.unlink(path)
        return
    new = path + b".new"
    with opened(new) as file:
        file.writelines(record.line() for record in records)
        file.write(END)
        file.flush()
        os.fsync(file.fileno())
    os.rename(new, path)


def _number(lines: Sequence[bytes]) -> int | None:
    return parsed(lines[0]).number if lines else None
