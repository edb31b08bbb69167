"""Whether bytes are what their VR allows: repertoire, length and form (PS3.5 table 6.2-1).

Each question is one compiled pattern over the whole value field, because it is asked for every
code and number of every header: about 1 us for a short value.
"""

import re
from collections.abc import Callable
from functools import cache

from dicomveil.dicom.values import CHARSET_VRS, TEXT_VRS

_MONTH = rb"(?:0[1-9]|1[0-2])"
# A month and a day that it has; 29 February is allowed in every year.
_DAY = (
    rb"(?:(?:0[13578]|1[02])(?:0[1-9]|[12]\d|3[01])"
    rb"|(?:0[469]|11)(?:0[1-9]|[12]\d|30)"
    rb"|02(?:0[1-9]|[12]\d))"
)
_TIME = rb"(?:[01]\d|2[0-3])(?:[0-5]\d(?:(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?"
_OFFSET = rb"(?:\+(?:0\d|1[0-3])[0-5]\d|\+1400|-(?!0000)(?:0\d|1[01])[0-5]\d|-1200)"
_NUMBER = rb"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_COMPONENT = rb"(?:0|[1-9]\d*)"
# After a value: another one, or the end; the space that makes a field even is no part of a value.
_AFTER = rb"(?:\\| ?\Z)"

# One value that is not empty, and what may pad the last one to an even length.
_FORMS = {
    "AE": (rb"(?=[^\\]{1,16}" + _AFTER + rb") *[!-\[\]-~][ -\[\]-~]*", b""),
    "AS": (rb"\d{3}[DWMY]", b" ?"),
    "CS": (rb"[A-Z0-9_ ]{1,16}", b" ?"),
    "DA": (rb"\d{4}" + _DAY, b" ?"),
    "DS": (rb"(?=[^\\]{1,16}" + _AFTER + rb") *(?:" + _NUMBER + rb" *)?", b""),
    "DT": (
        rb"\d{4}(?:" + _DAY + rb"(?:" + _TIME + rb")?|" + _MONTH + rb")?" + _OFFSET + rb"? *",
        b"",
    ),
    "IS": (rb"(?=[^\\]{1,12}" + _AFTER + rb") *(?:[+-]?\d+ *)?", b""),
    "TM": (_TIME + rb" *", b""),
    "UI": (
        rb"(?=[^\\\x00]{1,64}(?:[\\\x00]|\Z))" + _COMPONENT + rb"(?:\." + _COMPONENT + rb")*",
        rb"\x00?",
    ),
}


@cache
def _field(vr: str) -> Callable[[bytes], object]:
    """What matches a whole value field; made when first asked for: two thirds never are."""
    form, pad = _FORMS[vr]
    return re.compile(rb"(?:" + form + rb")?(?:\\(?:" + form + rb")?)*" + pad).fullmatch


# What is legal whatever else holds: numbers of so few digits that they are in range, plain codes.
PLAIN_FIELDS = {
    "CS": re.compile(rb"[A-Z0-9_ ]{1,16}").fullmatch,
    "DS": re.compile(rb"-?\d{1,8}(?:\.\d{1,6})? ?").fullmatch,
    "IS": re.compile(rb"-?\d{1,8} ?").fullmatch,
}
_PLAIN_UI = re.compile(rb"[1-9]\d*(?:\.(?:0|[1-9]\d*))+").fullmatch  # and not too long
_LONGEST_UI = 64
FORMED_VRS = frozenset(_FORMS)

_IS_RANGE = range(-(2**31), 2**31)
_SAFE_IS_LENGTH = 9  # so few digits are always in range

# PS3.5 §6.1.3: of the controls, texts hold TAB, LF, FF and CR; ESC switches character sets.
_CONTROLS = {
    vr: re.compile(
        rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]"
        if vr in ("LT", "ST", "UT")
        else rb"[\x00-\x1a\x1c-\x1f]"
        if vr in CHARSET_VRS
        else rb"[\x00-\x1f]"
    )
    for vr in TEXT_VRS
}


def is_legal(value: bytes, vr: str) -> bool:
    """Whether each value of the field has the repertoire, length and form of its VR.

    The VR is one of FORMED_VRS (AE, AS, CS, DA, DS, DT, IS, TM, UI), else KeyError. An empty
    value is legal; so is one of spaces alone where the VR lets them pad, but in AE.
    """
    if _field(vr)(value) is None:
        return False
    if vr != "IS" or len(value) <= _SAFE_IS_LENGTH:
        return True
    return all(int(number) in _IS_RANGE for number in value.split(b"\\") if number.strip())


def is_legal_uid(value: bytes) -> bool:
    """Whether a UI field is legal; for loops that ask of every file."""
    if len(value) <= _LONGEST_UI and _PLAIN_UI(value) is not None:
        return True
    return _field("UI")(value) is not None


def has_control_in(data: bytes | memoryview, start: int, stop: int, vr: str) -> bool:
    """What `has_control` says of start:stop of `data`, without a copy where there is none."""
    pattern = _CONTROLS.get(vr)
    if pattern is None or pattern.search(data, start, stop) is None:
        return False
    return has_control(bytes(data[start:stop]), vr)


def has_control(value: bytes, vr: str) -> bool:
    """Whether a text holds a control character that its VR does not allow; NULs may pad its end.

    Such a value has most likely swallowed the element after it. False for VRs that hold no text.
    """
    pattern = _CONTROLS.get(vr)
    return pattern is not None and pattern.search(value.rstrip(b"\x00")) is not None
