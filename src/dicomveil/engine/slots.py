"""The varying elements of a template: how each is read and judged.

A step of a template is a literal that ends with the head of a varying element, and what to do with
its value. The commonest doings are numbers that the template's loop carries out itself, because a
call costs as much as the work; `Doing.JUDGE` is the rest, an element that is walked and judged as
the plain road does. Whatever is not as expected is a miss, never a guess.

The output of what lies in a sequence never changes its length, so that the lengths around it are
the same for all files of the layout, whatever they were in the original.
"""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from enum import IntEnum
from struct import Struct
from typing import Final, NamedTuple, get_args

from dicomveil.dicom.elements import Element
from dicomveil.dicom.forms import Form, encode_element
from dicomveil.dicom.legality import PLAIN_FIELDS, has_control, is_legal_uid
from dicomveil.dicom.multiplicity import BINARY_VRS
from dicomveil.dicom.part10 import MEDIA_SOP_INSTANCE
from dicomveil.dicom.splice import joined, splice
from dicomveil.dicom.tags import Tag
from dicomveil.dicom.values import decode, strip
from dicomveil.dicom.walk import walk_element
from dicomveil.engine.choosing import can_be
from dicomveil.engine.decide import check_length, decide, legal
from dicomveil.engine.deidentify import Act
from dicomveil.engine.edits import is_last_resort, judged
from dicomveil.engine.gone import Gone
from dicomveil.engine.identity import is_identifying, is_telling, uids_in
from dicomveil.engine.pieces import Part, Piece
from dicomveil.engine.pseudonyms import UID_SIZE, Pseudonyms
from dicomveil.engine.scene import (
    CHARACTER_SET,
    ISSUER,
    SERIES_UID,
    SOP_INSTANCE,
    STUDY_ID,
    Around,
    Scene,
)
from dicomveil.engine.verify import NUMERIC_TEXT
from dicomveil.policy.actions import (
    Action,
    Change,
    Clean,
    CleanStrict,
    Dummy,
    Empty,
    Keep,
    KeepIfLegal,
    KeepScanned,
    NewUid,
    Remove,
    ShiftDate,
)
from dicomveil.policy.compiled import Compiled

_LONG_HEAD: Final = 12
_BACKSLASH: Final = 0x5C
_UIDS_REMEMBERED: Final = 1 << 12
_REMEMBERED: Final = 1024  # values of one element known to be legal: most stand in many files


Passes = Callable[[bytes], object]  # whether a value may stay


class Doing(IntEnum):
    """What a step does with the value of its element."""

    CONSTANT = 1  # write the same, whatever it was
    KEEP = 2  # copy the element when `passes` allows the value
    KEEP_DECIMAL = 3  # the same, for decimal text, where only long numbers identify
    REPLACE = 4  # write the same when `passes` allows the value: it goes, but must be sound
    NEW_UID = 5  # write the pseudonym of its one UID
    OPEN = 6  # the head of a sequence or item: write it with the length of the output
    CLOSE = 7  # its end: its length must have been true
    JUDGE = 8  # walk and judge the element as the plain road does


class Check(IntEnum):
    """What `passes` asks of a value, where many may be asked about at once."""

    OWN = 0  # something else
    LENGTH = 1  # that it has the length that was learned
    CONTROL = 2  # the same for text that holds no control character
    INTEGER = 3  # that it is a legal IS
    DECIMAL = 4  # that it is a legal DS


def _never(_value: bytes) -> bool:
    """Let nothing pass."""
    return False


class Slot(NamedTuple):
    """One varying element."""

    doing: Doing
    head: bytes  # tag and VR, up to the length field
    length: Struct
    width: int  # bytes of the length field
    output: bytes = b""  # CONSTANT: all that is written; NEW_UID: what precedes the UID
    size: int = -1  # JUDGE: bytes of the output where others count on them: 0 for what went
    known: AbstractSet[bytes] = frozenset()  # values that are known to pass
    passes: Passes = _never
    check: Check = Check.OWN
    meaning: str = ""  # NEW_UID: "meta", "sop", "series", or "" for any other
    form: Form = Form.EXPLICIT_LE
    lone: "Lone | None" = None  # JUDGE: an element without items whose action is known
    gone: Gone | None = None  # JUDGE: a sequence that goes, whatever is in it


class Lone(NamedTuple):
    """An element that is judged by itself: its action, its VR, and what its data set says to it.

    All three depend on pinned elements alone.
    """

    action: Action
    vr: str
    around: Around


class Found:
    """What a template finds in one file besides its output."""

    __slots__ = ("decimals", "ends", "kept", "met", "new", "replaced", "uids")

    def __init__(self) -> None:
        """Nothing is found yet."""
        self.kept: list[bytes] = []  # varying values that stay
        self.decimals: list[bytes] = []  # of them, the decimal text
        self.uids: list[bytes] = []  # old UIDs that are gone, or lie in a judged element
        self.replaced: list[bytes] = []  # old UIDs that were replaced
        self.new: list[bytes] = []  # and what by
        self.ends: list[int] = []  # where the open sequences and items must end
        self.met: dict[str, bytes] = {}  # old meta, sop and series UIDs


