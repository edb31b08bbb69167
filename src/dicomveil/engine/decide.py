"""Turn an action and the element it is for into the bytes that take the element's place.

`decide` gives None when the element stays as it lies, b"" when it goes, and otherwise one whole
encoded element. It never looks into a sequence: that is the walk's order, kept by deidentify.py.
"""

from typing import Final, assert_never

from dicomveil.dicom.dictionary import vm_of
from dicomveil.dicom.elements import Element
from dicomveil.dicom.forms import Form, encode_element, encode_item
from dicomveil.dicom.legality import has_control_in, is_legal
from dicomveil.dicom.multiplicity import BINARY_VRS, SIZES, values_in, vm_allows
from dicomveil.dicom.swallow import holds_elements
from dicomveil.dicom.tags import PIXEL_TAGS
from dicomveil.dicom.uids import is_registered
from dicomveil.engine.pseudonyms import Pseudonyms, normal_form
from dicomveil.engine.scene import Scene
from dicomveil.errors import Malformed, Swallowed
from dicomveil.policy import actions as act
from dicomveil.policy import dummies
from dicomveil.policy.actions import Action, Change, Kind
from dicomveil.policy.dummies import DummyElement

GONE: Final = b""
_TEXT: Final = frozenset("AE AS CS DA DS DT IS LO LT PN SH ST TM UC UI UR UT".split())


def decide(  # noqa: C901 - one case for each action
    action: Action, element: Element, scene: Scene, names: Pseudonyms
) -> bytes | None:
    """The bytes in place of `element`: None to keep it, b"" to drop it.

    Raises Swallowed and Malformed for a value whose length cannot be right, and BadValue for a
    text that must be understood and cannot be.
    """
    match action:
        case act.Keep() | act.Recurse() | act.CleanContent():
            return None
        case act.Remove():
            return GONE
        case act.KeepIfLegal(otherwise):
            is_legal = legal(scene.raw(element), element.vr)
            return None if is_legal else decide(otherwise, element, scene, names)
        case act.Empty():
            return _emptied(element, scene)
        case act.Dummy():
            return dummy(element)
        case act.NewUid():
            return _uids(element, scene, names, kept=False)
        case act.KeepIfRegistered():
            return _uids(element, scene, names, kept=True)
        case act.Pseudonym(kind):
            return _pseudonym(kind, element, scene, names)
        case (
            act.ShiftDate(otherwise=otherwise)
            | act.CapAge(otherwise)
            | act.Clean(otherwise)
            | act.CleanStrict(otherwise)
        ):
            new = _changed(action, element, scene, names)
            if new is None:
                return decide(otherwise, element, scene, names)
            return written(new, element, scene)
        case _:
            new = _changed(action, element, scene, names)
            return GONE if new is None else written(new, element, scene)


def _changed(action: Change, element: Element, scene: Scene, names: Pseudonyms) -> bytes | None:
    """The value that is made of the old one; None where there is none."""
    # What moves dates and cleans texts is imported when a profile first asks for it.
    from dicomveil.engine.changing import changed

    return changed(action, element, scene, names)


def check_length(element: Element, scene: Scene) -> None:
    """Raise Malformed or Swallowed when the value's length cannot be right for its VR.

    Text that holds control characters and numbers beyond their multiplicity are looked into for
    the elements that a wrong length swallows.
    """
    vr, length = element.vr, element.stop - element.value
    if length == SIZES.get(vr, 0):
        return  # nothing, or one number: neither can hold an element
    if vr in BINARY_VRS:
        suspect = _may_hold_more(element)
    else:
        suspect = has_control_in(scene.data, element.value, element.stop, vr)
    if suspect and holds_elements(scene.raw(element), element.form, element.tag):
        raise Swallowed(
            "the value holds the elements after it", path=element.path, offset=element.start
        )


def _may_hold_more(element: Element) -> bool:
    """Whether numbers or bulk may hold more than they should; Malformed for a part of a number.

    More numbers than the VM allows are suspect, and so is whatever has no bound; but pixel data
    are not, which end the data set and hold anything.
    """
    count = values_in(element.length, element.vr)
    if count is None:
        raise Malformed(
            f"the length does not fit a {element.vr}", path=element.path, offset=element.start
        )
    if element.vr not in SIZES:
        return element.tag not in PIXEL_TAGS and element.vr != "UN"
    vm = vm_of(element.tag)
    return vm is not None and (vm.endswith("n") or not vm_allows(count, vm))


