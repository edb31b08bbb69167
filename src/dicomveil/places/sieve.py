"""Which files of a tree are asked for: by words in their names and folders, by depth, by place."""

import os
from enum import Enum
from typing import Final, NamedTuple


class Logic(Enum):
    """How the words of a filter go together."""

    ANY = "OR"
    ALL = "AND"


class Words(NamedTuple):
    """Words of which any, or all, must occur somewhere in a text; none let every text pass."""

    words: tuple[bytes, ...] = ()
    logic: Logic = Logic.ANY

    def occur_in(self, text: bytes) -> bool:
        """Whether the text passes."""
        if not self.words:
            return True
        found = (word in text for word in self.words)
        return any(found) if self.logic is Logic.ANY else all(found)


ANY_WORDS: Final = Words()
"""Every text passes."""


class Sieve(NamedTuple):
    """What of a tree is passed on. Paths within the tree are relative, folders end in a slash."""

    names: Words = ANY_WORDS
    folders: Words = ANY_WORDS
    top: bytes = b""  # the tree as its user named it: folders are looked at as top/within
    only: bytes = b""  # the one file that is asked for, below the tree
    somewhere: bytes = b""  # what must occur in top/within/name
    depth: int | None = None  # 0 for the tree's own files; None for all
    avoided: tuple[bytes, ...] = ()  # folders, without links, that are not looked into

    def passes(self, within: bytes, name: bytes) -> bool:
        """Whether a file is asked for."""
        if self.only:
            return within + name == self.only
        if not self.names.occur_in(name) or self.somewhere not in self._path(within) + b"/" + name:
            return False
        return not self.folders.words or self.folders.occur_in(self._path(within))

    def enters(self, folder: bytes, within: bytes) -> bool:
        """Whether a folder is looked into: `folder` is its path, `within` its place in the tree."""
        if self.depth is not None and within.count(b"/") > self.depth:
            return False
        return not self.avoided or os.path.realpath(folder) not in self.avoided

    def _path(self, within: bytes) -> bytes:
        inner = within.rstrip(b"/")
        return os.path.join(self.top, inner) if inner else self.top


EVERYTHING: Final = Sieve()
"""All files of a tree."""
