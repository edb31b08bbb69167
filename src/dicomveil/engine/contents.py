"""The content items of structured reports, each judged by its concept (PS3.15 E.3.4).

An item's Concept Name and Value Type say what becomes of it; what holds its value is then treated
so, and what goes takes with it all that lies in it. An item that says no Value Type goes, but for a
reference to another item of the tree that is still where the reference says.
"""

import struct
from collections.abc import Mapping, Sequence
from typing import Final, assert_never

from dicomveil.dicom.elements import Element
from dicomveil.engine.ages import is_rare
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
_NUMBER: Final = 0x0040A30A
_UNIT: Final = 0x004008EA
_SUBJECT_AGE: Final = "121033"
_REFERRED_ITEM: Final = 0x0040DB73
_LOCAL: Final = "99"  # PS3.16 8: designators of private coding schemes begin so

_Children = Mapping[int, Sequence[Element]]


class Contents:
    """What becomes of the content items of one object."""

    def __init__(self, scene: Scene, dropped: set[int]) -> None:
        """Look at the items when a sequence of them is met, and add those that go to `dropped`."""
        self._scene = scene
        self._children: _Children | None = None
        self._said: dict[int, tuple[ContentAction, CleanContent]] = {}
        self._dropped = dropped

    def judge(self, sequence: Element, how: CleanContent) -> bool:
        """Note what becomes of each item of a sequence of content items; False when all go."""
        items = self._inside(sequence)
        for item in items:
            action = self._action_of(item, how)
            self._said[id(item)] = (action, how)
            if action is ContentAction.REMOVE:
                self._dropped.add(id(item))
        # PS3.3 C.17.3.2.4: a Content Sequence has items, or is not there.
        return sequence.tag != CONTENT or any(id(item) not in self._dropped for item in items)

    def action(self, element: Element) -> Action | None:
        """What happens to an element of a content item; None where its own rule decides."""
        item = element.holder
        if element.tag == _MEANING:
            how = self._around(item)
            return _texts(how) if how and item and self._is_local(item) else None
        said = self._said.get(id(item))
        if said is None or element.tag == CONTENT:
            return said and said[1]
        found = _of_value(*said, element.tag)
        return fitted(found, element.tag, element.vr) if found else None

    def _action_of(self, item: Element, how: CleanContent) -> ContentAction:
        parts = {element.tag: element for element in self._inside(item)}
        value_type = self._text(parts.get(_VALUE_TYPE))
        if not value_type and _REFERRED_ITEM in parts:
            stands = self._stands(self._numbers(parts[_REFERRED_ITEM]), how)
            return ContentAction.DUMMY if stands else ContentAction.REMOVE
        return self._action_by_concept(parts, how)

    def _action_by_concept(self, parts: Mapping[int, Element], how: CleanContent) -> ContentAction:
        concept = self._concept(parts.get(_CONCEPT_NAME))
        if concept.code == _SUBJECT_AGE and self._is_rare_age(parts.get(_MEASURED)):
            return ContentAction.REMOVE
        return content_action(concept, self._text(parts.get(_VALUE_TYPE)), how.columns)

    def _stands(self, path: Sequence[int], how: CleanContent) -> bool:
        """Whether the item at this path of the tree, which begins with 1, stays where it is.

        References before it count as if they went: whether they do depends on others.
        """
        item: Element | None = None
        for number in path[1:]:
            tree = [element for element in self._inside(item) if element.tag == CONTENT]
            items = self._inside(tree[0])[:number] if tree else ()
            if not 0 < number == len(items) or any(self._may_go(one, how) for one in items):
                return False
            item = items[-1]
        return len(path) > 0 and path[0] == 1

    def _may_go(self, item: Element, how: CleanContent) -> bool:
        parts = {element.tag: element for element in self._inside(item)}
        return self._action_by_concept(parts, how) is ContentAction.REMOVE

    def _numbers(self, element: Element) -> Sequence[int]:
        """The values of a UL; none where its length cannot be right."""
        raw = self._scene.raw(element)
        if element.vr != "UL" or len(raw) % 4:
            return ()
        return struct.unpack(f"{element.form.order}{len(raw) // 4}I", raw)

    def _around(self, item: Element | None) -> CleanContent | None:
        """How the content item is judged in which this item of any sequence lies."""
        while item is not None:
            said = self._said.get(id(item))
            if said:
                return said[1]
            item = item.holder.holder if item.holder else None
        return None

    def _is_local(self, code: Element) -> bool:
        """Whether the code in this item is of no public scheme: then its meaning is a text."""
        parts = {element.tag: element for element in self._inside(code)}
        scheme = self._text(parts.get(_SCHEME))
        return not scheme or scheme.startswith(_LOCAL)

    def _is_rare_age(self, measured: Element | None) -> bool:
        """Whether a measured age is above 89 years, or not to be understood."""
        for item in self._inside(measured) if measured else ():
            parts = {element.tag: element for element in self._inside(item)}
            unit = self._concept(parts.get(_UNIT)).code
            try:
                if is_rare(float(self._text(parts.get(_NUMBER))), unit):
                    return True
            except ValueError:
                return True
        return False

    def _concept(self, name: Element | None) -> Concept:
        for item in self._inside(name) if name else ():
            parts = {element.tag: element for element in self._inside(item)}
            return Concept(self._text(parts.get(_SCHEME)), self._text(parts.get(_CODE_VALUE)))
        return Concept("", "")

    def _inside(self, holder: Element | None) -> Sequence[Element]:
        """The items of a sequence, the elements of an item, or those of the data set."""
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
            return how.dates._replace(otherwise=Dummy())
        case ContentAction.CLEAN:
            return _texts(how)
        case ContentAction.RECURSE | ContentAction.REMOVE | ContentAction.KEEP_CODE:
            return Recurse() if tag in (_CODE, _MEASURED, _REFERENCED) else Dummy()
        case _:
            assert_never(said)


def _texts(how: CleanContent) -> Action:
    """Texts cleaned; the value of an item and the meaning of a code are never empty."""
    return how.texts._replace(otherwise=Dummy())


_TRUE: Final = ShiftDate(0, 0, otherwise=Dummy())
_KEPT: Final[dict[int, Action]] = {
    0x0040A120: _TRUE,  # DateTime
    0x0040A121: _TRUE,  # Date
    0x0040A122: _TRUE,  # Time
    0x0040A123: Keep(),  # Person Name
    0x0040A124: KeepIfLegal(otherwise=NewUid()),  # UID
    0x0040A160: Keep(),  # Text Value
    _CODE: Recurse(),
    _MEASURED: Recurse(),
    _REFERENCED: Recurse(),
}
VALUES: Final = frozenset(_KEPT)
