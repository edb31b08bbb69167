"""Where the outputs of a substitution lie: in a tree shaped like that of the input."""

import os
import re
from enum import StrEnum
from typing import Final, NamedTuple

from dicomveil.engine.cleaned import Cleaned
from dicomveil.errors import StructureError, UidConflict
from dicomveil.jobs.layout import MANIFEST, Place
from dicomveil.places.folder import is_passing

_NO_NAME: Final = re.compile(r"[/\\\0]")
_LONGEST_STEM: Final = 200  # bytes; file systems hold 255 in a name, its suffix included


class Shape(StrEnum):
    """Whether the input's own path is repeated below the output."""

    OLD = "old"  # OUT/<input as it was given>/..., as pfdicom_tagSub did
    DOCUMENTED = "documented"  # OUT/..., as its manual says


class Tree(NamedTuple):
    """The shape of an output tree; what `jobs.layout` has for de-identified ones."""

    shape: Shape
    prefix: bytes  # the folder below OUT that stands for the input, b"" for OUT itself
    leaf: str = ""  # what a folder that holds files is called, with %s for its name
    stems: bool = False  # whether the outputs are named by what was made of their values

    @property
    def value(self) -> str:
        """What the manifest calls it."""
        return self.shape.value

    def place(self, cleaned: Cleaned, relative: bytes) -> Place:
        """The place of the output of the file at `relative`; UidConflict for a run's own names."""
        inner, _, name = relative.rpartition(b"/")
        within = b"/".join(part for part in (self.prefix, inner) if part)
        if self.leaf and within:
            above, slash, last = within.rpartition(b"/")
            within = above + slash + os.fsencode(formatted(self.leaf, os.fsdecode(last)))
        if self.stems and cleaned.stem:
            name = _stem(cleaned.stem) + os.path.splitext(name)[1]
        if not within and (name.startswith(MANIFEST.encode()) or is_passing(name)):
            raise UidConflict
        return within, name


def checked_leaf(leaf: str) -> str:
    """The format, when it has one %s and leads nowhere else; StructureError otherwise."""
    if leaf:
        parts = formatted(leaf, "name").split("/")
        if leaf.replace("%%", "").count("%s") != 1 or {"", ".", ".."} & set(parts):
            raise StructureError("the leaf folder's format has one %s, as anon-%s")
    return leaf


def formatted(leaf: str, name: str) -> str:
    """The format with the name for its %s and one percent sign for two; nothing is evaluated."""
    return "%".join(part.replace("%s", name) for part in leaf.split("%%"))


def _stem(text: str) -> bytes:
    """The text as a file's name: separators are underscores, and it is no hidden or special one."""
    plain = _NO_NAME.sub("_", text).strip()
    plain = "_" + plain[1:] if plain.startswith(".") else plain
    return os.fsencode(plain)[:_LONGEST_STEM].decode("utf-8", "ignore").encode()
