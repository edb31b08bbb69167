"""Find the DICOM files below a folder, opening each file once and reading its first 4 KB.

What is DICOM is what the engine's own reader takes for it, so that a folder's other files are
left out here and not met by a job later. Names that begin with a dot are left out.
"""

import os
from collections.abc import Iterator
from enum import Enum, auto
from pathlib import Path
from typing import NamedTuple

from dicomveil.dicom.dictionary import vr_of
from dicomveil.dicom.part10 import Part10, open_part10
from dicomveil.dicom.sniff import is_directory
from dicomveil.dicom.walk import walk_element
from dicomveil.errors import InvalidDicom, Place, Truncated, Unreadable
from dicomveil.mapping.selection import FILE_NAME

HEAD = 4096
MOST_HEAD = 1024 * 1024
_LOOKED_AT = 3
_NAMES = (".dcm", ".dicom")


class Check(Enum):
    """How a file is known to be DICOM."""

    CONTENT = auto()  # it is opened
    NAME = auto()  # its ending says so: .dcm, .dicom, a number, or none


class Found(NamedTuple):
    """What a scan has seen so far."""

    files: int
    dicom: tuple[str, ...]


def files_below(folder: Path) -> Iterator[Path]:
    """Every file below the folder, sorted within each folder; links to folders are not followed."""
    try:
        with os.scandir(folder) as entries:
            listed = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        message = f"a folder cannot be listed ({error.strerror}); check its rights"
        raise Unreadable(message, Place(folder.name)) from error
    for entry in listed:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from files_below(folder / entry.name)
        elif entry.is_file():
            yield folder / entry.name


def is_dicom(path: Path, check: Check) -> bool:
    """Whether a file is DICOM; Unreadable when it cannot be opened to tell."""
    if path.name == FILE_NAME:
        return False
    match check:
        case Check.CONTENT:
            return _holds_dicom(path)
        case Check.NAME:
            ending = path.suffix.lower()
            return ending in _NAMES or not ending or ending[1:].isdigit()


def _holds_dicom(path: Path) -> bool:
    try:
        with path.open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            head = file.read(HEAD)
            try:
                return _reads_as_dicom(head, size)
            except Truncated:  # the file meta may go on behind these bytes
                return len(head) < size and _reads_or_not(head + file.read(MOST_HEAD), size)
    except OSError as error:
        message = f"a file cannot be opened ({error.strerror}); check its rights"
        raise Unreadable(message, Place(path.parent.name)) from error


def _reads_or_not(head: bytes, size: int) -> bool:
    try:
        return _reads_as_dicom(head, size)
    except Truncated:
        return False


def _reads_as_dicom(head: bytes, size: int) -> bool:
    """Whether the frame is sound and, without file meta, the first element is too.

    Raises Truncated when more bytes are needed to tell.
    """
    try:
        frame = open_part10(head, size)
        if frame.prefixed and frame.meta:
            return not is_directory(head)  # a DICOMDIR lists objects and is none
        return frame.start < len(head) and _begins_in_order(head, frame)
    except Truncated:
        raise
    except InvalidDicom:
        return False


def _begins_in_order(head: bytes, frame: Part10) -> bool:
    """Whether the first elements are whole, known, and stand in order.

    A file of zeros would else pass for a Command Group Length (0000,0000) of nothing.
    """
    at, previous = frame.start, 0
    for _ in range(_LOOKED_AT):
        if at == len(head):
            break
        element = walk_element(head, at, frame.syntax.form)[0]
        if element.tag <= previous or vr_of(element.tag) is None:
            return False
        at, previous = element.end, element.tag
    return True
