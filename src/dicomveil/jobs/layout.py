"""Where an output lies below DST: by new UIDs, by File IDs, by keyed names, by the old names."""

import re
from base64 import b32encode
from collections.abc import Callable
from enum import StrEnum
from typing import Final, Protocol

from dicomveil.dicom.hashing import blake2b
from dicomveil.engine.cleaned import Cleaned
from dicomveil.errors import Refused, UidConflict
from dicomveil.places.folder import is_passing

MANIFEST: Final = "manifest.jsonl"
SUFFIX: Final = b".dcm"
DICOMDIR: Final = b"DICOMDIR"
MEDIA_FOLDER: Final = b"DICOM"
_UID: Final = re.compile(r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))+")
_LONGEST_UID: Final = 64
_PLAIN: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")
_FILE_ID: Final = re.compile(rb"[A-Z2-7]{8}")
_REMEMBERED: Final = 1024

Place = tuple[bytes, bytes]
"""The folder below DST, b"" for DST itself, and the name."""


class Layout(StrEnum):
    """The shapes that DST may have."""

    UID = "uid"  # PatientID/StudyInstanceUID/SeriesInstanceUID/SOPInstanceUID.dcm, new values
    MIRROR = "mirror"  # the shape of SRC, every name replaced by a keyed one
    MEDIA = "media"  # as uid, under File IDs of PS3.10 8.2: DICOM/ and four names of 8 characters
    KEEP = "keep"  # the names of SRC as they are


class Placed(Protocol):
    """Says where an output lies."""

    def place(self, cleaned: Cleaned, relative: bytes) -> Place:
        """The place of the output of the file at `relative` below SRC; Refused for none."""
        ...


def placed(layout: "Layout | Placed", code: Callable[[str, bytes], bytes]) -> Placed:
    """What places outputs by this layout; `code` gives the keyed pseudonym of a kind of value.

    A layout that is not one of the four places them itself.
    """
    match layout:
        case Layout.UID:
            return ByUid()
        case Layout.MIRROR:
            return Mirrored(code)
        case Layout.MEDIA:
            return ByFileId()
        case Layout.KEEP:
            return Kept()
        case _:
            return layout


class ByUid:
    """By the new values of the UIDs, which must be there and legal."""

    def __init__(self) -> None:
        self._folders: dict[tuple[str, str, str], bytes] = {}

    def place(self, cleaned: Cleaned, relative: bytes) -> Place:  # noqa: ARG002 - the names do not matter here
        """Patient, study and series are folders, the instance is the file."""
        key = (cleaned.patient_id, cleaned.study_uid, cleaned.series_uid)
        folder = self._folders.get(key)
        if folder is None:
            if len(self._folders) >= _REMEMBERED:
                self._folders.clear()
            folder = self._folders[key] = b"/".join(
                (
                    _folder_name(cleaned.patient_id),
                    _uid(cleaned.study_uid, "(0020,000D)"),
                    _uid(cleaned.series_uid, "(0020,000E)"),
                )
            )
        return folder, _uid(cleaned.sop_uid, "(0008,0018)") + SUFFIX


class ByFileId:
    """As by UID, with names that a file-set may have: 8 characters, unkeyed hashes of new values.

    Two patients, studies or series whose names meet by chance share a folder, which changes
    nothing; of two instances of one series the second is quarantined.
    """

    def place(self, cleaned: Cleaned, relative: bytes) -> Place:  # noqa: ARG002 - the names do not matter here
        """Patient, study and series are folders, the instance is the file; there is no suffix."""
        folders = (
            cleaned.patient_id.encode(),
            _uid(cleaned.study_uid, "(0020,000D)"),
            _uid(cleaned.series_uid, "(0020,000E)"),
        )
        name = _file_id(_uid(cleaned.sop_uid, "(0008,0018)"))
        return b"/".join((MEDIA_FOLDER, *map(_file_id, folders))), name


class Mirrored:
    """The shape of SRC's tree under names that only the key can make again."""

    def __init__(self, code: Callable[[str, bytes], bytes]) -> None:
        self._code = code
        self._folders: dict[bytes, bytes] = {b"": b""}

    def place(self, cleaned: Cleaned, relative: bytes) -> Place:  # noqa: ARG002 - the UIDs do not matter here
        """Each name is hashed with the path that leads to it."""
        folder, _, _ = relative.rpartition(b"/")
        known = self._folders.get(folder)
        if known is None:
            if len(self._folders) >= _REMEMBERED:
                self._folders = {b"": b""}
            steps = folder.split(b"/")
            paths = [b"/".join(steps[: i + 1]) for i in range(len(steps))]
            known = self._folders[folder] = b"/".join(self._code("path", p) for p in paths)
        return known, self._code("path", relative) + SUFFIX


class Kept:
    """The names of SRC as they are, on the user's word that they name nobody."""

    def place(self, cleaned: Cleaned, relative: bytes) -> Place:  # noqa: ARG002 - the UIDs do not matter here
        """The relative path; UidConflict for names that the run itself has in DST."""
        folder, _, name = relative.rpartition(b"/")
        if relative.startswith(MANIFEST.encode()) or is_passing(relative):
            raise UidConflict
        return folder, name


def is_file_id(name: bytes) -> bool:
    """Whether the name is one that `ByFileId` gives."""
    return _FILE_ID.fullmatch(name) is not None


def _file_id(value: bytes) -> bytes:
    return b32encode(blake2b(value, digest_size=5).digest())


def _uid(uid: str, path: str) -> bytes:
    if len(uid) > _LONGEST_UID or not _UID.fullmatch(uid):
        raise Refused("uid-missing", path=path)
    return uid.encode("ascii")


def _folder_name(patient_id: str) -> bytes:
    """The Patient ID as one folder's name: pseudonyms as they are, anything else escaped.

    An absent one is `_`; escaping writes other bytes as %XX, so two IDs never share a folder.
    """
    if _PLAIN.fullmatch(patient_id):
        return patient_id.encode("ascii")
    safe = "".join(
        c
        if c.isascii() and (c.isalnum() or c in "_-")
        else "".join(f"%{b:02X}" for b in c.encode())
        for c in patient_id
    )
    return safe.encode("ascii") or b"%"
