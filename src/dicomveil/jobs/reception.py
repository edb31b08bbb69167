"""What was received and not yet delivered: a private folder that a kill takes nothing from.

Each study that is being received has a folder named by a number: its journal, and its objects under
numbers. An object is on disk, and its line in the journal, before its sender is told so; what has
no line was never acknowledged and is swept. A closed study's folder is moved, so that objects that
come later open another one.

    open/00000012/journal      the project and the study, then a line for each object
    open/00000012/objects/     00000001, 00000002 ... as they came
    closed/00000011/           to be de-identified and delivered
    held/00000010/             something of it could not be: it waits for a person
    runs/00000010/             the private side of the run: what was quarantined, and why
"""

import contextlib
import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Final

from dicomveil.dicom.hashing import blake2b
from dicomveil.errors import CannotStart, Failed
from dicomveil.places.copying import write_all

OPEN: Final = "open"
CLOSED: Final = "closed"
HELD: Final = "held"
RUNS: Final = "runs"
JOURNAL: Final = "journal"
OBJECTS: Final = "objects"
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
_APPEND: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
_DIGEST: Final = 16


class Kept(Enum):
    """What became of an object that came."""

    NEW = auto()
    AGAIN = auto()  # the very object is there already


@dataclass(slots=True)
class Study:
    """A study being received, or waiting to be delivered."""

    number: int
    project: str
    uid: str = field(repr=False)
    folder: Path
    digests: dict[str, str] = field(default_factory=dict, repr=False)  # by SOP Instance UID
    objects: int = 0  # numbers given out
    writing: int = 0  # objects on their way to the disk
    last: float = field(default_factory=monotonic)

    @property
    def source(self) -> Path:
        """The folder of its objects."""
        return self.folder / OBJECTS

    @property
    def journal(self) -> Path:
        """The file that says what it is and what it has."""
        return self.folder / JOURNAL


