"""Whether a value is legal for its VR: CS, DS and IS of PS3.5 Table 6.2-1."""

import re

_NUMBER = rb" *[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([Ee][+-]?[0-9]+)? *"
FORMS = {
    "CS": (16, re.compile(rb"[A-Z0-9 _]*")),
    "DS": (16, re.compile(rb"(" + _NUMBER + rb")?| *")),
    "IS": (12, re.compile(rb"( *[+-]?[0-9]+ *)?| *")),
}


def legal(vr: str, raw: bytes) -> bool:
    """Whether each value of an element of VR CS, DS or IS may stand there.

    The one space that makes the field even is no part of the last value (PS3.5 §6.2).
    """
    longest, form = FORMS[vr]
    values = raw.split(b"\\")
    if len(values[-1]) == longest + 1:
        values[-1] = values[-1].removesuffix(b" ")
    return all(_fits(vr, one, longest, form) for one in values)


def _fits(vr: str, value: bytes, longest: int, form: re.Pattern[bytes]) -> bool:
    if len(value) > longest or not form.fullmatch(value):
        return False
    return vr != "IS" or not value.strip() or -(2**31) <= int(value) < 2**31
