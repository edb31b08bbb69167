"""Learn templates from objects that took the plain road.

Two objects of one layout (the same elements, written the same way) with the same pinned values
show which elements vary. What varied once in a layout is held to vary in all of it, so a new
series of a known layout has its template after one file.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple, TypeVar

from dicomveil.dicom.elements import Element
from dicomveil.dicom.part10 import MEDIA_SOP_CLASS, MEDIA_SOP_INSTANCE, TRANSFER_SYNTAX
from dicomveil.dicom.splice import Masked
from dicomveil.dicom.tags import PIXEL_TAGS, Tag, is_private_creator
from dicomveil.engine.cleaned import Cleaned
from dicomveil.engine.deidentify import BULK, Act, Rules, sop_instance
from dicomveil.engine.facts import GATED
from dicomveil.engine.identity import NOBODY, is_identifying
from dicomveil.engine.marks import MARKED
from dicomveil.engine.people import kind_of
from dicomveil.engine.pieces import Part, Piece, pieces_of
from dicomveil.engine.pseudonyms import UID_SIZE
from dicomveil.engine.scene import (
    CHARACTER_SET,
    CHARACTERISTICS,
    ISSUER,
    PATIENT_ID,
    SOP_CLASS,
    SOP_INSTANCE,
    STUDY_ID,
    STUDY_UID,
)
from dicomveil.engine.slots import CLOSE, Doing, Judge, Slot, slot_for
from dicomveil.engine.template import Last, Step, Template, uids_written
from dicomveil.engine.verify import LONGEST_CHANCE, Stems, stems
from dicomveil.policy.compiled import Compiled

_LAYOUTS: Final = 32
_REFERENCES: Final = 8
_MOST_VARYING: Final = 0.6
_OVERLAYS: Final = 0x60
PINNED: Final[frozenset[Tag]] = (
    frozenset({CHARACTER_SET, PATIENT_ID, ISSUER, STUDY_UID, STUDY_ID, SOP_CLASS})
    | GATED
    | MARKED
    | {MEDIA_SOP_CLASS, TRANSFER_SYNTAX}
    | PIXEL_TAGS
)


# Content, acquisition context, specimens: their items are judged by what others in them say.
_CONTENTS: Final = frozenset({0x0040A730, 0x00400555, 0x00400560, 0x00400610})
K = TypeVar("K")
V = TypeVar("V")


class Layout:
    """What is known of the files of one layout."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self.varying: set[int] = set()
        self.references: OrderedDict[tuple[bytes, ...], list[bytes]] = OrderedDict()


class Learner:
    """Makes templates; knows a bounded number of layouts."""

    def __init__(self, rules: Rules) -> None:
        """Learn what `rules` make of files."""
        self._rules = rules
        self._layouts: OrderedDict[tuple[object, ...], Layout] = OrderedDict()

    def learn(self, act: Act, like: Cleaned) -> Template | None:
        """A template for files like this one; None when it cannot have one, or not yet."""
        if not _can_have_template(act):
            return None
        pieces = pieces_of(act, self._rules)
        pins = Pins.of(act.compiled)
        layout = self._layout(_key(act, pieces))
        pinned = tuple(p.read for p in pieces if _is_pinned(p, pins))
        values = [p.read for p in pieces]
        known = layout.references.get(pinned)
        _remember(layout.references, pinned, values, _REFERENCES)
        if known is not None:
            layout.varying |= {n for n, old in enumerate(known) if old != values[n]}
        if not layout.varying or len(layout.varying) > _MOST_VARYING * len(pieces):
            return None
        if not _has_steady_lengths(pieces, layout.varying):
            return None
        return _template(act, like, pieces, layout.varying, self._rules)

    def _layout(self, key: tuple[object, ...]) -> Layout:
        layout = self._layouts.get(key)
        if layout is None:
            layout = Layout()
        _remember(self._layouts, key, layout, _LAYOUTS)
        return layout


def _remember(known: OrderedDict[K, V], key: K, value: V, most: int) -> None:
    """Hold the value as the newest, and forget the oldest beyond `most`."""
    known[key] = value
    known.move_to_end(key)
    if len(known) > most:
        known.popitem(last=False)


def _can_have_template(act: Act) -> bool:
    """Whether all of the file is elements that were walked, and nothing in it is unusual."""
    part10, scene = act.part10, act.scene
    if any(isinstance(run, Masked) for run in act.runs):
        return False
    if not act.compiled.renames or not _CONTENTS.isdisjoint(scene.roots):
        return False
    plain = part10.prefixed and not part10.syntax.deflated and not act.judgement.illegal
    whole = act.end == len(scene.data) and len(scene.roots) > 1
    if not plain or not whole or not part10.meta or part10.meta[-1].tag <= MEDIA_SOP_INSTANCE:
        return False
    same = part10.media_sop_instance.encode() == sop_instance(part10, scene)
    inserted_last = any(edit.start == act.end and edit.holder is None for edit in act.edits)
    last = next(reversed(scene.roots.values()))
    bulky = any(e.length >= BULK for e in scene.roots.values() if e is not last)
    return same and SOP_INSTANCE in scene.roots and not inserted_last and not bulky


