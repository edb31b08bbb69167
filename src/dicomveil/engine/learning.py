"""Learn templates from objects that took the plain road.

Two objects of one layout (the same elements, written the same way) with the same pinned values
show which elements vary. What varied once in a layout is held to vary in all of it, so a new
series of a known layout has its template after one file.
"""

from collections import OrderedDict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final, TypeVar

from dicomveil.dicom.elements import Element
from dicomveil.dicom.part10 import MEDIA_SOP_CLASS, MEDIA_SOP_INSTANCE, TRANSFER_SYNTAX
from dicomveil.dicom.tags import PIXEL_TAGS, Tag
from dicomveil.engine.deidentify import (
    BULK,
    SOP_CLASS,
    SOP_INSTANCE,
    Act,
    Rules,
    cleaned,
    sop_instance,
)
from dicomveil.engine.facts import GATED
from dicomveil.engine.identity import is_identifying
from dicomveil.engine.marks import MARKED
from dicomveil.engine.pieces import Piece, pieces_of
from dicomveil.engine.scene import CHARACTER_SET, ISSUER, PATIENT_ID, STUDY_ID, STUDY_UID
from dicomveil.engine.slots import Judge, Slot, slot_for
from dicomveil.engine.template import Ending, Step, Template

_LAYOUTS: Final = 16
_REFERENCES: Final = 8
_MOST_VARYING: Final = 0.6
_OVERLAYS: Final = 0x60
PINNED: Final[frozenset[Tag]] = (
    frozenset({CHARACTER_SET, PATIENT_ID, ISSUER, STUDY_UID, STUDY_ID, SOP_CLASS})
    | GATED
    | MARKED
    | {MEDIA_SOP_CLASS, TRANSFER_SYNTAX}
)


K = TypeVar("K")
V = TypeVar("V")


@dataclass(slots=True)
class Layout:
    """What is known of the files of one layout."""

    varying: set[int] = field(default_factory=set)
    references: OrderedDict[tuple[bytes, ...], list[bytes]] = field(default_factory=OrderedDict)


class Learner:
    """Makes templates; knows a bounded number of layouts."""

    def __init__(self, rules: Rules) -> None:
        """Learn what `rules` make of files."""
        self._rules = rules
        self._layouts: OrderedDict[tuple[object, ...], Layout] = OrderedDict()

    def learn(self, act: Act) -> Template | None:
        """A template for files like this one; None when it cannot have one, or not yet."""
        if not _can_have_template(act):
            return None
        pieces = pieces_of(act, self._rules)
        layout = self._layout(_key(act, pieces))
        pinned = tuple(p.read for p in pieces if _is_pinned(p))
        values = [p.read for p in pieces]
        known = layout.references.get(pinned)
        _remember(layout.references, pinned, values, _REFERENCES)
        if known is not None:
            layout.varying |= {n for n, old in enumerate(known) if old != values[n]}
        if not layout.varying or len(layout.varying) > _MOST_VARYING * len(pieces):
            return None
        return _template(act, pieces, layout.varying, self._rules)

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
    plain = part10.prefixed and not part10.syntax.deflated and not act.judgement.illegal
    whole = act.end == len(scene.data) and len(scene.roots) > 1
    if not plain or not whole or not part10.meta or part10.meta[-1].tag <= MEDIA_SOP_INSTANCE:
        return False
    same = part10.media_sop_instance.encode() == sop_instance(part10, scene)
    inserted_last = any(edit.start == act.end and edit.holder is None for edit in act.edits)
    last = next(reversed(scene.roots.values()))
    bulky = any(e.length >= BULK for e in scene.roots.values() if e is not last)
    return same and SOP_INSTANCE in scene.roots and not inserted_last and not bulky


def _is_pinned(piece: Piece) -> bool:
    element = piece.element
    pinned = element.tag in PINNED or element.tag in PIXEL_TAGS or element.tag >> 24 == _OVERLAYS
    return pinned or is_identifying(element)


def _key(act: Act, pieces: Sequence[Piece]) -> tuple[object, ...]:
    """What two files of one layout share: their elements' tags and VRs, in order."""
    return (act.part10.syntax.form, *((p.element.tag, p.element.vr) for p in pieces))


def _template(
    act: Act, pieces: Sequence[Piece], varying: AbstractSet[int], rules: Rules
) -> Template:
    """The pieces as literals, with a slot for each varying one."""
    steps: list[Step] = []
    expected, written = [], []
    for number, piece in enumerate(pieces):
        written.append(piece.before)
        if number in varying:
            slot = slot_for(piece, rules.compiled)
            steps.append(_step(expected, written, slot))
            expected, written = [], []
        else:
            expected.append(piece.read)
            written.append(piece.written)
    steps.append(_step(expected, written, None))
    read = b"".join(step.expected for step in steps)
    return Template(
        steps=steps,
        ending=_ending(pieces[-1].element),
        like=cleaned(act, rules),
        fixed_uids=[pair for pair in act.judgement.uids.items() if pair[0] in read],
        words=sorted(act.identity.needles if act.identity else ()),
        literals=b"\0".join(step.written for step in steps).lower(),
        judge=Judge(rules.names, rules.compiled),
        verified=rules.verified,
    )


def _step(expected: list[bytes], written: list[bytes], slot: Slot | None) -> Step:
    literal = b"".join(expected)
    return Step(literal, len(literal), b"".join(written), slot)


def _ending(last: Element) -> Ending:
    if last.tag not in PIXEL_TAGS:
        return Ending(0)
    return Ending(-1) if last.undefined else Ending(last.length)
