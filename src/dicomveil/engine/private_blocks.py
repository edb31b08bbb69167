"""The private blocks of one data set: who owns each element, which owners stay, what is declared.

A block is reserved in the item in which it lies (PS3.5 §7.8.1). An element whose block nobody
reserved is an orphan: no table can know it, and it goes.
"""

import struct
from collections.abc import Iterable
from typing import Final

from dicomveil.dicom.creators import Creators
from dicomveil.dicom.elements import Element
from dicomveil.dicom.legality import FORMED_VRS, has_control, is_legal
from dicomveil.dicom.multiplicity import SIZES, values_in
from dicomveil.dicom.tags import Tag, is_private
from dicomveil.dicom.values import TEXT_VRS
from dicomveil.engine.scene import CHARACTERISTICS, Scene
from dicomveil.policy.characteristics import NOTHING_DECLARED, BlockItem, Declared
from dicomveil.policy.private_tables import Path, Step, vr_of

_GROUP: Final = 0x00080301
_CREATOR: Final = 0x00080302
_STATUS: Final = 0x00080303
_NONIDENTIFYING: Final = 0x00080304
_ACTIONS: Final = 0x00080305
_IDENTIFYING: Final = 0x00080306
_ACTION: Final = 0x00080307
_ELEMENT: Final = 0x00080308
_VR: Final = 0x0008030A
_DEFINITIONS: Final = 0x00080310

_Inside = dict[Tag, Element]


class Blocks:
    """Who owns the private elements of a data set."""

    def __init__(self, scene: Scene) -> None:
        """Note the creators of every item."""
        self._scene = scene
        self._creators = Creators(scene.elements)

    def creator(self, element: Element) -> str:
        """The name of the owner of a private element, without padding; "" for an orphan."""
        owner = self._creators.of(element)
        if owner is None or owner.vr != "LO":
            return ""
        return self._scene.raw(owner).decode("latin-1").strip(" \0")

    def path(self, element: Element) -> Path | None:
        """The steps to an element from the root; None where one of them is an orphan."""
        steps: list[Step] = []
        here: Element | None = element
        while here is not None:
            step = self._step(here)
            if step is None:
                return None
            steps.append(step)
            item = here.holder
            here = item.holder if item else None
        return tuple(reversed(steps))

    def vr(self, element: Element, declared: Declared = NOTHING_DECLARED) -> str:
        """The VR that a private element is judged by: for one in UN, what it is known to be.

        It stays UN where nothing knows it, where its bytes cannot be of that VR, and where it is a
        sequence: the walk has not seen what lies in it.
        """
        step = self._step(element) if element.vr == "UN" else None
        known = (declared.vr(step) or vr_of(step)) if step else None
        return known if known and _fits(self._scene.raw(element), known) else element.vr

    def staying(self, kept: Iterable[Element]) -> frozenset[Element]:
        """The creators that stay: those with an element of their block among `kept`.

        `kept` are the elements that stay in any form; all other creators go.
        """
        owners = (self._creators.of(element) for element in kept)
        return frozenset(owner for owner in owners if owner is not None)

    def _step(self, element: Element) -> Step | None:
        if not is_private(element.tag):
            return Step.standard(element.tag)
        creator = self.creator(element)
        return Step.private(element.tag, creator) if creator else None


def _fits(value: bytes, vr: str) -> bool:
    """Whether bytes can be a value of this VR, which the walk could not tell."""
    if vr in SIZES:
        return values_in(len(value), vr) is not None
    if vr not in TEXT_VRS or has_control(value, vr):
        return False
    return vr not in FORMED_VRS or is_legal(value.rstrip(b"\0"), vr)


def declared_of(scene: Scene) -> Declared:
    """What the data set declares of its private blocks, in (0008,0300)."""
    sequence = scene.roots.get(CHARACTERISTICS)
    if sequence is None:
        return NOTHING_DECLARED
    return Declared(_block(scene, inside) for inside in _items(scene, sequence))


def _block(scene: Scene, inside: _Inside) -> BlockItem:
    group = _numbers(scene, inside.get(_GROUP))
    actions = _items(scene, inside.get(_ACTIONS))
    definitions = _items(scene, inside.get(_DEFINITIONS))
    return BlockItem(
        group=group[0] if group else 0,
        creator=_text(scene, inside.get(_CREATOR)),
        status=_text(scene, inside.get(_STATUS)),
        nonidentifying=_numbers(scene, inside.get(_NONIDENTIFYING)),
        actions=tuple(
            (_text(scene, one.get(_ACTION)), _numbers(scene, one.get(_IDENTIFYING)))
            for one in actions
        ),
        vrs=tuple(
            (number, _text(scene, one.get(_VR)))
            for one in definitions
            for number in _numbers(scene, one.get(_ELEMENT))
        ),
    )


def _items(scene: Scene, sequence: Element | None) -> list[_Inside]:
    """The elements of each item of a sequence, by tag."""
    items = [e for e in scene.elements if not e.vr and e.holder is sequence is not None]
    return [{e.tag: e for e in scene.elements if e.holder is item} for item in items]


def _text(scene: Scene, element: Element | None) -> str:
    return scene.raw(element).decode("latin-1").strip(" \0") if element else ""


def _numbers(scene: Scene, element: Element | None) -> tuple[int, ...]:
    """The values of a US; none where it is something else."""
    if element is None or element.vr != "US" or element.length % 2:
        return ()
    return struct.unpack(f"{element.form.order}{element.length // 2}H", scene.raw(element))
