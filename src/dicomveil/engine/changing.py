"""New values made of the old one: dates moved, texts cleaned, hashed, cut short or masked.

`changed` gives the whole value field, padded, or None where there is none: the value is not legal
for its VR, cannot be read, or nothing is left of it. What then becomes of the element its action
says.
"""

import re
import struct
from base64 import b32encode
from collections.abc import Callable
from functools import lru_cache
from typing import Final, assert_never

from dicomveil.dicom.elements import Element
from dicomveil.dicom.fitting import Fit, Target, fitted
from dicomveil.dicom.values import TEXT_VRS, encode
from dicomveil.engine.cleaning import Wording
from dicomveil.engine.epochs import shifted_epoch
from dicomveil.engine.pseudonyms import Pseudonyms, normal_form
from dicomveil.engine.scene import Scene
from dicomveil.engine.shifting import Jitter, days_for, jittered, shifted
from dicomveil.errors import BadValue, Refused
from dicomveil.policy import actions as act
from dicomveil.policy.actions import Change
from dicomveil.policy.dates import JitterBound, ShiftRange
from dicomveil.policy.dummies import packed
from dicomveil.policy.patterns import masked

_TIMEZONE: Final = 0x00080201
# A UID among other text has four components or more; a whole value may have two. Four numbers may
# be a version as well: where a table says that a text holds UIDs, they go too.
_UID: Final = re.compile(
    r"((?<![\d.])[0-2](?:\.[0-9]{1,64}){3,63}(?!\d|\.\d)"
    r"|(?<![^\\])[0-2](?:\.[0-9]{1,64}){1,2}(?=[ ]*(?:\\|\Z)))"
)
_OFFSET: Final = re.compile(rb"[+-](?:0\d|1[0-4])[0-5]\d[ \0]*")


def changed(  # noqa: C901, PLR0912 - one case for each action
    action: Change, element: Element, scene: Scene, names: Pseudonyms
) -> bytes | None:
    """The value field in place of the element's; None where there is none."""
    match action:
        case act.ShiftDate():
            return _moved(action, element, scene, names)
        case act.ShiftEpoch(least, most):
            days = _days(least, most, scene.patient(element), names)
            return shifted_epoch(scene.raw(element), element.vr, days, element.form)
        case act.JitterDate(days):
            jitter = Jitter(scene.patient(element), JitterBound(days), names)
            return jittered(scene.raw(element), element.vr, jitter)
        case act.CapAge():
            return _capped(element, scene)
        case act.Document(_, content):
            return content + bytes(len(content) & 1)
        case act.KeepScanned(vr):
            return _scanned(element, vr, scene)
        case act.Clean() | act.CleanStrict():
            return _cleaned(element, scene, wording_of(action))
        case act.UidsInText(around):
            return _with_new_uids(around, element, scene, names)
        case act.Hash(length):
            return _hashed(length, element, scene, names)
        case act.Replace(text):
            return _replaced(text, element, scene)
        case act.Truncate(length):
            return _each(element, scene, lambda text: text[:length])
        case act.Mask(pattern):
            return _each(element, scene, _masked(pattern))
        case _:
            assert_never(action)


def wording_of(action: act.Clean | act.CleanStrict) -> Wording:
    """What becomes of words that nothing explains."""
    if isinstance(action, act.CleanStrict):
        return Wording.STRICT
    return Wording.KNOWN if action.spans is act.Spans.KNOWN else Wording.KEPT


def _capped(element: Element, scene: Scene) -> bytes | None:
    # Whoever keeps no ages does not wait for it.
    from dicomveil.engine.ages import capped

    return capped(scene.raw(element))


def _scanned(element: Element, vr: str, scene: Scene) -> bytes | None:
    # Nor whoever keeps no private bytes.
    from dicomveil.engine.scanning import may_stay

    return scene.raw(element) if may_stay(element, vr, scene) else None


def _moved(
    action: act.ShiftDate, element: Element, scene: Scene, names: Pseudonyms
) -> bytes | None:
    """Dates moved by the patient's days; whole days leave a time zone as it is."""
    value = scene.raw(element)
    if element.tag == _TIMEZONE:
        return value if not value or _OFFSET.fullmatch(value) else None
    return shifted(
        value, element.vr, _days(action.least, action.most, scene.patient(element), names)
    )


@lru_cache(maxsize=256)  # one patient's files come together
def _days(least: int, most: int, patient: bytes, names: Pseudonyms) -> int:
    """By how many days the patient's dates move; 0 where true dates are kept."""
    return days_for(patient, ShiftRange(least, most), names) if most else 0


def _cleaned(element: Element, scene: Scene, wording: Wording) -> bytes | None:
    """The text without what identifies; the very bytes where nothing did."""
    try:
        text = scene.text(element)
    except BadValue:
        return None
    clean = scene.known().clean(text, wording).text
    if clean == text:
        return scene.raw(element)
    return _encoded(clean, element, scene) if clean.strip(" \\^=") else None


def _with_new_uids(
    around: act.Clean | act.CleanStrict | act.Keep,
    element: Element,
    scene: Scene,
    names: Pseudonyms,
) -> bytes | None:
    """The text with each UID in it replaced, and what is around them cleaned or kept.

    None for a text without UIDs, one that cannot be read, and one that the VR has no room for.
    """
    try:
        text = scene.text(element)
        if not text:
            return scene.raw(element)
        plain, *pairs = _UID.split(text)
        if not pairs:
            return None
        pieces = [_around(plain, around, scene)]
        for uid, plain in zip(pairs[::2], pairs[1::2], strict=True):
            pieces += [names.uid(uid.encode()).decode(), _around(plain, around, scene)]
        target = Target(element.vr, scene.charset(element), element.form)
        return fitted("".join(pieces), target, Fit.REFUSE)
    except (BadValue, Refused):
        return None


def _around(text: str, action: act.Clean | act.CleanStrict | act.Keep, scene: Scene) -> str:
    """What stands before, between or behind UIDs, as the profile treats texts."""
    if isinstance(action, act.Keep):
        return text
    return scene.known().clean(text, wording_of(action)).text


def _hashed(length: int, element: Element, scene: Scene, names: Pseudonyms) -> bytes | None:
    """A keyed hash of the value in its normal form; an empty value stays."""
    try:
        message = normal_form(scene.text(element)).encode()
    except BadValue:
        return None
    if not message:
        return scene.raw(element)
    code = b32encode(names.digest("value", message, -(-length * 5 // 8)))[:length]
    return code + b" " * (length & 1)


def _replaced(text: str, element: Element, scene: Scene) -> bytes | None:
    if element.vr in TEXT_VRS:
        return _encoded(text, element, scene)
    try:
        value = packed(element.vr, text, "little" if element.form.order == "<" else "big")
    except (ValueError, struct.error):
        return None
    return value + bytes(len(value) & 1)


def _each(element: Element, scene: Scene, change: Callable[[str], str]) -> bytes | None:
    """Each value of a text changed by itself."""
    try:
        text = scene.text(element)
    except BadValue:
        return None
    return _encoded("\\".join(map(change, text.split("\\"))), element, scene)


def _encoded(text: str, element: Element, scene: Scene) -> bytes | None:
    """The text as the data set writes texts; None for one that its character set has not."""
    try:
        return encode(text, element.vr, scene.charset(element))
    except BadValue:
        return None


@lru_cache(maxsize=64)
def _masked(pattern: str) -> Callable[[str], str]:
    return masked(pattern)
