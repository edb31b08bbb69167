"""Learn templates from objects that took the plain road.

Two objects of one layout (the same elements, written the same way) with the same pinned values
show which elements vary. What varied once in a layout is held to vary in all of it, so a new
series of a known layout has its template after one file.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, NamedTuple

from dicomveil.dicom.elements import Element
from dicomveil.dicom.part10 import MEDIA_SOP_INSTANCE
from dicomveil.dicom.splice import Edit, joined, splice
from dicomveil.dicom.tags import PIXEL_TAGS, Tag
from dicomveil.engine.deidentify import SOP_INSTANCE, Act, Rules, cleaned, new_meta, sop_instance
from dicomveil.engine.facts import GATED
from dicomveil.engine.identity import is_identifying
from dicomveil.engine.marks import MARKED
from dicomveil.engine.scene import CHARACTER_SET, ISSUER, PATIENT_ID, STUDY_UID
from dicomveil.engine.slotting import fragments_end, slot_for
from dicomveil.engine.slots import Judge
from dicomveil.engine.template import PREFIX_END, Ending, Step, Template

_LAYOUTS: Final = 16
_REFERENCES: Final = 8
_MOST_VARYING: Final = 0.6
_STUDY_ID: Final = 0x00200010
_SOP_CLASS: Final = 0x00080016
PINNED: Final[frozenset[Tag]] = (
    frozenset({CHARACTER_SET, PATIENT_ID, ISSUER, STUDY_UID, _STUDY_ID, _SOP_CLASS})
    | GATED
    | MARKED
    | {0x00020002, 0x00020010}
)


class Piece(NamedTuple):
    """A top-level element: its bytes, and those written in its place (inserted ones before it)."""

    element: Element
    read: bytes
    written: bytes


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
        pieces = _pieces(act, self._rules)
        layout = self._layout(_key(act, pieces))
        pinned = tuple(p.read for p in pieces if _is_pinned(p.element))
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


def _remember[K, V](known: "OrderedDict[K, V]", key: K, value: V, most: int) -> None:
    """Hold the value as the newest, and forget the oldest beyond `most`."""
    known[key] = value
    known.move_to_end(key)
    if len(known) > most:
        known.popitem(last=False)
