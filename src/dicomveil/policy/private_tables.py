"""What the tables of private elements say: which are known, what becomes of them, and their VRs.

Two tables speak of dispositions, and either may be asked: Table E.3.10-1 of PS3.15, whose elements
are safe at any depth, and the knowledge base of The Cancer Imaging Archive, whose elements are
known at their exact place. tools/make_private_tables.py made them.
"""

from collections.abc import Iterator
from enum import Enum
from functools import cache
from sys import intern
from typing import Final, NamedTuple

from dicomveil.dicom.tags import tag_text
from dicomveil.policy import tables

_VRS: Final = "private_vrs.tsv"


class Disposition(Enum):
    """What becomes of a private element."""

    KEEP = "keep"
    KEEP_SCANNED = "keep-scanned"  # only where its bytes were parsed and scanned; else it goes
    DELETE = "delete"
    EMPTY = "empty"
    DUMMY = "dummy"
    HASH_UID = "hash-uid"  # each UID, a value or in a text, becomes the keyed UID of it
    SHIFT_DATE = "shift-date"  # by the profile's rule for dates
    EPOCH_DATE = "epoch-date"  # the same, for a number that counts from 1970
    CONTAINER = "container"  # a sequence that stays, each of its elements judged by itself


class Source(Enum):
    """A table of dispositions."""

    SAFE = "private_safe.tsv"
    KNOWN = "private_tcia.tsv"

    @property
    def origin(self) -> str:
        """What explanations call it."""
        return _ORIGINS[self]


_ORIGINS: Final = {
    Source.SAFE: "PS3.15 2026c Table E.3.10-1",
    Source.KNOWN: "TCIA private tag knowledge base 2024-02-01",
}


class Step(NamedTuple):
    """One element on the way from the root to another, items not told apart.

    A private one is known by the low byte of its element number and its creator in capitals, since
    its block may lie anywhere in the group (PS3.5 §7.8.1); a standard one by its whole number.
    """

    group: int
    creator: str  # "" for a standard element
    element: int

    @classmethod
    def private(cls, tag: int, creator: str) -> "Step":
        """The step of a private element in a block that `creator` has reserved."""
        return cls(tag >> 16, creator.strip(" \0").upper(), tag & 0xFF)

    @classmethod
    def standard(cls, tag: int) -> "Step":
        """The step of an element of the standard."""
        return cls(tag >> 16, "", tag & 0xFFFF)

    def __repr__(self) -> str:
        """The numbers alone: a creator is a text of the file."""
        return f"<Step {self.group:04X}:{self.element:02X}>"

    def __str__(self) -> str:
        """`(0019,SIEMENS MR HEADER,0C)` or `(0008,1140)`."""
        if not self.creator:
            return tag_text(self.group << 16 | self.element)
        return f"({self.group:04X},{self.creator},{self.element:02X})"


Path = tuple[Step, ...]


def listed(source: Source, path: Path, vr: str) -> Disposition | None:
    """What the table says of the element at the end of `path`; None where it does not know it."""
    place = path[-1:] if source is Source.SAFE else path
    return _dispositions(source).get((place, vr))


def vr_of(step: Step) -> str | None:
    """The VR of a private element that arrives without one, as in UN or in data of implicit VR.

    None for an element that no table speaks of: it will be deleted.
    """
    return _vrs().get(step)


@cache
def deleted_inside(source: Source) -> frozenset[int]:
    """The tags of standard elements that the table deletes somewhere in private sequences."""
    rows = _dispositions(source).items()
    steps = (path[-1] for (path, _), word in rows if word is Disposition.DELETE)
    return frozenset(step.group << 16 | step.element for step in steps if not step.creator)


@cache
def _dispositions(source: Source) -> dict[tuple[Path, str], Disposition]:
    return {(path, intern(vr)): Disposition(word) for path, word, vr in _rows(source.value)}


@cache
def _vrs() -> dict[Step, str]:
    return {path[-1]: intern(vr) for path, _, vr in _rows(_VRS)}


def _rows(table: str) -> Iterator[tuple[Path, str, str]]:
    """Each element and VR of a table of blocks: the path, the word, the VR."""
    for above, group, creator, word, elements in tables.read_rows(table):
        sequences = tuple(map(_step, above.split(" > "))) if above else ()
        for entry in elements.split("; "):
            number, vrs = entry.split(" ")
            step = Step(int(group, 16), creator, int(number, 16))
            for vr in vrs.split(","):
                yield (*sequences, step), word, vr


def _step(text: str) -> Step:
    """The step that `__str__` writes; a creator may hold commas."""
    group, _, rest = text[1:-1].partition(",")
    creator, _, element = rest.rpartition(",")
    return Step(int(group, 16), creator, int(element, 16))
