"""The private folder: what only the hospital may know of a run. Mode 0700, its files 0600."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedWriter
from time import monotonic, sleep
from typing import Final

from dicomveil.errors import CannotStart

QUARANTINE: Final = b"quarantine.jsonl"  # what was quarantined or failed: where it is, and why
SKIPPED: Final = b"skipped.jsonl"  # what was skipped, and duplicates
UIDS: Final = b"uids.csv"
PATIENTS: Final = b"patients.csv"
FILES: Final = b"files.csv"
JOURNAL: Final = b"journal"
OURS: Final = frozenset({QUARANTINE, SKIPPED, UIDS, PATIENTS, FILES, JOURNAL})
_PATIENCE: Final = 10.0  # seconds that workers of a killed run may take to end


def opened(path: bytes) -> BufferedWriter:
    """A new file that only its owner may read, in place of an older one."""
    return open(path, "wb", opener=lambda p, flags: os.open(p, flags, 0o600))


def open_folder(folder: bytes) -> None:
    """Make the private folder, or close it to others where it is there."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    os.chmod(folder, 0o700)
    os.makedirs(folder + b"/" + JOURNAL, mode=0o700, exist_ok=True)


@contextmanager
def locked(folder: bytes) -> Iterator[None]:
    """Hold the private folder alone: workers inherit the lock, so it outlives a killed parent.

    CannotStart when another run holds it.
    """
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    deadline = monotonic() + _PATIENCE
    try:
        while not _taken(fd):
            if monotonic() > deadline:
                raise CannotStart("another run is at work with this private folder")
            sleep(0.05)
        yield
    finally:
        os.close(fd)


def is_empty(folder: bytes) -> bool:
    """Whether there is nothing in the folder, or no folder, or one that a run only just made."""
    try:
        return all(
            name == JOURNAL and not os.listdir(folder + b"/" + name) for name in _names(folder)
        )
    except NotADirectoryError:
        return False


def foreign(folder: bytes) -> int:
    """How many things in the folder are not of a run's making."""
    return sum(name not in OURS for name in _names(folder))


def clear(folder: bytes) -> None:
    """Remove what an earlier run left in its private folder."""
    clear_journals(folder)
    for name in _names(folder):
        if name in OURS and name != JOURNAL:
            os.unlink(folder + b"/" + name)


def clear_journals(folder: bytes) -> None:
    """Remove the journals of a run that is over."""
    journal = folder + b"/" + JOURNAL
    for name in _names(journal):
        os.unlink(journal + b"/" + name)
    if os.path.isdir(journal):
        os.rmdir(journal)


def _names(folder: bytes) -> list[bytes]:
    try:
        return os.listdir(folder)
    except FileNotFoundError:
        return []


def _taken(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
            raise
        return False
    return True
