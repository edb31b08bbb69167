"""The DICOMDIR of a run's outputs, made anew of them alone (PS3.10 8.6, PS3.3 F).

It is written from first to last, depth first, and only the offsets of a record's next sibling and
first child are filled in later: memory does not grow with the number of outputs.
"""

import os
import stat
from collections.abc import Iterator
from io import BufferedRandom
from struct import Struct
from typing import Final

from dicomveil.dicom.forms import Form, encode_element, encode_item
from dicomveil.dicom.hashing import blake2b
from dicomveil.dicom.part10 import EXPLICIT_UID, inflate, new_meta, open_part10, padded
from dicomveil.dicom.rewriting import Rewriter
from dicomveil.dicom.walk import walk
from dicomveil.engine.cleaner import WRITER
from dicomveil.errors import Failed
from dicomveil.jobs.directory_records import attributes_of, lowest_record
from dicomveil.jobs.layout import DICOMDIR, MEDIA_FOLDER, is_file_id
from dicomveil.places.folder import PASSING
from dicomveil.places.original import FileOriginal

_NEW: Final = b".0" + PASSING  # files are numbered from 1: what a kill leaves is known as passing
_CLASS: Final = "1.2.840.10008.1.3.10"
_UID_BYTES: Final = 44
_NO_UID: Final = b"0" * _UID_BYTES
_FORM: Final = Form.EXPLICIT_LE
_NUMBER: Final = Struct("<L")
_FURTHEST: Final = 1 << 32
_IN_USE: Final = b"\xff\xff"
# In an item: its head, then (0004,1400), (0004,1410) and (0004,1420), each a head and a value.
_NEXT_AT: Final = 8 + 8
_LOWER_AT: Final = _NEXT_AT + 4 + 10 + 8
_SEQUENCE: Final = b"\x04\0\x20\x12SQ\0\0\xff\xff\xff\xff"
_SEQUENCE_END: Final = b"\xfe\xff\xdd\xe0\0\0\0\0"
# What tells one patient, study or series from another.
_LEVELS: Final = (("PATIENT", 0x00100020), ("STUDY", 0x0020000D), ("SERIES", 0x0020000E))
_SOP_CLASS, _SOP_INSTANCE = 0x00080016, 0x00080018


def write(destination: bytes) -> None:
    """Write DST/DICOMDIR, in place of one that an interrupted run left; OSError when it cannot be.

    Raises Failed for more outputs than offsets of 32 bits can reach.
    """
    passing = destination + b"/" + _NEW
    with open(passing, "w+b") as file:
        directory = _Directory(file)
        for file_id in _outputs(destination):
            with FileOriginal(destination + b"/" + file_id) as opened:
                directory.add(opened, file_id)
        directory.finish()
        os.fsync(file.fileno())
    os.replace(passing, destination + b"/" + DICOMDIR)


def _outputs(destination: bytes, within: bytes = MEDIA_FOLDER, depth: int = 4) -> Iterator[bytes]:
    """The paths below DST of all outputs, those of one folder together."""
    folder = destination + b"/" + within
    names = sorted(os.listdir(folder)) if os.path.isdir(folder) else []
    for name in filter(is_file_id, names):
        path = within + b"/" + name
        mode = os.lstat(destination + b"/" + path).st_mode
        if depth > 1 and stat.S_ISDIR(mode):
            yield from _outputs(destination, path, depth - 1)
        elif depth == 1 and stat.S_ISREG(mode):
            yield path


class _Level:
    """The records of one directory entity: where the last one is."""

    def __init__(self) -> None:
        self.first = self.last = 0
        self.key = b""