def legal(value: bytes, vr: str) -> bool:
    """Whether the value is what its VR allows; NULs that pad it, as many write, are let pass."""
    return is_legal(value.rstrip(b"\0"), vr)


def encoded(element: Element, value: bytes) -> bytes:
    """The element with another value, written as it was written."""
    return encode_element(element.form, element.tag, element.vr, value)


def written(value: bytes, element: Element, scene: Scene) -> bytes | None:
    """The element with this value; None when it has it."""
    return None if value == scene.raw(element) else encoded(element, value)


def _emptied(element: Element, scene: Scene) -> bytes | None:
    """The element without a value; None when that is how it lies."""
    new = encoded(element, b"")
    return None if scene.data[element.start : element.end] == new else new


def dummy(element: Element) -> bytes:
    """The constant of the tag or VR; for a sequence its one item of dummies (PS3.15 E.1.1, D)."""
    if element.vr == "SQ":
        return encoded(element, _item(dummies.item_for(element.tag), element.form))
    value = dummies.value_at(element.tag, element.vr)
    return encoded(element, value + _pad(element.vr, value))


def _item(item: dummies.Item, form: Form) -> bytes:
    """An item of dummies, written as the sequence around it is."""
    return encode_item(form, b"".join(_dummy_element(element, form) for element in item))


def _dummy_element(dummy: DummyElement, form: Form) -> bytes:
    if dummy.vr == "SQ":
        value = b"".join(_item(item, form) for item in dummy.items)
    else:
        value = dummy.value("big" if form is Form.EXPLICIT_BE else "little")
    return encode_element(form, dummy.tag, dummy.vr, value + _pad(dummy.vr, value))


def _pad(vr: str, value: bytes) -> bytes:
    """What makes the value's length even (PS3.5 §6.2)."""
    if not len(value) & 1:
        return b""
    return b" " if vr in _TEXT and vr != "UI" else b"\0"


def _uids(element: Element, scene: Scene, names: Pseudonyms, *, kept: bool) -> bytes | None:
    """Each UID replaced by its pseudonym; with `kept`, but for exact entries of the registry."""
    old = scene.raw(element)
    new = new_uids(old, names, kept=kept)
    return None if new == old else encoded(element, new)


def new_uids(value: bytes, names: Pseudonyms, *, kept: bool) -> bytes:
    """The value of a UI element with its UIDs replaced, each by itself; empty ones stay empty.

    With `kept`, a value of which every UID stays is as it lay, whatever pads it.
    """
    old = [part.strip(b"\0 ") for part in value.split(b"\\")]
    new = [uid if _stays(uid, kept=kept) else names.uid(uid) for uid in old]
    if kept and new == old:
        return value
    joined = b"\\".join(new)
    return joined + b"\0" * (len(joined) & 1)


def _stays(uid: bytes, *, kept: bool) -> bool:
    """Whether a UID without padding is not replaced."""
    return not uid or (kept and is_registered(uid.decode("ascii", "replace")))


def _pseudonym(kind: Kind, element: Element, scene: Scene, names: Pseudonyms) -> bytes | None:
    """The keyed pseudonym of an identifier; an empty value, and one of nobody, is left empty."""
    message = message_of(kind, element, scene)
    if not message:
        return encoded(element, b"") if element.length else None
    return encoded(element, names.code(kind.value, message))


def message_of(kind: Kind, element: Element, scene: Scene) -> bytes:
    """What an identifier's pseudonym is the hash of (docs/pseudonyms.md); b"" when it has none.

    An empty value has none, but the data set's own Patient ID, which then takes the patient's.
    """
    text = scene.text(element)
    match kind:
        case Kind.PATIENT_ID | Kind.PATIENT_NAME:
            whole = element.holder is None and kind is Kind.PATIENT_ID
            return scene.patient(element) if text or whole else b""
        case Kind.ACCESSION | Kind.STUDY_ID:
            return normal_form(text).encode()
        case _:
            assert_never(kind)
