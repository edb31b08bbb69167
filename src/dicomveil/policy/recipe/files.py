"""Where the files of a recipe are read from: the disk, or what was kept of them earlier.

A recipe may extend another file, and name a table of patients. Whoever keeps the texts of all of
them has the recipe as it was, whatever becomes of the files.
"""

import errno
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

Texts = tuple[tuple[str, str], ...]
"""A recipe that was kept: names and texts, its own first, then those of each file that it reads."""


class Files(Protocol):
    """Gives the texts of files."""

    def text(self, path: Path, largest: int) -> str | None:
        """The text of a file, None when it has more than `largest` bytes.

        Raises OSError when it cannot be read, and ValueError when it is no UTF-8.
        """
        ...


class Disk:
    """The files as they are now; notes what it read."""

    def __init__(self) -> None:
        """Begin without any note."""
        self.read: dict[Path, str] = {}

    def text(self, path: Path, largest: int) -> str | None:
        """The text of a file, its line ends as they are."""
        with path.open("rb") as file:
            content = file.read(largest + 1)
        if len(content) > largest:
            return None
        self.read[path] = text = content.decode("utf-8-sig")
        return text


class Kept:
    """Texts by the paths that they had, counted from the first one's folder."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """Give these."""
        self._texts = texts

    def text(self, path: Path, largest: int) -> str | None:
        """The text that was kept; OSError for a file of which none was."""
        text = self._texts.get(path.as_posix())
        if text is None:
            raise FileNotFoundError(errno.ENOENT, "it was not kept with the recipe")
        return text if len(text.encode()) <= largest else None