class Reception:
    """Keeps what comes. Threads may share it."""

    def __init__(self, folder: Path) -> None:
        """Take up what an earlier process left; CannotStart where the folder cannot be used."""
        self.folder = folder
        self._lock = Lock()
        self._open: dict[tuple[str, str], Study] = {}
        try:
            for name in (OPEN, CLOSED, HELD, RUNS):
                (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            for path in sorted((folder / OPEN).iterdir()):
                study = _taken_up(path)
                if study is not None:
                    self._open[study.project, study.uid] = study
        except OSError as error:
            raise CannotStart(f"the spool cannot be used: {error.strerror}") from None
        self._number = max(self._numbers(), default=0)

    def keep(
        self, project: str, study_uid: str, instance: str, parts: Sequence[bytes | memoryview]
    ) -> Kept:
        """Put an object, whose bytes are `parts`, where no kill takes it; Failed when it cannot.

        When this returns the object is on disk and recorded.
        """
        digest = _digest(parts)
        with self._lock:
            study = self._study(project, study_uid)
            if study.digests.get(instance) == digest:
                study.last = monotonic()
                return Kept.AGAIN
            study.objects += 1
            study.writing += 1
            path = study.source / f"{study.objects:08}"
        try:
            with _failing():
                _write(path, parts)
                return self._recorded(study, path, instance, digest)
        finally:
            with self._lock:
                study.writing -= 1
                study.last = monotonic()

    def space(self) -> int:
        """Bytes that are free where the spool is."""
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    def close_quiet(self, quiet: dict[str, float]) -> None:
        """Close the studies to which nothing was added for as long as their project waits."""
        now = monotonic()
        with self._lock, _failing():
            for key, study in list(self._open.items()):
                if not study.writing and now - study.last >= quiet.get(study.project, 0.0):
                    study.folder = self._moved(study.folder, CLOSED)
                    del self._open[key]

    def closed(self) -> Iterator[Study]:
        """The studies that are to be de-identified and delivered, the oldest first."""
        for path in sorted((self.folder / CLOSED).iterdir()):
            study = _taken_up(path)
            if study is not None:
                yield study

    def finish(self, study: Study) -> None:
        """Let go of a study that was delivered."""
        with _failing():
            shutil.rmtree(study.folder)

    def hold(self, study: Study) -> None:
        """Put a study aside of which something was not delivered."""
        with _failing():
            study.folder = self._moved(study.folder, HELD)

    def run(self, study: Study) -> Path:
        """The private folder of the study's run."""
        return self.folder / RUNS / study.folder.name

    def _study(self, project: str, uid: str) -> Study:
        """The open study, or a new one: its folder and journal are on disk."""
        found = self._open.get((project, uid))
        if found is not None:
            return found
        self._number += 1
        folder = self.folder / OPEN / f"{self._number:08}"
        study = Study(self._number, project, uid, folder)
        with _failing():
            study.source.mkdir(mode=0o700, parents=True)
            _append(study.journal, {"project": project, "study": uid})
            for path in (folder, folder.parent):
                _sync(path)
        self._open[project, uid] = study
        return study

    def _recorded(self, study: Study, path: Path, instance: str, digest: str) -> Kept:
        with self._lock:
            if study.digests.get(instance) == digest:  # another sender was first
                path.unlink()
                return Kept.AGAIN
            try:
                _append(study.journal, {"file": path.name, "sop": instance, "digest": digest})
            except OSError:
                path.unlink()  # it is not acknowledged, so it is not kept either
                raise
            study.digests[instance] = digest
        return Kept.NEW

    def _moved(self, folder: Path, where: str) -> Path:
        target = self.folder / where / folder.name
        folder.rename(target)
        _sync(target.parent)
        _sync(folder.parent)
        return target

    def _numbers(self) -> Iterator[int]:
        for where in (OPEN, CLOSED, HELD, RUNS):
            yield from (int(p.name) for p in (self.folder / where).iterdir() if p.name.isdigit())


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the spool alone; CannotStart where it cannot be used, or another process has it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise CannotStart(f"the spool cannot be used: {error.strerror}") from None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise CannotStart("another receiver is at work with this spool") from None
    finally:
        os.close(fd)


def _taken_up(folder: Path) -> Study | None:
    """The study of a folder, without what was never acknowledged; None for one that has nothing."""
    lines = _lines(folder / JOURNAL)
    if len(lines) < 2:
        shutil.rmtree(folder)
        return None
    study = Study(int(folder.name), lines[0]["project"], lines[0]["study"], folder)
    study.digests = {line["sop"]: line["digest"] for line in lines[1:]}
    known = {line["file"] for line in lines[1:]}
    for path in study.source.iterdir():
        if path.name in known:
            study.objects = max(study.objects, int(path.name))
        else:
            path.unlink()
    return study


def _lines(journal: Path) -> list[dict[str, str]]:
    """The lines that were written whole; a torn last one is cut off."""
    try:
        content = journal.read_bytes()
    except FileNotFoundError:
        return []
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        os.truncate(journal, len(whole))
    return [json.loads(line) for line in whole.splitlines()]


def _write(path: Path, parts: Sequence[bytes | memoryview]) -> None:
    """A new file of these bytes, on disk when this returns; nothing of one that fails."""
    fd = os.open(path, _NEW, 0o600)
    try:
        for part in parts:
            write_all(fd, part)
        os.fsync(fd)
    except OSError:
        path.unlink()
        raise
    finally:
        os.close(fd)
    _sync(path.parent)


def _append(journal: Path, line: dict[str, str]) -> None:
    """Add a line, on disk when this returns, whole or not at all."""
    fd = os.open(journal, _APPEND, 0o600)
    before = os.fstat(fd).st_size
    try:
        write_all(fd, json.dumps(line, separators=(",", ":")).encode() + b"\n")
        os.fsync(fd)
    except OSError:
        os.ftruncate(fd, before)
        raise
    finally:
        os.close(fd)


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _digest(parts: Sequence[bytes | memoryview]) -> str:
    hashed = blake2b(digest_size=_DIGEST)
    for part in parts:
        hashed.update(part)
    return hashed.hexdigest()


@contextlib.contextmanager
def _failing() -> Iterator[None]:
    """What the machine refuses is a failure; its message names no path."""
    try:
        yield
    except OSError as error:
        raise Failed(f"the spool cannot be written to: {os.strerror(error.errno or 0)}") from None
