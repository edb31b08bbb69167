"""Judge each element in the order it lies, and note the edits that carry the judgement out."""

from collections.abc import Iterator

from dicomveil.dicom.elements import Element
from dicomveil.dicom.splice import Edit
from dicomveil.engine.decide import GONE, check_length, decide
from dicomveil.engine.marks import MARKED, METHOD_CODES
from dicomveil.engine.pseudonyms import Pseudonyms
from dicomveil.engine.scene import Scene
from dicomveil.policy.actions import Keep, KeepIfRegistered, NewUid, Recurse, Remove
from dicomveil.policy.profile import Compiled


class Judgement:
    """What is to be done to one data set."""

    def __init__(self) -> None:
        """Nothing is judged yet."""
        self.edits: list[Edit] = []
        self.changes: list[tuple[Element, str]] = []  # and the action's name
        self.uids: dict[bytes, bytes] = {}  # old to new
        self.illegal = 0  # values removed because their VR does not allow them


def judged(  # noqa: C901 - one loop, because a call for each element doubles its time
    scene: Scene, compiled: Compiled, names: Pseudonyms
) -> Judgement:
    """The judgement of every element; what lies in a replaced sequence is gone with it.

    Raises Swallowed, Malformed and BadValue for what cannot be judged.
    """
    judgement = Judgement()
    edits, changes, uids = judgement.edits, judgement.changes, judgement.uids
    choose = compiled.action
    skip = -1
    for element in scene.elements:
        start, vr = element.start, element.vr
        if start < skip or not vr:
            continue
        action = choose(element.tag, vr)
        kind = type(action)
        if kind is Remove:
            new: bytes | None = GONE
        elif kind is Keep or kind is Recurse:
            check_length(element, scene)
            continue
        else:
            check_length(element, scene)
            new = decide(action, element, scene, names)
        if element.tag in MARKED and element.holder is None:
            if element.tag != METHOD_CODES:  # marks.py writes it anew, whatever is in it
                skip = element.end
            continue
        if new is None:
            continue
        skip = element.end
        edits.append(Edit(start, skip, new, element.holder))
        changes.append((element, kind.__name__))
        if kind is NewUid or kind is KeepIfRegistered:
            uids.update(_pairs(scene.raw(element), new[element.value - start :]))
        elif not new and kind is not Remove:
            judgement.illegal += 1
    return judgement


def _pairs(old: bytes, new: bytes) -> Iterator[tuple[bytes, bytes]]:
    """(old, new) of each UID of a value that changed."""
    for one, other in zip(old.split(b"\\"), new.split(b"\\"), strict=True):
        before, after = one.strip(b"\0 "), other.strip(b"\0 ")
        if before and before != after:
            yield before, after
