"""What a de-identified object says of itself (PS3.15 E.1.1; PS3.3 C.12.1.1.3, C.7.1.1).

Patient Identity Removed, De-identification Method and its code sequence, Longitudinal Temporal
Information Modified; and a Patient ID where there was none. Earlier methods are kept and ours is
added: an object that was de-identified before is never trusted, and never loses its history.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from dicomveil.dicom.elements import Element
from dicomveil.dicom.forms import Form, encode_element, encode_item
from dicomveil.dicom.splice import Edit
from dicomveil.dicom.tags import Tag
from dicomveil.engine.pseudonyms import Pseudonyms
from dicomveil.engine.scene import PATIENT_ID, Scene
from dicomveil.policy.options import MethodCode
from dicomveil.policy.profile import Profile
from dicomveil.version import __version__

IDENTITY_REMOVED: Final = 0x00120062
METHOD: Final = 0x00120063
METHOD_CODES: Final = 0x00120064
LONGITUDINAL: Final = 0x00280303
_CODE_VALUE: Final = 0x00080100
MARKED: Final = frozenset({IDENTITY_REMOVED, METHOD, METHOD_CODES, LONGITUDINAL})


class Marks(NamedTuple):
    """The texts that a run writes into every object."""

    methods: tuple[str, ...]  # values of (0012,0063), each at most 64 characters
    codes: tuple[MethodCode, ...]
    longitudinal: str  # REMOVED, UNMODIFIED or MODIFIED

    @classmethod
    def of(cls, profile: Profile, *words: str) -> "Marks":
        """The marks of a profile; `words` are further methods, such as the user's on pixels."""
        return cls(
            (f"dicomveil {__version__}", profile.method, *words),
            profile.codes,
            profile.longitudinal,
        )


def mark_edits(
    marks: Marks, scene: Scene, form: Form, names: Pseudonyms, end: int
) -> Iterator[Edit]:
    """The edits that write the marks; `end` is the byte after the last top-level element."""
    patient = scene.patient(None)
    if PATIENT_ID not in scene.roots and patient:
        code = names.code("patient-id", patient)
        yield _put(scene, PATIENT_ID, encode_element(form, PATIENT_ID, "LO", code), end)
    yes = _element(form, IDENTITY_REMOVED, "CS", "YES")
    yield _put(scene, IDENTITY_REMOVED, yes, end)
    yield _put(scene, METHOD, _methods(marks, scene, form), end)
    yield from _codes(marks, scene, form, end)
    temporal = _element(form, LONGITUDINAL, "CS", marks.longitudinal)
    yield _put(scene, LONGITUDINAL, temporal, end)


def _put(scene: Scene, tag: Tag, new: bytes, end: int) -> Edit:
    """Replace the top-level element, or insert it where its tag belongs."""
    old = scene.roots.get(tag)
    if old is not None:
        return Edit(old.start, old.end, new, None)
    after = next((e for e in scene.roots.values() if e.tag > tag), None)
    at = end if after is None else after.start
    return Edit(at, at, new, None)


def _methods(marks: Marks, scene: Scene, form: Form) -> bytes:
    """(0012,0063) with the earlier methods, and ours where they are not among them.

    What is no LO is no method: a sequence would bring all that lies in it.
    """
    old = scene.roots.get(METHOD)
    earlier = scene.raw(old).strip(b" \0") if old and old.vr == "LO" else b""
    said = earlier.split(b"\\") if earlier else []
    said += [m.encode() for m in marks.methods if m.encode() not in said]
    return _element(form, METHOD, "LO", b"\\".join(said))


def _codes(marks: Marks, scene: Scene, form: Form, end: int) -> Iterator[Edit]:
    """(0012,0064) with the earlier codes, and ours where they are not among them."""
    old = scene.roots.get(METHOD_CODES)
    said = set() if old is None else _said_codes(scene, old)
    new = b"".join(
        _code_item(form, code) for code in marks.codes if code.value.encode() not in said
    )
    if old is None or old.vr != "SQ":
        yield _put(scene, METHOD_CODES, encode_element(form, METHOD_CODES, "SQ", new), end)
    elif new:
        yield Edit(old.stop, old.stop, new, old)


def _said_codes(scene: Scene, sequence: Element) -> set[bytes]:
    return {
        scene.raw(e).strip(b" \0")
        for e in scene.elements
        if e.tag == _CODE_VALUE and e.holder is not None and e.holder.holder is sequence
    }


def _code_item(form: Form, code: MethodCode) -> bytes:
    """An item of the basic code sequence macro (PS3.3 table 8.8-1a)."""
    return encode_item(
        form,
        _element(form, _CODE_VALUE, "SH", code.value)
        + _element(form, 0x00080102, "SH", code.scheme)
        + _element(form, 0x00080104, "LO", code.meaning),
    )


def _element(form: Form, tag: Tag, vr: str, text: str | bytes) -> bytes:
    value = text.encode("ascii") if isinstance(text, str) else text
    return encode_element(form, tag, vr, value + b" " * (len(value) & 1))
