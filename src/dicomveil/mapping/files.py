"""Read and replace small files of paperwork: bounded reads, whole writes or none."""

import contextlib
import os
import secrets
from pathlib import Path
from typing import NamedTuple

from dicomveil.errors import Place, Unreadable

LARGEST = 128 * 1024 * 1024
UTF8_MARK = b"\xef\xbb\xbf"


class Encoding(NamedTuple):
    """How a text lies in its file: the codec, and the byte order mark before it."""

    codec: str = "utf-8"
    mark: bytes = b""


def read_bytes(path: Path, largest: int = LARGEST) -> bytes:
    """The contents of a file; Unreadable says what keeps it from being read."""
    place = Place(path.name)
    try:
        with path.open("rb") as file:
            contents = file.read(largest + 1)
    except FileNotFoundError as error:
        raise Unreadable("there is no such file", place) from error
    except IsADirectoryError as error:
        raise Unreadable("this is a folder, and a file is asked", place) from error
    except PermissionError as error:
        message = "may not be read: check its rights, and close it in other programs"
        raise Unreadable(message, place) from error
    except OSError as error:
        message = f"cannot be read ({error.strerror}); is it open in an editor?"
        raise Unreadable(message, place) from error
    if len(contents) > largest:
        raise Unreadable(f"is larger than {largest // 1024 // 1024} MB", place)
    return contents


def read_text(path: Path) -> tuple[str, Encoding]:
    """The text of a file and how it was encoded: UTF-8, Windows-1252 or Latin-1."""
    return decode(read_bytes(path), path.name)


def decode(contents: bytes, file: str) -> tuple[str, Encoding]:
    """Text and encoding, such that `encode` gives the same bytes again."""
    if contents.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Unreadable("this is an Excel file; save it as CSV (UTF-8)", Place(file))
    if contents.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in contents:
        raise Unreadable("this is no plain text; save it as UTF-8 text or CSV", Place(file))
    mark = UTF8_MARK if contents.startswith(UTF8_MARK) else b""
    body = contents[len(mark) :]
    if mark:
        return _decode_as_marked(body, file), Encoding("utf-8", mark)
    for codec in ("utf-8", "cp1252"):
        try:
            return body.decode(codec), Encoding(codec)
        except UnicodeDecodeError:
            continue
    return body.decode("latin-1"), Encoding("latin-1")


def encode(text: str, encoding: Encoding, file: str) -> bytes:
    """The bytes of `text` in the encoding its file has."""
    try:
        return encoding.mark + text.encode(encoding.codec)
    except UnicodeEncodeError as error:
        message = f"new text has letters that {encoding.codec} lacks; save the file as UTF-8 first"
        raise Unreadable(message, Place(file)) from error


def replace(path: Path, contents: bytes, mode: int = 0o644) -> None:
    """Put `contents` under `path` in one step; the old file stays whole until then."""
    target = path.resolve()
    _refuse_if_open_elsewhere(target)
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        _write_new(beside, contents, _mode_of(target, mode))
        beside.replace(target)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        message = f"cannot be written ({error.strerror}); check the rights of its folder"
        raise Unreadable(message, Place(path.name)) from error


def remove(path: Path) -> None:
    """Delete a file of paperwork; Unreadable when there is none or it may not be."""
    try:
        path.unlink()
    except FileNotFoundError as error:
        raise Unreadable("there is no such file", Place(path.name)) from error
    except OSError as error:
        raise Unreadable(f"cannot be deleted ({error.strerror})", Place(path.name)) from error


def _refuse_if_open_elsewhere(target: Path) -> None:
    """Raise Unreadable while LibreOffice has the file open: it would save over what is written."""
    mark = target.with_name(f".~lock.{target.name}#")
    if mark.exists():
        message = f"is open in another program; close it there, or delete {mark.name} if it is not"
        raise Unreadable(message, Place(target.name))


def _decode_as_marked(body: bytes, file: str) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        message = "the file says it is UTF-8 and is not; save it anew as UTF-8"
        raise Unreadable(message, Place(file, line=line)) from error


def _mode_of(target: Path, mode: int) -> int:
    """The rights a file has already, but never more than `mode` when that is private."""
    if mode == 0o600 or not target.exists():
        return mode
    return target.stat().st_mode & 0o777


def _write_new(path: Path, contents: bytes, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(contents)
        file.flush()
        os.fsync(file.fileno())