class Miss(Exception):
    """A judged element is not one that the template can vouch for."""


class Judge(NamedTuple):
    """Judges an element by itself, as the plain road would."""

    names: Pseudonyms
    compiled: Compiled
    known: dict[bytes, bytes]  # legal UIDs met, and their pseudonyms

    def uid(self, old: bytes) -> bytes:
        """The pseudonym of one legal UID, remembered; Miss for anything else."""
        if not old or _BACKSLASH in old or not is_legal_uid(old):
            raise Miss
        if len(self.known) >= _UIDS_REMEMBERED:
            self.known.clear()
        new = self.known[old] = self.names.fresh_uid(old)
        return new

    def judge(self, head: bytes, at: int, slot: "Slot", found: Found) -> tuple[int, bytes]:
        """Where the element of the slot, which is at `at`, ends, and its output.

        Raises Miss when it needs the plain road, and InvalidDicom where that would.
        """
        gone = slot.gone
        if gone is None:
            return self._walked(head, at, slot, found)
        end, uids = gone.fit(head, at)
        if end:
            found.uids += uids
            return end, b""
        end, output = self._walked(head, at, slot, found)
        if not output:
            gone.learn(head, walk_element(head, at, slot.form))
        return end, output

    def _walked(self, head: bytes, at: int, slot: "Slot", found: Found) -> tuple[int, bytes]:
        """The same without what is remembered of sequences that go."""
        elements = walk_element(head, at, slot.form)
        if slot.lone is not None:
            if self.compiled.fills and not elements[0].length:
                raise Miss
            return self._judge_lone(head, elements[0], slot, slot.lone, found)
        if any(e.tag in _DEPENDED_ON or is_identifying(e) for e in elements):
            raise Miss
        scene = Scene(head, elements)
        judgement = judged(scene, self.compiled, self.names)
        if judgement.illegal:
            raise Miss
        end = elements[0].end
        output = joined(head, splice(head, judgement.edits, at, end))
        if slot.size not in (-1, len(output)):
            raise Miss
        found.kept.append(output)
        found.replaced += judgement.uids
        found.new += judgement.uids.values()
        for element in elements:
            if element.vr == "UI":
                found.uids += filter(is_telling, uids_in(scene.raw(element)))
        return end, output

    def _judge_lone(
        self, head: bytes, element: Element, slot: "Slot", lone: Lone, found: Found
    ) -> tuple[int, bytes]:
        """The same for an element without items."""
        if element.vr != lone.vr and not can_be(
            head[element.value : element.stop], lone.vr, element.form
        ):
            raise Miss
        element.vr = lone.vr
        scene = Scene(head, [element], lone.around)
        if not isinstance(lone.action, KeepScanned):
            check_length(element, scene)
        new = decide(lone.action, element, scene, self.names)
        if new is None:
            new = head[element.start : element.end]
        elif slot.size and is_last_resort(lone.action, element, new):
            raise Miss
        if slot.size not in (-1, len(new)):
            raise Miss
        found.kept.append(new)
        return element.end, new


_DEPENDED_ON: Final = frozenset({CHARACTER_SET, ISSUER, STUDY_ID})
_MEANINGS: Final[dict[Tag, str]] = {SOP_INSTANCE: "sop", SERIES_UID: "series"}


CLOSE: Final = Slot(Doing.CLOSE, b"", Struct("<L"), 0)


def slot_for(piece: Piece, act: Act) -> Slot:
    """The slot that does with such an element as the plain road would."""
    element = piece.element
    slot = _slot(piece)
    if piece.part is Part.HEAD:
        return slot._replace(doing=Doing.OPEN, output=piece.written)
    if element.tag == MEDIA_SOP_INSTANCE:
        return slot._replace(doing=Doing.NEW_UID, output=piece.written[:-UID_SIZE], meaning="meta")
    if element.tag >> 16 == _META_GROUP:  # the rest of the old file meta goes, whatever it says
        return slot._replace(doing=Doing.CONSTANT, output=piece.written)
    if element.vr == "SQ" or element.undefined:
        return slot._replace(gone=Gone() if _goes(piece) else None)
    action = act.choice.of(element)
    if isinstance(action, ShiftDate) and element.vr == "TM":
        action = KeepIfLegal()  # whole days leave a legal time of day as it is
    if isinstance(action, Clean | CleanStrict) and piece.written == piece.read:
        known, passes = _remembering(_of_length(element, _clean(action, element, act.scene)))
        return slot._replace(doing=Doing.KEEP, known=known, passes=passes)
    if isinstance(action, _LONE):
        gone = isinstance(action, KeepScanned) and not piece.written
        lone = Lone(action, element.vr, act.scene.around(element))
        return slot._replace(lone=lone, size=0 if gone else slot.size)
    slot = _simple(slot, piece, action)
    return _of_values(slot) if act.compiled.fills else slot


