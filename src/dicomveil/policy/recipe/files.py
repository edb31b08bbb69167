"""Where the files of a recipe are read from: the disk, or what was kept of them earlier.

A recipe may extend another file, and name a table of patients or a document. Whoever keeps all of
them has the recipe as it was, whatever becomes of the files.
"""

import errno
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple, Protocol

Texts = tuple[tuple[str, str], ...]
"""A recipe that was kept: names and texts, its own first, then those of each file that it reads.

Bytes that are no UTF-8 stand in a text as lone surrogates (PEP 383).
"""


class Files(Protocol):
    """Gives what files hold."""

    def content(self, path: Path, largest: int) -> bytes | None:
        """What a file holds, None when that is more than `largest` bytes; OSError."""
        ...


class Disk:
    """The files as they are now."""

    def content(self, path: Path, largest: int) -> bytes | None:
        """What a file holds."""
        with path.open("rb") as file:
            content = file.read(largest + 1)
        return content if len(content) <= largest else None


class Noting(Disk):
    """The same, noting what was read."""

    def __init__(self) -> None:
        """Begin without any note."""
        self.read: dict[Path, bytes] = {}

    def content(self, path: Path, largest: int) -> bytes | None:
        """What a file holds."""
        content = super().content(path, largest)
        if content is not None:
            self.read[path] = content
        return content


class Kept:
    """What was kept, by the paths counted from the first one's folder."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """Give these."""
        self._texts = texts

    def content(self, path: Path, largest: int) -> bytes | None:
        """What was kept; OSError for a file of which nothing was."""
        text = self._texts.get(path.as_posix())
        if text is None:
            raise FileNotFoundError(errno.ENOENT, "it was not kept with the recipe")
        content = content_of(text)
        return content if len(content) <= largest else None


class Beside(NamedTuple):
    """A recipe's folder, by which the files that it names are found."""

    folder: Path
    files: Files

    def content(self, name: str, largest: int) -> bytes | None:
        """What the file of this name holds, None when that is more than `largest` bytes.

        Raises OSError, and ValueError for a name that is none.
        """
        return self.files.content(self.folder / name, largest)


HERE: Final = Beside(Path(), Disk())


def text_of_content(content: bytes) -> str:
    """Bytes as a text that `content_of` makes the very same bytes of."""
    return content.decode("utf-8", "surrogateescape")


def content_of(text: str) -> bytes:
    """The bytes that a kept text stands for."""
    return text.encode("utf-8", "surrogateescape")
