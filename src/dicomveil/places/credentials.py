"""The secret of a place: in a file of mode 0600, in a variable, or what a command says.

A secret is read when a place is built, and stands in no argument, representation, log or message.
"""

import os
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from dicomveil.errors import PlaceRefuses

_LONGEST: Final = 8192
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_SECONDS: Final = 60


class Credential(NamedTuple):
    """Who logs in, and by what; a secret without a user is a token."""

    user: str
    secret: str

    def __repr__(self) -> str:
        """The user's name is the hospital's, and the secret is nobody's."""
        return "<Credential>"


class Kept(NamedTuple):
    """Where a place's secret is kept: the first that is given counts."""

    command: tuple[str, ...] = ()  # a program and its arguments; no shell reads them
    variable: str = ""
    file: Path | None = None
    usual: Path | None = None  # where `place add` keeps it; there need not be one


def secret_of(place: str, kept: Kept, environment: Mapping[str, str]) -> str:
    """The secret, "" where none is kept; PlaceRefuses when it cannot be had."""
    if kept.command:
        return _said(place, kept.command)
    if kept.variable:
        if kept.variable not in environment:
            raise PlaceRefuses(place, f"the variable {kept.variable} of its secret is not set")
        return _checked(place, environment[kept.variable])
    if kept.file is not None:
        return _read(place, kept.file)
    if kept.usual is not None and kept.usual.exists():
        return _read(place, kept.usual)
    return ""


def keep(place: str, file: Path, secret: str) -> None:
    """Keep a secret in a file of its own, which nobody else can read, in place of an older one."""
    checked = _checked(place, secret)
    passing = file.with_name(f"{file.name}.{os.urandom(6).hex()}")
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(fd, "w", encoding="utf-8") as written:
            written.write(f"{checked}\n")
        passing.replace(file)
    except OSError as error:
        problem = f"its secret cannot be kept: {os.strerror(error.errno or 0)}"
        raise PlaceRefuses(place, problem) from None


def _read(place: str, file: Path) -> str:
    try:
        fd = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        problem = f"the file of its secret cannot be read: {os.strerror(error.errno or 0)}"
        raise PlaceRefuses(place, problem) from None
    with open(fd, "rb") as opened:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode):
            raise PlaceRefuses(place, "the file of its secret is no regular file")
        if found.st_mode & _OTHERS:
            raise PlaceRefuses(
                place, "the file of its secret may be read by others: it must have mode 0600"
            )
        return _decoded(place, opened.read(_LONGEST + 1))


def _said(place: str, command: tuple[str, ...]) -> str:
    """What the command prints; its errors go nowhere, for they may say the secret."""
    try:
        done = subprocess.run(  # noqa: S603 - the administrator's own, and no shell reads it
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        raise PlaceRefuses(place, "the command for its secret cannot be run") from None
    if done.returncode:
        problem = f"the command for its secret ended with code {done.returncode}"
        raise PlaceRefuses(place, problem)
    return _decoded(place, done.stdout)


def _decoded(place: str, content: bytes) -> str:
    try:
        return _checked(place, content.decode("utf-8"))
    except UnicodeDecodeError:
        raise PlaceRefuses(place, "its secret is not a text in UTF-8") from None


def _checked(place: str, text: str) -> str:
    """One line, without its end."""
    secret = text.rstrip("\r\n")
    if not secret or len(secret) > _LONGEST or not secret.isprintable():
        raise PlaceRefuses(place, f"its secret is one line of at most {_LONGEST} characters")
    return secret