def _goes(piece: Piece) -> bool:
    """Whether it is a top-level sequence that goes as a whole."""
    return piece.element.vr == "SQ" and not piece.written and piece.element.holder is None


_META_GROUP: Final = 0x0002
_LONE: Final = get_args(Change)


def _simple(slot: Slot, piece: Piece, action: Action) -> Slot:
    """The slot of an element that is no sequence."""
    element = piece.element
    match action:
        case Remove() if element.vr != "UI":
            return slot._replace(doing=Doing.CONSTANT, output=piece.written)
        case Empty() | Dummy() if element.vr != "UI":
            known, passes = _remembering(_sound(element))
            return slot._replace(
                doing=Doing.REPLACE,
                output=piece.written,
                known=known,
                passes=passes,
                check=_check(element),
            )
        case Keep():
            known, passes = _remembering(_of_length(element, _sound(element)))
            check = _check(element)
            return slot._replace(doing=Doing.KEEP, known=known, passes=passes, check=check)
        case KeepIfLegal():
            decimal = element.vr in NUMERIC_TEXT
            doing = Doing.KEEP_DECIMAL if decimal else Doing.KEEP
            known, passes = _remembering(_of_length(element, _legal(element.vr)))
            check = _NUMBERS.get(element.vr, Check.OWN)
            return slot._replace(doing=doing, known=known, passes=passes, check=check)
        case NewUid():
            blank = encode_element(element.form, element.tag, "UI", bytes(UID_SIZE))
            meaning = "" if element.holder else _MEANINGS.get(element.tag, "")
            return slot._replace(doing=Doing.NEW_UID, output=blank[:-UID_SIZE], meaning=meaning)
        case _:
            return slot


def _clean(action: Clean | CleanStrict, element: Element, scene: Scene) -> Passes:
    """Whether cleaning leaves a text as it is; the data set around it is that of the template."""
    from dicomveil.engine.changing import wording_of  # as in decide: few profiles need it

    around, vr = scene.around(element), element.vr
    wording = wording_of(action)

    def is_clean(value: bytes) -> bool:
        if not value or has_control(value, vr):
            return not value
        text = decode(strip(value, vr), vr, around.charset)
        return around.known.clean(text, wording).text == text

    return is_clean


def _of_values(slot: Slot) -> Slot:
    """The same for a profile that fills what is empty: an empty value never passes."""
    passes = slot.passes
    return slot._replace(passes=lambda value: bool(value) and passes(value), check=Check.OWN)


def _slot(piece: Piece) -> Slot:
    """A slot that judges the piece, with the head that it begins with."""
    element = piece.element
    size = element.value - element.start
    order = element.form.order
    long = element.form is Form.IMPLICIT_LE or size == _LONG_HEAD or not element.vr
    width = 4 if long else 2
    return Slot(
        Doing.JUDGE,
        piece.read[: size - width],
        Struct(order + ("L" if long else "H")),
        width,
        size=len(piece.written) if element.holder else -1,
        form=element.form,
    )


_NUMBERS: Final = {"IS": Check.INTEGER, "DS": Check.DECIMAL}


def _check(element: Element) -> Check:
    """What `_sound` asks."""
    return Check.LENGTH if element.vr in BINARY_VRS else Check.CONTROL


def _sound(element: Element) -> Passes:
    """Whether a value's length can be right: numbers as many as learned, text without controls.

    The plain road looks closer at any other, for the elements that a wrong length swallows.
    """
    length, vr = element.length, element.vr
    if vr in BINARY_VRS:
        return lambda value: len(value) == length
    return lambda value: not has_control(value, vr)


def _legal(vr: str) -> Passes:
    """Whether a coded value or decimal text is legal; the commonest spelling is asked for first."""
    plain = PLAIN_FIELDS.get(vr)
    if plain is None:
        return lambda value: legal(value, vr)
    return lambda value: plain(value) is not None or legal(value, vr)


def _of_length(element: Element, passes: Passes) -> Passes:
    """Inside a sequence, a value that stays is as long as the one learned from, besides.

    The lengths around it are written as they were for that one.
    """
    if element.holder is None:
        return passes
    length = element.length
    return lambda value: len(value) == length and bool(passes(value))


def _remembering(passes: Passes) -> tuple[AbstractSet[bytes], Passes]:
    """The values met that pass, and what tells of others: most values come again."""
    known: set[bytes] = set()

    def passes_or_not(value: bytes) -> bool:
        if not passes(value):
            return False
        if len(known) < _REMEMBERED:
            known.add(value)
        return True

    return known, passes_or_not