class _Directory:
    """A DICOMDIR being written."""

    def __init__(self, file: BufferedRandom) -> None:
        """Begin with what comes before the records; offsets are filled in at the end."""
        self._file = file
        self._hash = blake2b(digest_size=16)
        meta = new_meta(_CLASS, _NO_UID, EXPLICIT_UID, WRITER)
        self._uid_at = len(meta.before)
        self._at = 0
        self._append(b"".join(meta))
        self._append(encode_element(_FORM, 0x00041130, "CS", b""))
        self._roots_at = self._at + 8
        for tag in (0x00041200, 0x00041202):
            self._append(encode_element(_FORM, tag, "UL", bytes(4)))
        self._append(encode_element(_FORM, 0x00041212, "US", bytes(2)))
        self._append(_SEQUENCE)
        self._levels = [_Level() for _ in range(len(_LEVELS) + 1)]

    def add(self, opened: FileOriginal, file_id: bytes) -> None:
        """Add the records of an output."""
        data = opened.view()
        part10 = open_part10(data)
        start = part10.start
        if part10.syntax.deflated:
            data, start = memoryview(inflate(data[start:])), 0
        found = Rewriter(data, walk(data, part10.syntax.form, start, breathe=opened.release))
        new = False
        for depth, (kind, tag) in enumerate(_LEVELS):
            key = found.raw(tag)
            level = self._levels[depth]
            new = new or not level.last or key != level.key
            if new:
                level.key = key
                self._record(depth, _head(kind) + attributes_of(kind, found))
        sop_class = found.raw(_SOP_CLASS).rstrip(b"\0 ").decode("ascii", "replace")
        kind = lowest_record(sop_class)
        named = _reference(file_id, found, part10.syntax.uid)
        self._record(len(_LEVELS), _head(kind) + named + attributes_of(kind, found))

    def finish(self) -> None:
        """Say where the records begin and end, and who this directory is."""
        self._append(_SEQUENCE_END)
        root = self._levels[0]
        self._fill(self._roots_at, root.first)
        self._fill(self._roots_at + 12, root.last)
        number = int.from_bytes(self._hash.digest(), "big") | 1 << 127
        self._file.seek(self._uid_at)
        self._file.write(b"2.25.%d" % number)
        self._file.flush()

    def _record(self, depth: int, inside: bytes) -> None:
        """Append a record to its level: the last one's next, or the first below the one above."""
        here, level = self._at, self._levels[depth]
        self._append(encode_item(_FORM, inside))
        if level.last:
            self._fill(level.last + _NEXT_AT, here)
        else:
            level.first = here
            if depth:
                self._fill(self._levels[depth - 1].last + _LOWER_AT, here)
        level.last = here
        for lower in self._levels[depth + 1 :]:
            lower.first = lower.last = 0

    def _append(self, content: bytes) -> None:
        self._file.write(content)
        self._hash.update(content)
        self._at += len(content)
        if self._at >= _FURTHEST:
            raise Failed("there are more outputs than a DICOMDIR can list")

    def _fill(self, at: int, offset: int) -> None:
        self._file.seek(at)
        self._file.write(_NUMBER.pack(offset))
        self._file.seek(self._at)


def _head(kind: str) -> bytes:
    """What every record begins with."""
    return b"".join(
        (
            encode_element(_FORM, 0x00041400, "UL", bytes(4)),
            encode_element(_FORM, 0x00041410, "US", _IN_USE),
            encode_element(_FORM, 0x00041420, "UL", bytes(4)),
            encode_element(_FORM, 0x00041430, "CS", padded(kind, b" ")),
        )
    )


def _reference(file_id: bytes, found: Rewriter, syntax: str) -> bytes:
    """Which file the record is of: its File ID, its class, its instance, how it is written."""
    components = file_id.replace(b"/", b"\\")
    return b"".join(
        (
            encode_element(_FORM, 0x00041500, "CS", components + b" " * (len(components) & 1)),
            encode_element(_FORM, 0x00041510, "UI", found.raw(_SOP_CLASS)),
            encode_element(_FORM, 0x00041511, "UI", found.raw(_SOP_INSTANCE)),
            encode_element(_FORM, 0x00041512, "UI", padded(syntax)),
        )
    )
