"""What the profile does to each element of one object, where its place or its owner decides.

`Compiled.first` answers for most elements by tag and VR alone; this answers for those it asks
about: by the path of sequences, by the creator of a private block, by what the object itself
declares of its private blocks.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

from dicomveil.dicom.elements import Element
from dicomveil.dicom.forms import Form
from dicomveil.dicom.legality import has_control
from dicomveil.dicom.multiplicity import SIZES
from dicomveil.dicom.tags import is_private, is_private_creator
from dicomveil.dicom.values import TEXT_VRS
from dicomveil.engine.scene import CHARACTERISTICS, Scene
from dicomveil.policy.actions import Action, Ask, Keep, Remove
from dicomveil.policy.compiled import CONTENT_TAGS, Compiled
from dicomveil.policy.selectors_placed import Place

if TYPE_CHECKING:
    from dicomveil.engine.contents import Contents
    from dicomveil.policy.characteristics import Declared

_Above = tuple[tuple[int, str], ...]
_NOWHERE: Final[_Above] = ()


class Choice:
    """The actions of one object's elements."""

    def __init__(self, compiled: Compiled, scene: Scene) -> None:
        """Ask `compiled`, the profile for such objects, about the elements of `scene`."""
        self._compiled = compiled
        self._scene = scene
        self._above: dict[int, _Above] = {}
        self.private: list[Element] = []  # those asked about that have an owner's block
        self.creators: list[Element] = []
        self.dropped: set[int] = set()  # the content items that go
        self._declared: Declared | None = None
        if compiled.looks_at_blocks:
            # Few profiles look at private blocks or content items: the others start without.
            from dicomveil.engine.private_blocks import Blocks, declared_of

            self._blocks = Blocks(scene)
            declares = compiled.keeping and CHARACTERISTICS in scene.roots
            self._declared = declared_of(scene) if declares else None
            self._read_unknown(scene.elements)

    @cached_property
    def contents(self) -> "Contents":
        """What becomes of the content items of a report."""
        from dicomveil.engine.contents import Contents

        return Contents(self._scene, self.dropped)

    def of(self, element: Element) -> Action:
        """What happens to the element; creators stay until `orphans` tells which go."""
        action = self._compiled.first(element.tag, element.vr)
        return self.asked(element) if isinstance(action, Ask) else action

    def asked(self, element: Element) -> Action:
        """What happens to an element of which tag and VR do not say it."""
        if self._compiled.cleans_content and element.tag in CONTENT_TAGS:
            said = self.contents.action(element)
            if said is not None:
                return said
        if not is_private(element.tag) or not self._compiled.looks_at_blocks:
            return self._compiled.at(self.place(element))
        if is_private_creator(element.tag):
            self.creators.append(element)
            return Keep() if element.vr == "LO" else Remove()
        self.private.append(element)
        place = self.place(element)
        keeping = self._compiled.keeping
        if keeping and self._declared and self._is_declared(place):
            return keeping.action(place, self._declared)
        return self._compiled.at(place)

    def orphans(self, gone: Sequence[int]) -> list[Element]:
        """The creators that go, when the elements that begin at `gone` do."""
        if not self.creators:
            return []
        starts = frozenset(gone)
        staying = self._blocks.staying(e for e in self.private if e.start not in starts)
        return [creator for creator in self.creators if creator not in staying]

    def origin(self, element: Element) -> str:
        """Where it is written what happens to the element."""
        content = self._compiled.cleans_content and element.tag in CONTENT_TAGS
        if content and self.contents.action(element) is not None:
            return "PS3.15 Table E.3.4-1"
        if self.is_creator(element):
            return "PS3.15 E.3.10: creators of blocks that stay"
        place, keeping = self.place(element), self._compiled.keeping
        private = is_private(element.tag)
        if keeping and private and self._declared and self._is_declared(place):
            return keeping.origin(place, self._declared)
        return self._compiled.origin(place)

    def is_creator(self, element: Element) -> bool:
        """Whether it reserves a private block in an object whose blocks may stay."""
        return is_private_creator(element.tag) and self._compiled.looks_at_blocks

    def place(self, element: Element) -> Place:
        """Where the element lies, as rules see it."""
        return Place(element.tag, element.vr, self._creator(element), self.above(element.holder))

    def above(self, item: Element | None) -> _Above:
        """The sequences around what lies in this item, from the root."""
        if item is None or item.holder is None:
            return _NOWHERE
        known = self._above.get(id(item))
        if known is None:
            sequence = item.holder
            step = (sequence.tag, self._creator(sequence))
            known = self._above[id(item)] = (*self.above(sequence.holder), step)
        return known

    def _is_declared(self, place: Place) -> bool:
        """Whether the object itself says what becomes of a private element that lies there."""
        from dicomveil.policy.private_keeping import path_of

        path = path_of(place)
        if path is None or self._declared is None:
            return False
        return self._declared.disposition(path[-1]) is not None

    def _creator(self, element: Element) -> str:
        if not is_private(element.tag) or not self._compiled.looks_at_blocks:
            return ""
        return self._blocks.creator(element)

    def _read_unknown(self, elements: Sequence[Element]) -> None:
        """Give private elements that arrived without a VR the one that a table knows."""
        from dicomveil.policy.private_keeping import path_of
        from dicomveil.policy.private_tables import vr_of

        for element in elements:
            if element.vr == "UN" and is_private(element.tag):
                path = path_of(self.place(element))
                declared = self._declared.vr(path[-1]) if path and self._declared else None
                vr = declared or (vr_of(path[-1]) if path else None)
                if vr and can_be(self._scene.raw(element), vr, element.form):
                    element.vr = vr


def can_be(value: bytes, vr: str, form: Form) -> bool:
    """Whether a value that arrived without a VR can be read as one of this VR."""
    if vr in TEXT_VRS:
        return not has_control(value, vr)
    return vr in SIZES and form is not Form.EXPLICIT_BE and not len(value) % SIZES[vr]
