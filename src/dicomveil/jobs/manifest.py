"""The manifest beside the output: what was delivered and how, and nothing of the originals.

JSON lines: first what the run was, then one line for each file in the order of their numbers,
last the counts. It has no times, so that a resumed run's is that of an undisturbed one.
"""

import json
import os
from collections.abc import Iterator, Mapping
from typing import Final

from dicomveil.jobs.layout import MANIFEST
from dicomveil.jobs.outcome import Status, Tally

TOOL: Final = "dicomveil"
_NAME: Final = MANIFEST.encode()
_NEW: Final = _NAME + b".part"
_LAST: Final = 1 << 16

Header = Mapping[str, object]


class Manifest:
    """A manifest being written; OSError when it cannot be."""

    def __init__(self, destination: bytes, header: Header) -> None:
        """Begin, in place of one that an interrupted run left."""
        new = destination + b"/" + _NEW
        self._file = open(new, "wb")  # noqa: SIM115 - held for the whole run
        self._file.write(_line(header))
        self._file.flush()
        os.rename(new, destination + b"/" + _NAME)

    def append(self, lines: bytes) -> None:
        """Add the lines of the next files."""
        self._file.write(lines)
        self._file.flush()

    def finish(self, tally: Tally) -> None:
        """Say that the run is complete."""
        self._file.write(_line(ending(tally)))
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def ending(tally: Tally) -> dict[str, object]:
    """The last line of a complete manifest."""
    return {
        "complete": True,
        "counts": tally.as_counts(),
        "codes": dict(sorted(tally.codes.items())),
        "kinds": dict(sorted(tally.kinds.items())),
        "illegal_values_removed": tally.illegal,
    }


def tally_of(last: Mapping[str, object]) -> Tally:
    """The tally that a manifest's last line says."""
    tally = Tally()
    for counter, name in ((tally.codes, "codes"), (tally.kinds, "kinds")):
        counter.update(_numbers(last.get(name)))
    counts = _numbers(last.get("counts"))
    tally.statuses.update({s: counts.get(s, 0) for s in Status})
    illegal = last.get("illegal_values_removed")
    tally.illegal = illegal if isinstance(illegal, int) else 0
    return tally


def read_header(destination: bytes) -> dict[str, object] | None:
    """What the first line says; None when there is no manifest of ours."""
    try:
        with open(destination + b"/" + _NAME, "rb") as file:
            header = _parsed(file.readline(_LAST))
    except OSError:
        return None
    return header if TOOL in header else None


def read_ending(destination: bytes) -> dict[str, object] | None:
    """What the last line says of a run that is complete; None when it is not."""
    with open(destination + b"/" + _NAME, "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - _LAST, 0))
        lines = file.read().splitlines(keepends=True)
    last = _parsed(lines[-1]) if lines else {}
    return last if last.get("complete") is True else None


def delivered(destination: bytes) -> Iterator[bytes]:
    """The paths below DST of every file that the manifest says was delivered."""
    with open(destination + b"/" + _NAME, "rb") as file:
        for line in file:
            entry = _parsed(line)
            path = entry.get("path")
            if entry.get("status") == Status.DELIVERED and isinstance(path, str):
                yield path.encode("utf-8", "surrogateescape")


def remove(destination: bytes) -> None:
    """Remove the manifest of an output that is being replaced."""
    for name in (_NEW, _NAME):
        path = destination + b"/" + name
        if os.path.lexists(path):
            os.unlink(path)


def _line(members: Header) -> bytes:
    return json.dumps(members, separators=(",", ":")).encode("ascii") + b"\n"


def _parsed(line: bytes) -> dict[str, object]:
    """The object of a line; an empty one for what is none, as after a kill."""
    try:
        parsed = json.loads(line)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _numbers(members: object) -> dict[str, int]:
    if not isinstance(members, dict):
        return {}
    return {str(name): n for name, n in members.items() if isinstance(n, int)}
