"""The folder that fetched objects come to: numbered names of ours, each file whole or passing.

The bytes are written as they come. A file that is not whole has a passing name, which the next
fetch into the same folder may find and leaves alone.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dicomveil.errors import Failed
from dicomveil.places.copying import write_all

PASSING: Final = ".part"
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW


class Incoming:
    """One object on its way in."""

    __slots__ = ("_fd", "_passing", "path", "size")

    def __init__(self, path: Path) -> None:
        """Write to a new file that is to be `path`."""
        self.path = path
        self.size = 0
        self._passing = f"{path}{PASSING}"
        self._fd = os.open(self._passing, _NEW, 0o600)

    def write(self, content: bytes | memoryview) -> None:
        """Append; Failed when the machine cannot."""
        try:
            write_all(self._fd, content)
        except OSError as error:
            raise Failed(f"the spool cannot be written to: {error.strerror}") from error
        self.size += len(content)

    def keep(self) -> Path:
        """Let it be whole: it has its final name now."""
        os.close(self._fd)
        self._fd = -1
        os.rename(self._passing, self.path)
        return self.path

    def drop(self) -> None:
        """Let go of what is not whole; of a whole one nothing."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._passing)


class Spool:
    """Gives out numbered files of one folder."""

    def __init__(self, folder: Path) -> None:
        """Use the folder, which is made if need be, readable by us alone."""
        self._folder = folder
        self._number = 0
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._taken = {name.removesuffix(PASSING) for name in os.listdir(folder)}
        except OSError as error:
            raise Failed(f"the spool cannot be opened: {error.strerror}") from error

    @contextlib.contextmanager
    def incoming(self) -> Iterator[Incoming]:
        """A new file; it is gone afterwards unless it was kept."""
        try:
            coming = Incoming(self._folder / self._next())
        except OSError as error:
            raise Failed(f"the spool cannot be written to: {error.strerror}") from error
        try:
            yield coming
        finally:
            coming.drop()

    def adopt(self, whole: Path) -> Path:
        """Take over a whole file of the same disk, under the next name; Failed."""
        path = self._folder / self._next()
        try:
            os.rename(whole, path)
        except OSError as error:
            raise Failed(f"the spool cannot be written to: {error.strerror}") from error
        return path

    def _next(self) -> str:
        while True:
            self._number += 1
            name = f"{self._number:08}"
            if name not in self._taken:
                return name
