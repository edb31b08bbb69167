"""The record of one creation from a mapping: what was sent and what came of it, row by row.

It lies beside the mapping while rows are left, so that repeating the command after a broken
connection or a kill creates what is missing and nothing twice. Rows appear as keyed digests: the
record holds no identifier and no pseudonym.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, NamedTuple

from dicomveil.client.api import as_json
from dicomveil.errors import Place, Unreadable
from dicomveil.mapping.files import read_text
from dicomveil.mapping.requests import JobRequest


class State(StrEnum):
    """What became of a row."""

    CREATED = "created"
    REFUSED = "refused"
    UNKNOWN = "sent, answer lost"
    FAILED = "not created"


class Outcome(NamedTuple):
    """One row's end: its job, or the reason why there is none."""

    row: int
    state: State
    job_id: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Keyed:
    """A request and its key, which is the same whenever the same row is asked for again."""

    request: JobRequest
    key: str


def keyed(requests: Sequence[JobRequest], run_key: str) -> tuple[Keyed, ...]:
    """Each request with its key. Two rows that ask the same are two jobs, with two keys."""
    seen: Counter[str] = Counter()
    found: list[Keyed] = []
    for request in requests:
        text = json.dumps(as_json(request), sort_keys=True)
        seen[text] += 1
        message = f"{seen[text]} {text}".encode()
        digest = hashlib.blake2b(message, key=run_key.encode()[:64], digest_size=16)
        found.append(Keyed(request, digest.hexdigest()))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Entry:
    """What the record says of one key; without a job the row was sent and no answer came."""

    key: str
    job_id: int = 0


class Journal:
    """The record file: opened before the first row is sent, gone when all rows have jobs."""

    def __init__(self, path: Path, fingerprint: str) -> None:
        """Read what an earlier, unfinished run left; `fingerprint` names run and server."""
        self._path = path
        self.entries: dict[str, Entry] = {}
        self.newest_before = -1
        if path.exists():
            self._read(fingerprint)
        self._fingerprint = fingerprint

    @property
    def job_ids(self) -> frozenset[int]:
        """The jobs that are known to have been created."""
        return frozenset(entry.job_id for entry in self.entries.values() if entry.job_id)

    def begin(self, newest: int) -> None:
        """Note the newest job there was before the first row; kept when a run goes on."""
        if self.newest_before < 0:
            self.newest_before = newest
            self._append({"run": self._fingerprint, "newest_before": newest})

    def sending(self, key: str) -> None:
        """Note that the row of this key goes out now."""
        self._note(Entry(key))

    def created(self, key: str, job_id: int) -> None:
        """Note the job that the row of this key became."""
        self._note(Entry(key, job_id))

    def not_created(self, key: str) -> None:
        """Note that the row of this key surely became no job."""
        self.entries.pop(key, None)
        self._append({"key": key, "job_id": -1})

    def remove(self) -> None:
        """Forget the run."""
        self._path.unlink(missing_ok=True)

    def _note(self, entry: Entry) -> None:
        self.entries[entry.key] = entry
        self._append({"key": entry.key, "job_id": entry.job_id})

    def _append(self, line: dict[str, Any]) -> None:
        try:
            with self._path.open("a", encoding="utf-8") as file:
                _write_line(file, line)
        except OSError as error:
            message = f"the record of what was created cannot be written ({error.strerror})"
            raise Unreadable(message, Place(self._path.name)) from error

    def _read(self, fingerprint: str) -> None:
        text, _ = read_text(self._path)
        lines = text.splitlines()
        for number, line in enumerate(lines, start=1):
            try:
                self._take(json.loads(line), fingerprint)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                if number == len(lines) > 1:  # a kill may cut the last line
                    return
                message = "is no record of a creation; --anew begins a new one"
                raise Unreadable(message, Place(self._path.name, line=number)) from error

    def _take(self, line: dict[str, Any], fingerprint: str) -> None:
        if "run" in line:
            if line["run"] != fingerprint:
                message = (
                    "is the record of an unfinished creation by somebody else, for another "
                    "server or with other settings; --anew creates all rows again"
                )
                raise Unreadable(message, Place(self._path.name))
            self.newest_before = int(line["newest_before"])
            return
        entry = Entry(str(line["key"]), int(line["job_id"]))
        if entry.job_id < 0:
            self.entries.pop(entry.key, None)
        else:
            self.entries[entry.key] = entry


def _write_line(file: IO[str], line: dict[str, Any]) -> None:
    file.write(json.dumps(line) + "\n")
