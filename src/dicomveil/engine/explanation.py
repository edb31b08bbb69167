"""Which rule explains a difference: the profile's action, when AFTER is what that action makes.

No key is needed. Where an action makes keyed values, their form is held to, not the value: a new
UID is a `2.25.` UID, a pseudonym 16 characters (docs/pseudonyms.md).
"""

import re
from typing import Final, assert_never

from dicomveil.dicom.elements import Element
from dicomveil.dicom.legality import FORMED_VRS
from dicomveil.dicom.part10 import MEDIA_SOP_CLASS, MEDIA_SOP_INSTANCE, new_meta
from dicomveil.dicom.splice import Masked, Span
from dicomveil.dicom.tags import Tag
from dicomveil.dicom.uids import is_registered
from dicomveil.engine.changing import changed
from dicomveil.engine.choosing import Choice
from dicomveil.engine.cleaner import WRITER
from dicomveil.engine.decide import dummy, legal, message_of
from dicomveil.engine.deidentify import PIXEL_DATA
from dicomveil.engine.facts import pixel_mask
from dicomveil.engine.fate import MASKED
from dicomveil.engine.marks import IDENTITY_REMOVED, LONGITUDINAL, MARKED, METHOD, METHOD_CODES
from dicomveil.engine.pseudonyms import Pseudonyms
from dicomveil.engine.scene import PATIENT_ID, SOP_CLASS, SOP_INSTANCE, Scene
from dicomveil.engine.side import Side
from dicomveil.errors import BadValue
from dicomveil.policy import actions as act
from dicomveil.policy.actions import Action, Change, Remove
from dicomveil.policy.profile import Profile

META: Final = "file meta written anew [PS3.10 7.1]"
MARK: Final = "mark of de-identification [PS3.15 E.1.1]"
TAIL: Final = "what follows the data set is left behind"
PATIENT: Final = "a Patient ID where there was none [docs/pseudonyms.md]"
_CODE_VALUE: Final = 0x00080100
_KEYED: Final = (act.ShiftDate, act.ShiftEpoch, act.JitterDate)
_NO_KEY: Final = Pseudonyms(bytes(32))  # for what needs none
_NEW_UID: Final = re.compile(rb"2\.25\.\d{39}")
_PSEUDONYM: Final = re.compile(rb"[A-Z2-7]{16}")