class Pins(NamedTuple):
    """What else may not vary, because the profile asks it about other elements."""

    tags: frozenset[Tag]  # of its conditions
    blocks: bool  # creators and what is declared of their blocks say what stays of private elements
    people: bool  # what tells of people says what becomes of texts

    @classmethod
    def of(cls, compiled: Compiled) -> "Pins":
        """The pins of a profile."""
        tags = frozenset(condition.tag for condition in compiled.conditions)
        return cls(tags, compiled.looks_at_blocks, compiled.cleans)

    def hold(self, element: Element, root: Element) -> bool:
        """Whether this element, in this top-level one, is pinned."""
        if element.tag in self.tags:
            return True
        if self.blocks and (root.tag == CHARACTERISTICS or is_private_creator(element.tag)):
            return True
        return self.people and kind_of(element.tag, element.vr) is not None


def _is_pinned(piece: Piece, pins: Pins) -> bool:
    """Whether the piece may not vary in a template: others depend on it, or it names someone."""
    element = piece.element
    root = _root_of(element)
    if root.tag in MARKED or pins.hold(element, root):
        return True
    if piece.part is not Part.WHOLE:
        return element.undefined
    tag = element.tag
    pinned = tag in PINNED or tag >> 24 == _OVERLAYS
    return pinned or is_identifying(element)


def _root_of(element: Element) -> Element:
    """The top-level element that it lies in, or is."""
    while element.holder is not None:
        element = element.holder
    return element


def _key(act: Act, pieces: Sequence[Piece]) -> tuple[object, ...]:
    """What two files of one layout share: their elements' tags and VRs, in order."""
    tags = (p.element.tag for p in pieces)
    return (act.part10.syntax.form, *tags, *(p.element.vr for p in pieces))


def _template(
    act: Act, like: Cleaned, pieces: Sequence[Piece], varying: AbstractSet[int], rules: Rules
) -> Template:
    """The pieces as literals, with a slot for each varying one."""
    identity = act.identity or NOBODY
    steps, last = _steps(pieces, varying, act)
    read = b"".join(step.expected for step in steps) + last.expected
    return Template(
        steps=steps,
        last=last,
        pixels=_pixels(pieces[-1].element),
        like=like,
        fixed_uids=[pair for pair in act.judgement.uids.items() if pair[0] in read],
        stems=Stems(
            stems(identity.needles),
            stems({n for n in identity.numbers if len(n) > LONGEST_CHANCE} | identity.uids),
        ),
        written_uids=uids_written(_values_written(pieces, varying)),
        judge=Judge(rules.names, act.compiled, {}),
        verified=rules.verified,
    )


def _steps(pieces: Sequence[Piece], varying: AbstractSet[int], act: Act) -> tuple[list[Step], Last]:
    """The literals up to each varying piece, with its constant output joined to its neighbours."""
    steps: list[Step] = []
    expected: list[bytes] = []
    written: list[bytes] = []
    framed = _framed(pieces, varying)
    for number, piece in enumerate(pieces):
        written.append(piece.before)
        opens = piece.part is Part.HEAD and id(piece.element) in framed
        if piece.part is Part.END and id(piece.element) in framed:
            steps.append(_step(b"".join(expected), b"".join(written), CLOSE))
            expected, written = [piece.read], [piece.written]
            continue
        if number not in varying and not opens:
            expected.append(piece.read)
            written.append(piece.written)
            continue
        slot = slot_for(piece, act)
        if slot.doing is Doing.NEW_UID:
            written.append(slot.output)
        literal = b"".join([*expected, slot.head])
        if slot.doing in _LATER:  # the loop writes nothing here: its output goes on
            steps.append(_step(literal, b"", slot))
            written.append(slot.output)
        else:
            steps.append(_step(literal, b"".join(written), slot))
            written = [slot.output] if slot.doing is Doing.OPEN else []
        expected = []
    return steps, Last(b"".join(expected), b"".join(written))


_LATER: Final = (Doing.CONSTANT, Doing.REPLACE)


def _framed(pieces: Sequence[Piece], varying: AbstractSet[int]) -> set[int]:
    """The sequences and items of defined length around what varies: their lengths are checked."""
    framed: set[int] = set()
    for number in varying:
        here: Element | None = pieces[number].element
        if pieces[number].part is Part.WHOLE:
            here = here.holder if here else None
        while here is not None:
            if not here.undefined:
                framed.add(id(here))
            here = here.holder
    return framed


def _values_written(pieces: Sequence[Piece], varying: AbstractSet[int]) -> Iterator[bytes]:
    """What is written for every file, element by element."""
    for number, piece in enumerate(pieces):
        if number not in varying and piece.part is Part.WHOLE:
            yield piece.written[piece.element.value - piece.element.start :]


def _has_steady_lengths(pieces: Sequence[Piece], varying: AbstractSet[int]) -> bool:
    """Whether each UID that varies in a sequence is one here: others count on its length."""
    return all(
        p.element.vr != "UI" or len(p.written) == p.element.value - p.element.start + UID_SIZE
        for p in (pieces[number] for number in varying)
        if p.part is Part.WHOLE and p.element.holder is not None
    )


def _step(expected: bytes, written: bytes, slot: Slot) -> Step:
    return Step(
        expected,
        len(expected),
        written,
        int(slot.doing),
        slot.length.unpack_from,
        slot.width,
        len(slot.head),
        slot.known,
        slot.passes,
        slot,
    )


def _pixels(last: Element) -> int:
    if last.tag not in PIXEL_TAGS:
        return 0
    return -1 if last.undefined else last.length
