"""What becomes of each element of one object, and which rule says so: the whole of it explained.

It is the plain road, looked at on the way: the same choice, the same edits. Values are decoded only
when they are asked for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum

from dicomveil.dicom.elements import Element
from dicomveil.dicom.part10 import Part10, inflate, open_part10
from dicomveil.dicom.splice import Edit
from dicomveil.dicom.walk import Bytes, walk, walk_element
from dicomveil.engine.choosing import Choice
from dicomveil.engine.deidentify import PIXEL_DATA, Rules, class_of, sift
from dicomveil.engine.edits import judged
from dicomveil.engine.facts import facts_under, pixel_mask
from dicomveil.engine.gate import admit
from dicomveil.engine.marks import MARKED
from dicomveil.engine.original import Original
from dicomveil.engine.plain import plain
from dicomveil.engine.scene import Scene
from dicomveil.errors import Refused
from dicomveil.policy.actions import Action, Remove

MARK = "mark of de-identification [PS3.15 E.1.1]"
MASKED = "PS3.15 E.3.3: but for the bits of overlays"
ORPHAN = "PS3.15 E.3.10: a creator of which nothing is left"


class What(Enum):
    """What becomes of an element."""

    KEPT = "kept"
    REMOVED = "removed"
    EMPTIED = "emptied"
    REPLACED = "replaced"


@dataclass(slots=True, repr=False)
class Fate:
    """What becomes of one element."""

    element: Element
    action: Action
    origin: str
    what: What
    _scene: Scene
    _new: bytes | None

    @property
    def before(self) -> str:
        """Its value as a line of plain text."""
        return plain(self._scene, self.element)

    @property
    def after(self) -> str:
        """The value it leaves with; "" when it goes or is emptied."""
        if self._new is None:
            return self.before
        if not self._new:
            return ""
        elements = walk_element(self._new, 0, self.element.form)
        around = self._scene.around(self.element)
        return plain(Scene(self._new, elements, around), elements[0])

    @property
    def name(self) -> str:
        """The action's name."""
        return type(self.action).__name__


@dataclass(slots=True)
class Fates:
    """One object explained: what the gate says of it, and what becomes of its elements."""

    refused: (
        Refused | None
    )  # why the object does not leave; its elements are explained all the same
    fates: list[Fate] = field(repr=False)


def fates_of(original: Original, rules: Rules) -> Fates:
    """What `rules` make of each element; raises InvalidDicom for what cannot be read."""
    part10 = open_part10(original.view())
    data, start = _body(original, part10)
    scene = Scene(data, walk(data, part10.syntax.form, start, breathe=original.release))
    refused: Refused | None = None
    sop_class = b""
    try:
        sop_class = class_of(part10, scene)
        sift(rules.compiled, scene)
        admit(facts_under(rules.compiled, scene, sop_class, part10.syntax.uid), rules.pixels)
    except Refused as reason:
        refused = reason
    return Fates(refused, list(_fates(scene, sop_class.decode("ascii"), rules)))


def _body(original: Original, part10: Part10) -> tuple[Bytes, int]:
    data = original.view()
    return (inflate(data[part10.start :]), 0) if part10.syntax.deflated else (data, part10.start)


def _fates(scene: Scene, sop_class: str, rules: Rules) -> Iterator[Fate]:
    compiled = rules.compiled.for_object(sop_class, scene.roots, scene.values)
    scene.spare(compiled.keeps)
    choice = Choice(compiled, scene)
    edits = {e.start: e for e in judged(scene, compiled, rules.names, choice).edits}
    skip = -1
    for element in scene.elements:
        if element.start < skip:
            continue
        edit = edits.get(element.start)
        if edit is not None and edit.stop == element.end:
            skip = element.end
        if not element.vr:
            continue
        if element.tag in MARKED and element.holder is None:
            skip = element.end
        yield _fate(element, choice, scene, edits)


def _fate(element: Element, choice: Choice, scene: Scene, edits: Mapping[int, Edit]) -> Fate:
    """What becomes of an element that is reached."""
    action = choice.of(element)
    if element.tag in MARKED and element.holder is None:
        return Fate(element, action, MARK, What.REPLACED, scene, b"")
    edit = edits.get(element.start)
    origin = choice.origin(element)
    if edit is None and element.tag == PIXEL_DATA and not element.holder and pixel_mask(scene):
        return Fate(element, action, MASKED, What.REPLACED, scene, None)
    if edit is None:
        return Fate(element, action, origin, What.KEPT, scene, None)
    if not edit.new:
        gone = action if isinstance(action, Remove) else Remove()
        orphan = choice.is_creator(element)
        return Fate(element, gone, ORPHAN if orphan else origin, What.REMOVED, scene, b"")
    emptied = element.length and not walk_element(edit.new, 0, element.form)[0].length
    what = What.EMPTIED if emptied else What.REPLACED
    return Fate(element, action, origin, what, scene, edit.new)
