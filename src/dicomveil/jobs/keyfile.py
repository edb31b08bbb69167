"""The key file: read with suspicion, made once.

docs/pseudonyms.md says what a key is. No message here quotes the file or its path.
"""

import os
import stat
from collections.abc import Mapping
from enum import Enum, auto
from typing import Final, NamedTuple

from dicomveil.engine.pseudonyms import LONGEST_KEY, SHORTEST_KEY
from dicomveil.errors import KeyRefused

VARIABLE: Final = "DICOMVEIL_KEY_FILE"
_MADE: Final = 32
_LONGEST_FILE: Final = 2 * LONGEST_KEY + 2
_LONGEST_WRAPPED: Final = 512  # as master.py writes it
_HEXADECIMAL: Final = frozenset(b"0123456789abcdefABCDEF")
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class Key(NamedTuple):
    """A key, and the file it is in or will be in."""

    value: bytes
    place: str
    state: "State"

    def __repr__(self) -> str:
        """The place alone."""
        return f"<Key at {self.place}>"


class State(Enum):
    """Whether the key's file is there."""

    KEPT = auto()
    NEW = auto()  # not yet: a run keeps it when it starts


def find_key(named: str | None, environment: Mapping[str, str]) -> Key:
    """The key that was named, or that of the default place, which is new on first use.

    Raises KeyRefused for a named one that is missing, and for any that is unfit.
    """
    chosen = named or environment.get(VARIABLE)
    place = os.path.abspath(chosen or default_place(environment))
    if chosen or os.path.lexists(place):
        return Key(read_key(place), place, State.KEPT)
    return Key(os.urandom(_MADE), place, State.NEW)


def default_place(environment: Mapping[str, str]) -> str:
    """Where the key is that is made on first use."""
    home = environment.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    return os.path.join(home, "dicomveil", "key")


def read_key(path: str | bytes) -> bytes:
    """The key in this file; KeyRefused when it is missing, open to others, or unfit."""
    return key_of(read_content(path))


def read_content(path: str | bytes) -> bytes:
    """The content of a key's file; KeyRefused when it is missing, or open to others."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise KeyRefused(f"the key file cannot be read: {os.strerror(error.errno or 0)}") from None
    try:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode):
            raise KeyRefused("the key file is no regular file")
        if found.st_mode & _OTHERS:
            raise KeyRefused("the key file may be read by others: it must have mode 0600")
        return os.read(fd, _LONGEST_WRAPPED + 1)
    finally:
        os.close(fd)


def keep(key: Key) -> None:
    """Write a new key to its file, of mode 0600; nothing for one that is there.

    Raises KeyRefused when it cannot be written, and when another run made one meanwhile.
    """
    if key.state is State.KEPT:
        return
    passing = f"{key.place}.{os.urandom(8).hex()}"
    try:
        os.makedirs(os.path.dirname(key.place), mode=0o700, exist_ok=True)
        fd = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.write(fd, key.value.hex().encode() + b"\n")
            os.fsync(fd)
            os.link(passing, key.place)
        finally:
            os.close(fd)
            os.unlink(passing)
    except FileExistsError:
        raise KeyRefused("another run made a key at the same time: start again") from None
    except OSError as error:
        raise KeyRefused(f"no key can be made: {os.strerror(error.errno or 0)}") from None


def key_of(content: bytes) -> bytes:
    """The key that a content is: hexadecimal text, or the bytes themselves; or KeyRefused."""
    if content.startswith(b"dicomveil-wrapped"):
        raise KeyRefused("the key file is wrapped: `dicomveil admin key unwrap` writes it in clear")
    text = content.strip()
    hexadecimal = bool(text) and _HEXADECIMAL.issuperset(text)
    if hexadecimal and len(text) % 2:
        raise KeyRefused("the key file has an odd number of hexadecimal digits")
    key = bytes.fromhex(text.decode("ascii")) if hexadecimal else content
    if len(content) > _LONGEST_FILE or len(key) > LONGEST_KEY:
        raise KeyRefused(f"the key is too long: at most {LONGEST_KEY} bytes")
    if len(key) < SHORTEST_KEY:
        raise KeyRefused(f"the key is too short: at least {SHORTEST_KEY} bytes")
    return key
