"""The content items of structured reports, each judged by its concept (PS3.15 E.3.4).

An item's Concept Name and Value Type say what becomes of it; what holds its value is then treated
so, and what goes takes with it all that lies in it. An item that says no Value Type goes.
"""

from collections.abc import Mapping, Sequence
from typing import Final, assert_never

from dicomveil.dicom.elements import Element
from dicomveil.engine.scene import Scene
from dicomveil.policy.actions import (
    Action,
    CleanContent,
    Dummy,
    Keep,
    KeepIfLegal,
    NewUid,
    Recurse,
    ShiftDate,
)
from dicomveil.policy.compiled import fitted
from dicomveil.policy.content_items import Concept, ContentAction, content_action

CONTENT: Final = 0x0040A730
_VALUE_TYPE: Final = 0x0040A040
_CONCEPT_NAME: Final = 0x0040A043
_CODE_VALUE: Final = 0x00080100
_SCHEME: Final = 0x00080102
_MEANING: Final = 0x00080104
_CODE: Final = 0x0040A168
_REFERENCED: Final = 0x00081199
_MEASURED: Final = 0x0040A300
_LOCAL: Final = "99"  # PS3.16 8: designators of private coding schemes begin so

_Children = Mapping[int, Sequence[Element]]


class Contents:
    """What becomes of the content items of one object."""

    def __init__(self, scene: Scene, dropped: set[int]) -> None:
        """Look at the items when a sequence of them is met, and add those that go to `dropped`."""
        self._scene = scene
        self._children: _Children | None = None
        self._said: dict[int, tuple[ContentAction, CleanContent]] = {}
        self._local: dict[int, CleanContent] = {}
        self._dropped = dropped

    def judge(self, sequence: Element, how: CleanContent) -> None:
        """Note what becomes of each item of a sequence of content items."""
        for item in self._inside(sequence):
            parts = {element.tag: element for element in self._inside(item)}
            value_type = self._text(parts.get(_VALUE_TYPE))
            concept = self._concept(parts.get(_CONCEPT_NAME))
            action = content_action(concept, value_type, how.columns)
            self._said[id(item)] = (action, how)
            if action is ContentAction.REMOVE:
                self._dropped.add(id(item))
            if action is ContentAction.KEEP_CODE and _CODE in parts:
                self._mark_local(parts[_CODE], how)

    def action(self, element: Element) -> Action | None:
        """What happens to an element of a content item; None where its own rule decides."""
        item = element.holder
        if element.tag == _MEANING and id(item) in self._local:
            return self._local[id(item)].texts
        said = self._said.get(id(item))
        if said is None or element.tag == CONTENT:
            return said and said[1]
        found = _of_value(*said, element.tag)
        return fitted(found, element.tag, element.vr) if found else None

    def _mark_local(self, code: Element, how: CleanContent) -> None:
        """Remember the items of a code whose scheme is not public: their meanings are texts."""
        for item in self._inside(code):
            parts = {element.tag: element for element in self._inside(item)}
            scheme = self._text(parts.get(_SCHEME))
            if not scheme or scheme.startswith(_LOCAL):
                self._local[id(item)] = how

    def _concept(self, name: Element | None) -> Concept:
        for item in self._inside(name) if name else ():
            parts = {element.tag: element for element in self._inside(item)}
            return Concept(self._text(parts.get(_SCHEME)), self._text(parts.get(_CODE_VALUE)))
        return Concept("", "")

    def _inside(self, holder: Element) -> Sequence[Element]:
        """The items of a sequence, or the elements of an item."""
        if self._children is None:
            children: dict[int, list[Element]] = {}
            for element in self._scene.elements:
                children.setdefault(id(element.holder), []).append(element)
            self._children = children
        return self._children.get(id(holder), ())

    def _text(self, element: Element | None) -> str:
        return self._scene.raw(element).decode("latin-1").strip(" \0") if element else ""


def _of_value(said: ContentAction, how: CleanContent, tag: int) -> Action | None:
    """What happens to the element of this tag, where it holds the item's value."""
    if tag not in VALUES:
        return None
    match said:
        case ContentAction.KEEP:
            return _KEPT[tag]
        case ContentAction.DUMMY:
            return Dummy()
        case ContentAction.NEW_UIDS:
            return NewUid()
        case ContentAction.SHIFT_DATE:
            return how.dates
        case ContentAction.CLEAN:
            return how.texts
        case ContentAction.RECURSE | ContentAction.REMOVE | ContentAction.KEEP_CODE:
            return Recurse() if tag in (_CODE, _MEASURED, _REFERENCED) else Dummy()
        case _:
            assert_never(said)


_KEPT: Final[dict[int, Action]] = {
    0x0040A120: ShiftDate(0, 0),  # DateTime
    0x0040A121: ShiftDate(0, 0),  # Date
    0x0040A122: ShiftDate(0, 0),  # Time
    0x0040A123: Keep(),  # Person Name
    0x0040A124: KeepIfLegal(),  # UID
    0x0040A160: Keep(),  # Text Value
    _CODE: Recurse(),
    _MEASURED: Recurse(),
    _REFERENCED: Recurse(),
}
VALUES: Final = frozenset(_KEPT)
