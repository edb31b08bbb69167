"""Judge each element in the order it lies, and note the edits that carry the judgement out."""

from collections.abc import Iterator
from typing import Final

from dicomveil.dicom.elements import Element
from dicomveil.dicom.splice import Edit
from dicomveil.engine.choosing import Choice
from dicomveil.engine.decide import GONE, check_length, decide, dummy, encoded
from dicomveil.engine.identity import NAMED
from dicomveil.engine.marks import MARKED, METHOD_CODES
from dicomveil.engine.pseudonyms import Pseudonyms
from dicomveil.engine.scene import Scene
from dicomveil.policy.actions import (
    Action,
    Ask,
    CapAge,
    CleanContent,
    Dummy,
    Keep,
    KeepIfLegal,
    KeepIfRegistered,
    KeepScanned,
    NewUid,
    Recurse,
    Remove,
    ShiftDate,
)
from dicomveil.policy.compiled import Compiled

_NAMING: Final = frozenset({"UI", "PN"})
_SHORT_HEAD: Final = 8
_FILLED: Final = (Dummy(), Dummy)


class Judgement:
    """What is to be done to one data set."""

    def __init__(self) -> None:
        """Nothing is judged yet."""
        self.edits: list[Edit] = []
        self.changes: list[tuple[Element, str]] = []  # and the action's name
        self.uids: dict[bytes, bytes] = {}  # old to new
        self.kept: list[Element] = []  # UIDs and names that a rule keeps
        self.illegal = 0  # values not kept because their VR does not allow them


def judged(  # noqa: C901, PLR0912 - one loop, because a call for each element doubles its time
    scene: Scene, compiled: Compiled, names: Pseudonyms, choice: Choice | None = None
) -> Judgement:
    """The judgement of every element; what lies in a replaced sequence is gone with it.

    Raises Swallowed, Malformed and BadValue for what cannot be judged.
    """
    judgement = Judgement()
    edits, changes = judgement.edits, judgement.changes
    choice = choice or Choice(compiled, scene)
    fills, fill = compiled.fills, compiled.filling
    choose, ask, dropped = compiled.first, choice.asked, choice.dropped
    skip = -1
    for element in scene.elements:
        start, vr = element.start, element.vr
        if start < skip:
            continue
        if not vr:
            if id(element) in dropped:
                skip = element.end
                edits.append(Edit(start, skip, GONE, element.holder))
                changes.append((element, Remove.__name__))
            continue
        action = choose(element.tag, vr)
        if isinstance(action, Ask):
            action = ask(element)
        kind = type(action)
        if fills and not element.length and kind is not Remove and fill(choice.place(element)):
            action, kind = _FILLED
        if kind is Remove:
            new: bytes | None = GONE
        elif kind is Keep or kind is Recurse:
            check_length(element, scene)
            if vr in _NAMING or element.tag in NAMED:
                judgement.kept.append(element)
            continue
        else:
            if kind is not KeepScanned:  # bytes are looked through, or they go
                check_length(element, scene)
            new = decide(action, element, scene, names)
            if isinstance(action, CleanContent) and not choice.contents.judge(element, action):
                new, kind = GONE, Remove
        if element.tag in MARKED and element.holder is None:
            if element.tag != METHOD_CODES:  # marks.py writes it anew, whatever is in it
                skip = element.end
            continue
        if new is None:
            if vr == "UI":
                judgement.kept.append(element)
            continue
        skip = element.end
        edits.append(Edit(start, skip, new, element.holder))
        changes.append((element, kind.__name__))
        if kind is not Remove:
            _note(judgement, action, element, scene.raw(element), new)
    _remove_orphans(judgement, choice)
    return judgement


def _note(judgement: Judgement, action: Action, element: Element, old: bytes, new: bytes) -> None:
    """Note which UIDs an element's new bytes replace, or that its value was not legal."""
    if isinstance(action, KeepIfLegal):
        judgement.illegal += 1
        action = action.otherwise
    elif not isinstance(action, KeepScanned) and is_last_resort(action, element, new):
        judgement.illegal += 1
    if isinstance(action, NewUid | KeepIfRegistered):
        judgement.uids.update(_pairs(old, value_of(new, element)))


def value_of(new: bytes, element: Element) -> bytes:
    """The value of the element written anew, whose head may be shorter than it was."""
    head = element.value - element.start
    return new[head if head == _SHORT_HEAD else len(encoded(element, b"")) :]


def is_last_resort(action: Action, element: Element, new: bytes) -> bool:
    """Whether `new` is what becomes of a value that could not stay or be changed as it should."""
    if isinstance(action, KeepIfLegal) or not new:
        return True
    if not isinstance(action, ShiftDate | CapAge) or not element.length:
        return False
    return new in (encoded(element, b""), dummy(element))


def _remove_orphans(judgement: Judgement, choice: Choice) -> None:
    """Remove the creators of private blocks of which nothing is left (PS3.15 E.3.10)."""
    gone = [edit.start for edit in judgement.edits if not edit.new]
    for creator in choice.orphans(gone):
        judgement.edits.append(Edit(creator.start, creator.end, GONE, creator.holder))
        judgement.changes.append((creator, Remove.__name__))


def _pairs(old: bytes, new: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(old, new) of each UID of a value that changed."""
    for one, other in zip(old.split(b"\\"), new.split(b"\\"), strict=True):
        before, after = one.strip(b"\0 "), other.strip(b"\0 ")
        if before and before != after:
            yield before, after
