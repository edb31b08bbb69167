"""The varying elements of a template: how each is read and judged.

A slot reads one element at a place of the head, appends what is written in its stead, and gives
the place after it. Whatever it does not expect is a Miss, never a guess.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from struct import Struct
from typing import Final, Protocol

from dicomveil.dicom.elements import Element
from dicomveil.dicom.forms import Form, encode_element
from dicomveil.dicom.legality import has_control, is_legal
from dicomveil.dicom.multiplicity import BINARY_VRS
from dicomveil.dicom.part10 import MEDIA_SOP_INSTANCE
from dicomveil.dicom.splice import joined, splice
from dicomveil.dicom.tags import Tag, is_private
from dicomveil.dicom.walk import walk_element
from dicomveil.engine.decide import legal
from dicomveil.engine.edits import judged
from dicomveil.engine.identity import SHORTEST_UID, is_identifying, is_telling, uids_in
from dicomveil.engine.pieces import Piece
from dicomveil.engine.pseudonyms import UID_SIZE, Pseudonyms
from dicomveil.engine.scene import CHARACTER_SET, ISSUER, STUDY_ID, Scene
from dicomveil.policy.actions import Dummy, Empty, Keep, KeepIfLegal, NewUid, Remove
from dicomveil.policy.profile import Compiled

_LONG_HEAD: Final = 12


class Miss(Exception):  # noqa: N818 - not an error: the plain road takes over
    """The element is not as the template expects it."""


@dataclass(slots=True)
class Judge:
    """What the slots of one template share while one file is tried, and what they found."""

    names: Pseudonyms
    compiled: Compiled
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
        judge.uids += filter(is_telling, uids_in(judge.head[start:stop]))
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
        if len(uid) >= SHORTEST_UID:
            judge.uids.append(uid)
        judge.replaced.append(uid)
        written.append(self.opening + judge.names.uid(uid))
        return stop


@dataclass(frozen=True, slots=True)
class Tree:
    """A sequence, or any other element that needs the plain road's judgement, by itself."""

    begin: bytes
    form: Form

    def judge(self, judge: Judge, at: int, written: list[bytes]) -> int:
        """Walk the element and all in it, and splice its edits."""
        head = judge.head
        if not head.startswith(self.begin, at):
            raise Miss
        elements = walk_element(head, at, self.form)
        if any(e.tag in _DEPENDED_ON or is_identifying(e) for e in elements):
            raise Miss
        scene = Scene(head, elements)
        judgement = judged(scene, judge.compiled, judge.names)
        if judgement.illegal:
            raise Miss
        end = elements[0].end
        output = joined(head, splice(head, judgement.edits, at, end))
        judge.kept.append(output)
        judge.replaced += judgement.uids
        for element in elements:
            if element.vr == "UI":
                judge.uids += filter(is_telling, uids_in(scene.raw(element)))
        written.append(output)
        return end


_DEPENDED_ON: Final = frozenset({CHARACTER_SET, ISSUER, STUDY_ID})
MEANINGS: Final[dict[Tag, str]] = {
    MEDIA_SOP_INSTANCE: "meta",
    0x00080018: "sop",
    0x0020000E: "series",
}


def slot_for(piece: Piece, compiled: Compiled) -> Slot:  # noqa: C901 - one case for each action
    """The slot that judges such an element as the plain road would."""
    element = piece.element
    frame = _frame(piece)
    if element.tag == MEDIA_SOP_INSTANCE:
        return OneUid(frame, piece.written[:-UID_SIZE], "meta")
    if element.tag >> 16 == 2:  # the rest of the old file meta goes, whatever it says
        return Constant(frame, piece.written)
    tree = Tree(frame.begin, element.form)
    match compiled.action(element.tag, element.vr):
        case Remove() if is_private(element.tag) and not element.undefined:
            return Constant(frame, b"")
        case _ if element.vr == "SQ" or element.undefined:
            return tree
        case Remove() | Empty() | Dummy() if element.vr == "UI":
            return GoneUid(frame, piece.written)
        case Remove() | Empty() | Dummy():
            return Constant(frame, piece.written)
        case Keep():
            return Kept(frame, _passes(element))
        case KeepIfLegal():
            return Kept(frame, partial(legal, vr=element.vr))
        case NewUid():
            blank = encode_element(element.form, element.tag, "UI", bytes(UID_SIZE))
            return OneUid(frame, blank[:-UID_SIZE], MEANINGS.get(element.tag, ""))
        case _:
            return tree


def _frame(piece: Piece) -> Framed:
    """How the piece begins: its head but for the length, and the length field."""
    element = piece.element
    size = element.value - element.start
    order = element.form.order
    if element.form is Form.IMPLICIT_LE or size == _LONG_HEAD:
        return Framed(piece.read[: size - 4], size, Struct(order + "L"))
    return Framed(piece.read[: size - 2], size, Struct(order + "H"))


def _passes(element: Element) -> Callable[[bytes], bool]:
    """Whether a value that is kept is as sound as the plain road demands: no more than that."""
    if element.vr in BINARY_VRS:
        length = element.length
        return lambda value: len(value) == length
    return lambda value: not has_control(value, element.vr)
