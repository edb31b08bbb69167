"""The varying elements of a template: how each is read and judged.

A slot reads one element at a place of the head, appends what is written in its stead, and gives
the place after it. Whatever it does not expect is a Miss, never a guess.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from struct import Struct
from typing import Final, Protocol

from dicomveil.dicom.forms import Form
from dicomveil.dicom.legality import is_legal
from dicomveil.dicom.tags import Tag
from dicomveil.engine.pseudonyms import Pseudonyms

SHORT_LENGTHS: Final = {Form.EXPLICIT_LE: Struct("<H"), Form.EXPLICIT_BE: Struct(">H")}


class Miss(Exception):  # noqa: N818 - not an error: the plain road takes over
    """The element is not as the template expects it."""


@dataclass(slots=True)
class Judge:
    """What the slots of one template share while one file is tried, and what they found."""

    names: Pseudonyms
    head: bytes = b""
    kept: list[bytes] = field(default_factory=list)  # varying values that stay
    uids: list[bytes] = field(default_factory=list)  # old UIDs, replaced or removed
    replaced: list[bytes] = field(default_factory=list)  # old UIDs that were replaced
    met: dict[str, bytes] = field(default_factory=dict)  # old meta, sop and series UIDs

    def begin(self, head: bytes) -> None:
        """Forget the last file."""
        self.head = head
        self.kept.clear()
        self.uids.clear()
        self.replaced.clear()
        self.met.clear()

    def agree(self) -> bool:
        """Whether the file meta names the same instance as the data set."""
        return self.met.get("meta") == self.met.get("sop")

    @property
    def new_uids(self) -> dict[str, str]:
        """The new series and SOP instance UIDs, where they vary."""
        return {name: self.names.uid(uid).decode() for name, uid in self.met.items()}

    def pairs(self) -> Iterator[tuple[bytes, bytes]]:
        """(old, new) of each UID that was replaced."""
        return ((uid, self.names.uid(uid)) for uid in self.replaced)


class Slot(Protocol):
    """One varying element."""

    def judge(self, judge: Judge, at: int, written: list[bytes]) -> int:
        """Append the element's output; the place after the element. Raises Miss."""
        ...


@dataclass(frozen=True, slots=True)
class Framed:
    """How the slot's element begins: its tag and VR, and where its length stands."""

    begin: bytes
    size: int  # of `begin` and the length field
    length: Struct

    def value(self, head: bytes, at: int) -> tuple[int, int]:
        """Where the value begins and ends."""
        if not head.startswith(self.begin, at):
            raise Miss
        start = at + self.size
        if start > len(head):
            raise Miss
        length: int = self.length.unpack_from(head, start - self.length.size)[0]
        stop = start + length
        if length & 1 or stop > len(head):
            raise Miss
        return start, stop


@dataclass(frozen=True, slots=True)
class Constant:
    """An element that goes, or becomes the same whatever it was."""

    frame: Framed
    output: bytes

    def judge(self, judge: Judge, at: int, written: list[bytes]) -> int:
        """Put the constant in its place."""
        _, stop = self.frame.value(judge.head, at)
        if self.output:
            written.append(self.output)
        return stop


@dataclass(frozen=True, slots=True)
class GoneUid:
    """A UID that is removed or emptied: it is still looked for in the output."""

    frame: Framed
    output: bytes

    def judge(self, judge: Judge, at: int, written: list[bytes]) -> int:
        """Put the constant in its place, and remember the UIDs."""
        start, stop = self.frame.value(judge.head, at)
        judge.uids += _uids(judge.head[start:stop])
        if self.output:
            written.append(self.output)
        return stop


@dataclass(frozen=True, slots=True)
class Kept:
    """An element that stays as it lies when its value passes; otherwise a Miss."""

    frame: Framed
    passes: Callable[[bytes], bool]

    def judge(self, judge: Judge, at: int, written: list[bytes]) -> int:
        """Copy the element."""
        head = judge.head
        start, stop = self.frame.value(head, at)
        value = head[start:stop]
        if not self.passes(value):
            raise Miss
        judge.kept.append(value)
        written.append(head[at:stop])
        return stop


@dataclass(frozen=True, slots=True)
class OneUid:
    """A single UID that is replaced; several, or none, are a Miss."""

    frame: Framed
    opening: bytes  # the new element up to its value of 44 bytes
    meaning: str  # "meta", "sop", "series", or "" for any other

    def judge(self, judge: Judge, at: int, written: list[bytes]) -> int:
        """Write the pseudonym."""
        start, stop = self.frame.value(judge.head, at)
        uid = judge.head[start:stop].strip(b"\0 ")
        if not uid or b"\\" in uid:
            raise Miss
        if self.meaning:
            if not is_legal(uid, "UI"):
                raise Miss
            judge.met[self.meaning] = uid
        judge.uids.append(uid)
        judge.replaced.append(uid)
        written.append(self.opening + judge.names.uid(uid))
        return stop


def _uids(value: bytes) -> list[bytes]:
    return [uid for part in value.split(b"\\") if (uid := part.strip(b"\0 "))]


MEANINGS: Final[dict[Tag, str]] = {0x00020003: "meta", 0x00080018: "sop", 0x0020000E: "series"}
