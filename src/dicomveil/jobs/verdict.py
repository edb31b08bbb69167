"""Why a file is not delivered: what each thing that can go wrong is recorded as.

Unknown means refuse: an exception that nobody foresaw quarantines the file. Its words are written
nowhere, since they may quote the file; only its class and the line of ours that met it are kept.
"""

import errno
import os
import stat
from typing import Final, NamedTuple

from dicomveil.dicom.sniff import Kind, kind_of
from dicomveil.errors import Changed, Failed, InvalidDicom, NotDicom, Refused
from dicomveil.jobs.chunks import Group
from dicomveil.jobs.outcome import Status
from dicomveil.jobs.record import Record, quoted, quoted_text

FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_OPENING: Final = {
    errno.EACCES: "unreadable",
    errno.EPERM: "unreadable",
    errno.ENOENT: "vanished",
    errno.ENOTDIR: "vanished",
    errno.ELOOP: "changed",
    errno.ENXIO: "changed",
}
_DICOM_NAME: Final = b".dcm"
_PACKAGE: Final = "dicomveil"


class Verdict(NamedTuple):
    """Why a file is not delivered."""

    status: Status
    code: str
    offset: int | None = None
    where: str = ""  # the element's path


FOLDER_UNREADABLE: Final = Verdict(Status.FAILED, "unreadable")
WORKER_LOST: Final = Verdict(Status.FAILED, "worker-lost")


class Case(NamedTuple):
    """One file: its number, where it is, and its path below SRC."""

    number: int
    path: bytes
    relative: bytes


def case_of(number: int, group: Group, name: bytes) -> Case:
    """The case of a chunk's file."""
    path = group.folder + b"/" + name if name else group.folder
    return Case(number, path, group.within + (group.alias or name))


def refusal(case: Case, facts: tuple[int, int], verdict: Verdict) -> Record:
    """The record of a file that is not delivered; `facts` are its size and time."""
    return Record(
        case.number,
        *facts,
        verdict.status,
        verdict.code,
        quoted(case.path),
        "" if verdict.offset is None else str(verdict.offset),
        quoted_text(verdict.where) if verdict.where else "",
        "",
        "",
        "",
    )


def facts_of(path: bytes) -> tuple[int, int]:
    """Size and time of a file that is not open, as the scan sees them; zeros for anything else."""
    try:
        found = os.stat(path, follow_symlinks=False)
    except OSError:
        return 0, 0
    return (found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else (0, 0)


def unopened(error: Exception) -> Verdict:
    """The verdict on a file that could not be opened."""
    if isinstance(error, OSError):
        return Verdict(Status.FAILED, _OPENING.get(error.errno or 0, "io-error"))
    return judged(error)


def not_dicom(head: bytes, name: bytes) -> Verdict:
    """Skipped by its kind, unless its name promises DICOM; a DICOMDIR is skipped in any case."""
    kind = kind_of(head)
    if kind is not Kind.DICOMDIR and name.lower().endswith(_DICOM_NAME):
        return Verdict(Status.QUARANTINED, NotDicom.code)
    return Verdict(Status.SKIPPED, kind)


def judged(error: Exception) -> Verdict:
    """The verdict on a file that was opened, and then met `error`."""
    match error:
        case InvalidDicom() | Refused():
            return Verdict(Status.QUARANTINED, error.code, error.offset, error.path)
        case Changed() | Failed():
            return Verdict(Status.FAILED, error.code)
        case OSError():
            return Verdict(Status.FAILED, "io-error")
        case MemoryError():
            return Verdict(Status.FAILED, "no-memory")
        case _:
            return Verdict(Status.QUARANTINED, "internal", where=_place_of(error))


def is_full(error: Exception) -> bool:
    """Whether there is no space left, which ends a run: no later file would fare better."""
    return isinstance(error, OSError) and error.errno in FULL


def _place_of(error: Exception) -> str:
    """The exception's class, and the last line of dicomveil that it passed."""
    from traceback import extract_tb

    frames = [f for f in extract_tb(error.__traceback__) if _PACKAGE in f.filename]
    if not frames:
        return type(error).__name__
    module = frames[-1].filename.rpartition(_PACKAGE)[2].lstrip("/")
    return f"{type(error).__name__} {module}:{frames[-1].lineno}"