class Explanation:
    """What a profile says of the differences between two files."""

    def __init__(self, before: Side, after: Side, profile: Profile) -> None:
        """Explain AFTER as `profile` applied to BEFORE."""
        self._before = before
        self._after = after
        self._profile = profile
        scene = before.body
        sop_class = (scene.uid(SOP_CLASS) or before.meta.uid(MEDIA_SOP_CLASS)).decode("ascii")
        self._compiled = profile.compiled.for_object(sop_class, scene.roots, scene.values)
        scene.spare(self._compiled.keeps)
        self._choice = Choice(self._compiled, scene)
        self._orphans = frozenset(_orphans(self._choice, scene))
        self._meta = META if _is_new_beginning(before, after) else ""

    def action(self, element: Element) -> Action:
        """What the profile does to an element of BEFORE."""
        return Remove() if element in self._orphans else self._choice.of(element)

    def of(self, one: Element | None, other: Element | None) -> str:
        """The rule that makes `other` of `one`, with its origin; "" when none does."""
        element, side = (other, self._after) if one is None else (one, self._before)
        assert element is not None  # a difference has an element on one side at least
        if side.is_meta(element):
            return self._meta
        if _is_marked(element) and (one is None or element.holder is None):
            return MARK if other is not None and self._is_mark(_root(element).tag) else ""
        if one is None:
            return self._of_inserted(element)
        if not one.vr or not self._is_reached(one):
            return ""
        if one.tag == PIXEL_DATA and one.holder is None and other and self._is_masked(one, other):
            return f"Masked [{MASKED}]"
        action = self.action(one)
        return self._named(action, one) if self._makes(action, one, other) else ""

    def of_meta(self) -> str:
        """What explains a preamble and file meta that differ; "" when nothing does."""
        return self._meta

    def of_tail(self) -> str:
        """What explains that other bytes follow the data set; "" when nothing does."""
        return "" if self._after.tail else TAIL

    def _is_masked(self, one: Element, other: Element) -> bool:
        """Whether `other` is `one` without the bits of overlays, as every profile has it."""
        mask = pixel_mask(self._before.body)
        if not mask or one.vr != other.vr or one.length != other.length:
            return False
        return Masked(Span(0, 0), mask).of(self._before.raw(one)) == self._after.raw(other)

    def _named(self, action: Action, element: Element) -> str:
        """The action and where it is written, as one line."""
        origin = self._compiled.origin(self._choice.place(element))
        return f"{type(action).__name__} [{origin}]"

    def _of_inserted(self, element: Element) -> str:
        is_patient = element.tag == PATIENT_ID and element.holder is None
        return PATIENT if is_patient and _is_code(self._after.raw(element)) else ""

    def _is_reached(self, element: Element) -> bool:
        """Whether the profile looks into all that the element lies in."""
        item = element.holder
        while item is not None and item.holder is not None:
            if not isinstance(self.action(item.holder), act.Recurse):
                return False
            item = item.holder.holder
        return True

    def _makes(  # noqa: C901 - one case for each action
        self, action: Action, one: Element, other: Element | None
    ) -> bool:
        """Whether the action leaves `other` in the place of `one`."""
        if isinstance(action, act.Remove) or other is None:
            return other is None and self._removes(action, one)
        if one.vr != other.vr:
            return False
        if isinstance(action, Change | act.KeepIfLegal):
            return self._changes(action, one, other)
        match action:
            case act.Keep() | act.Recurse() | act.CleanContent():
                return False
            case act.Empty():
                return not other.length
            case act.Dummy():
                wanted = dummy(one)
                whole = b"".join(self._after.pieces(other.start, other.start + len(wanted)))
                return other.end - other.start == len(wanted) and whole == wanted
            case act.NewUid() | act.KeepIfRegistered():
                registered = isinstance(action, act.KeepIfRegistered)
                return _are_new(self._before.raw(one), self._after.raw(other), kept=registered)
            case act.Pseudonym(kind):
                return self._is_pseudonym(kind, one, other)
            case _:
                assert_never(action)

    def _changes(self, action: Change | act.KeepIfLegal, one: Element, other: Element) -> bool:
        """Whether the action makes this value; where that needs the key, one of its form."""
        otherwise = getattr(action, "otherwise", None)
        if isinstance(action, act.KeepIfLegal):
            return self._makes(action.otherwise, one, other) and self._removes(action, one)
        value = self._after.raw(other)
        if isinstance(action, _KEYED):
            made = len(value) == one.length and (one.vr not in FORMED_VRS or legal(value, one.vr))
        else:
            made = changed(action, one, self._before.body, _NO_KEY) == value
        return made or (otherwise is not None and self._makes(otherwise, one, other))

    def _removes(self, action: Action, one: Element) -> bool:
        """Whether the action may leave nothing of the element."""
        if isinstance(action, act.KeepIfLegal):
            return not legal(self._before.raw(one), one.vr)
        if isinstance(action, Change):
            return getattr(action, "otherwise", act.Remove()) == act.Remove()
        return isinstance(action, act.Remove)

    def _is_pseudonym(self, kind: act.Kind, one: Element, other: Element) -> bool:
        """Whether a pseudonym stands where one has to, and nothing where there is none."""
        try:
            message = message_of(kind, one, self._before.body)
        except BadValue:
            return False
        return _is_code(self._after.raw(other)) if message else not other.length

    def _is_mark(self, tag: Tag) -> bool:
        """Whether AFTER says of itself what the profile writes into this element."""
        after, profile = self._after, self._profile
        if tag == METHOD_CODES:
            said = {
                after.raw(e).strip(b" \0")
                for e in after.reading.elements
                if e.tag == _CODE_VALUE and _root(e).tag == METHOD_CODES
            }
            return all(code.value.encode() in said for code in profile.codes)
        values = [value.strip(b" ") for value in after.root(tag).split(b"\\")]
        if tag == METHOD:
            return profile.method.encode() in values
        wanted = {IDENTITY_REMOVED: "YES", LONGITUDINAL: profile.longitudinal}[tag]
        return values == [wanted.encode()]


def _orphans(choice: Choice, scene: Scene) -> list[Element]:
    """The creators of private blocks of which nothing is left."""
    gone = [e.start for e in scene.elements if e.vr and _goes(choice.of(e), e, scene)]
    return choice.orphans(gone)


def _goes(action: Action, element: Element, scene: Scene) -> bool:
    if isinstance(action, act.KeepScanned):
        return changed(action, element, scene, _NO_KEY) is None
    return isinstance(action, Remove)


def _is_marked(element: Element) -> bool:
    return _root(element).tag in MARKED


def _root(element: Element) -> Element:
    """The top-level element that holds this one, or is it."""
    while element.holder is not None:
        element = element.holder
    return element


def _is_code(value: bytes) -> bool:
    return _PSEUDONYM.fullmatch(value) is not None


def _are_new(old: bytes, new: bytes, *, kept: bool) -> bool:
    """Whether each UID is a new one, but for empty and, with `kept`, registered ones."""
    before, after = ([uid.strip(b"\0 ") for uid in value.split(b"\\")] for value in (old, new))
    return len(before) == len(after) and all(
        new_uid == uid
        if not uid or (kept and is_registered(uid.decode("ascii", "replace")))
        else _NEW_UID.fullmatch(new_uid)
        for uid, new_uid in zip(before, after, strict=True)
    )


def _is_new_beginning(before: Side, after: Side) -> bool:
    """Whether AFTER begins with the preamble and file meta that de-identification writes."""
    instance = after.meta.roots.get(MEDIA_SOP_INSTANCE)
    syntax = before.reading.syntax
    if instance is None or syntax is None or syntax != after.reading.syntax:
        return False
    value = after.raw(instance)
    if SOP_INSTANCE in after.body.roots and after.root(SOP_INSTANCE) != value:
        return False
    sop_class = before.body.uid(SOP_CLASS) or before.meta.uid(MEDIA_SOP_CLASS)
    written = new_meta(sop_class.decode("ascii"), value, syntax.uid, WRITER)
    return after.beginning == b"".join(written)
