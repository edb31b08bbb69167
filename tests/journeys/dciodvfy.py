"""What dciodvfy of Debian's dicom3tools says of a file, without values and item numbers.

dciodvfy holds an object against the IOD of its SOP class and prints a line for each thing that is
wrong. Two files that are alike in what is wrong have the same set of errors here.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SECONDS = 60.0

_PATH = re.compile(r"^</(.*?)> - ")
_ITEM = re.compile(r'\[\d+\]|,"[^"]*"')  # an item's or a value's number; a private creator
_VALUE = re.compile(r" = <.*?>(?= - | \(| Module=|$)| = '.*")
_NUMBER = re.compile(r"\b0x[0-9a-f]+\b|(?<!Type )\b\d+\b")
_NOT_JUDGED = ("read failed", "Information Object Not found")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The errors of one file; `aborted` says why they are not all, "" when they are."""

    errors: frozenset[str]
    aborted: str


def installed() -> bool:
    """Whether dciodvfy is on the PATH."""
    return shutil.which("dciodvfy") is not None


def verdict_of(path: Path) -> Verdict:
    """What dciodvfy finds wrong with the file.

    It has aborted when a signal ended it, when it could not read to the end, and when it knows no
    IOD to hold the object against.
    """
    command = ["dciodvfy", "-new", str(path)]
    try:
        ran = subprocess.run(command, capture_output=True, check=False, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return Verdict(frozenset(), "no end")
    said = (ran.stdout + ran.stderr).decode("latin-1").splitlines()
    errors = frozenset(normal(line) for line in said if line.startswith("Error - "))
    if ran.returncode < 0:
        return Verdict(errors, f"signal {-ran.returncode}")
    return Verdict(errors, next((e for e in sorted(errors) if e.endswith(_NOT_JUDGED)), ""))


def normal(line: str) -> str:
    """A line of dciodvfy: `PatientName(0010,0010)/... - what is wrong`."""
    message = line.removeprefix("Error - ")
    found = _PATH.match(message)
    where = _ITEM.sub("", found.group(1)) + " - " if found else ""
    what = message[found.end() :] if found else message
    return where + _NUMBER.sub("#", _VALUE.sub("", what)).strip()
