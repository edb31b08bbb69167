"""What deciding about one element may need to know of the data set around it.

Which character set its text is in, and which patient it speaks of: both may be said anew in an
item (PS3.5 §7.5.3), and hold for what lies in that item.

What only a profile asks for is imported when it does: a substitution starts 15 ms sooner.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from dicomveil.dicom.charsets import Charset
from dicomveil.dicom.elements import Element
from dicomveil.dicom.legality import is_legal
from dicomveil.dicom.tags import Tag
from dicomveil.dicom.values import decode, strip
from dicomveil.dicom.walk import Bytes
from dicomveil.engine.people import Told, kind_of
from dicomveil.errors import BadValue

if TYPE_CHECKING:
    from dicomveil.engine.cleaning import Known

CHARACTER_SET = 0x00080005
SOP_CLASS = 0x00080016
SOP_INSTANCE = 0x00080018
PATIENT_ID = 0x00100020
ISSUER = 0x00100021
STUDY_UID = 0x0020000D
SERIES_UID = 0x0020000E
STUDY_ID = 0x00200010
CHARACTERISTICS = 0x00080300  # what the object declares of its private blocks
_UNTOLD = frozenset({"", "SQ", "OB", "OW", "UN"})
_SAID_ANEW = frozenset({CHARACTER_SET, PATIENT_ID, ISSUER})


def _nothing(_tag: Tag, _vr: str) -> bool:
    """Spare nothing."""
    return False


class Around(NamedTuple):
    """What a data set says to an element of it that is looked at by itself."""

    charset: Charset
    patient: bytes
    known: "Known"


class Scene:
    """A data set's bytes and the few of its elements that others depend on."""

    def __init__(
        self, data: Bytes, elements: Sequence[Element], around: Around | None = None
    ) -> None:
        """Look through `elements`, the walk of `data`, or of a part of it with `around`."""
        self.data = data
        self.elements = elements
        self._around = around
        self._known: Known | None = None
        self._spared: Callable[[Tag, str], bool] = _nothing
        self.roots: dict[Tag, Element] = {e.tag: e for e in elements if e.holder is None}
        self._said = {
            (id(e.holder), e.tag): e
            for e in elements
            if e.tag in _SAID_ANEW and (e.holder is None or e.vr)
        }
        self._charsets: dict[int, Charset] = {}

    def raw(self, element: Element) -> bytes:
        """The element's value as it lies."""
        return bytes(self.data[element.value : element.stop])

    def charset(self, element: Element) -> Charset:
        """The character set that the element's text is in; BadValue for one that is unknown."""
        here = element.holder
        while here is not None and (id(here), CHARACTER_SET) not in self._said:
            sequence = here.holder
            here = sequence.holder if sequence else None
        if here is None and self._around:
            return self._around.charset
        key = id(here)
        if key not in self._charsets:
            self._charsets[key] = self._read_charset(self._said.get((key, CHARACTER_SET)))
        return self._charsets[key]

    def text(self, element: Element) -> str:
        """The element's text without padding; BadValue when its character set has no such byte."""
        value = strip(self.raw(element), element.vr)
        try:
            return decode(value, element.vr, self.charset(element))
        except BadValue as error:
            raise BadValue(error.problem, path=element.path, offset=element.value) from None

    def root_text(self, tag: Tag) -> str:
        """The text of a top-level element, "" when it is absent."""
        element = self.roots.get(tag)
        return self.text(element) if element else ""

    def values(self, tag: Tag) -> list[str] | None:
        """The values of a top-level element, for conditions; None when it is absent."""
        element = self.roots.get(tag)
        return None if element is None else self.raw(element).decode("latin-1").split("\\")

    def uid(self, tag: Tag) -> bytes:
        """A top-level UID as it lies without padding, b"" when absent, empty or not legal."""
        element = self.roots.get(tag)
        value = self.raw(element).rstrip(b"\0 ") if element and element.vr == "UI" else b""
        return value if b"\\" not in value and is_legal(value, "UI") else b""

    def patient(self, element: Element | None) -> bytes:
        """The patient whom the element speaks of, as pseudonyms hash it; b"" when none is said."""
        if self._around:
            return self._around.patient
        item = element.holder if element else None
        own = self._said.get((id(item), PATIENT_ID))
        if item is None or own is None or not self.text(own):
            return self._patient_of(None)
        return self._patient_of(item)

    def around(self, element: Element) -> Around:
        """What the data set says to this element."""
        return Around(self.charset(element), self.patient(element), self.known())

    def spare(self, kept: Callable[[Tag, str], bool]) -> None:
        """Take what the profile keeps not for something to be looked for in texts."""
        self._spared = kept

    def known(self) -> "Known":
        """What the data set says of its people, to be looked for in its texts."""
        if self._around:
            return self._around.known
        if self._known is None:
            # Most profiles clean no text: they start without what finds people in it.
            from dicomveil.engine.cleaning import Known

            self._known = Known.of(filter(None, map(self._told, self.elements)))
        return self._known

    def _told(self, element: Element) -> Told | None:
        """What the element's text tells of somebody; a text that cannot be read as its bytes."""
        kind = kind_of(element.tag, element.vr) if element.vr not in _UNTOLD else None
        if kind is None or not element.length or self._spared(element.tag, element.vr):
            return None
        try:
            return Told(kind, self.text(element))
        except BadValue:
            return Told(kind, self.raw(element).decode("latin-1").strip(" \0"))

    def _patient_of(self, item: Element | None) -> bytes:
        """The message of the patient whom this item, or the data set, names."""
        from dicomveil.engine.pseudonyms import patient_message

        named = [self._said.get((id(item), tag)) for tag in (ISSUER, PATIENT_ID)]
        issuer, patient_id = (self.text(e) if e else "" for e in named)
        study = self.roots.get(STUDY_UID)
        uid = self.raw(study).strip(b"\0 ").decode("ascii", "replace") if study else ""
        return patient_message(issuer, patient_id, uid)

    def _read_charset(self, element: Element | None) -> Charset:
        if element is None:
            return Charset.of(())
        terms = self.raw(element).decode("ascii", "replace").split("\\")
        try:
            return Charset.of([term.strip(" \0") for term in terms])
        except BadValue as error:
            raise BadValue(error.problem, path=element.path, offset=element.value) from None
