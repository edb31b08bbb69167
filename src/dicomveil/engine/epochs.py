"""Move moments that a private element writes as a number: seconds, or parts of them, since 1970.

Vendors write them in numbers of every VR and in texts. The unit is told by the size, for no date
of imaging is near the bounds; docs/dates.md has the table. None is for a value that is no such
number, or that does not fit its VR once it is moved.
"""

import re
import struct
from decimal import Decimal
from typing import Final

from dicomveil.dicom.forms import Form

_DAY: Final = 86_400  # seconds
# The first absolute value that is not of this unit any more, and how many of it are a second.
_UNITS: Final = ((10**11, 1), (10**14, 10**3), (10**17, 10**6))
# Zero and the ends of the numbers' ranges stand for "never": moved, they would tell the shift. They
# are no dates of anybody's, so they stay.
_NEVER: Final = frozenset({0, -1, 2**31 - 1, -(2**31), 2**32 - 1, 2**63 - 1, -(2**63), 2**64 - 1})
_WHOLE: Final = {"SL": "i", "UL": "I", "SV": "q", "UV": "Q"}
_TEXTS: Final = frozenset({"DS", "IS", "LO", "SH", "LT", "ST", "UC", "UT"})
# No exponents: one of them can stand for more digits than there is memory.
_NUMBER: Final = re.compile(rb"[+-]?\d{1,20}(?:\.\d{0,9})?")
_LONGEST: Final = {"DS": 16, "IS": 12}


def shifted_epoch(value: bytes, vr: str, days: int, form: Form) -> bytes | None:
    """The value field with each of its moments moved by `days`, padded; None where that cannot be.

    SL, UL, SV, UV, FD and texts of decimal numbers are known; an FL is too coarse for a second. An
    empty value stays. OB and UN are read by the VR that the private dictionary gives them, or not.
    """
    if vr in _TEXTS:
        return _texts(value, vr, days)
    if vr == "FD":
        return _packed(value, "d", days, form)
    return _packed(value, _WHOLE[vr], days, form) if vr in _WHOLE else None


def _packed(value: bytes, letter: str, days: int, form: Form) -> bytes | None:
    """The numbers of a binary value, each moved and in its place."""
    count, odd = divmod(len(value), struct.calcsize(letter))
    if odd:
        return None
    layout = struct.Struct(f"{form.order}{count}{letter}")
    moved = [_moved(Decimal(number), days) for number in layout.unpack(value)]
    if None in moved:
        return None
    cast = float if letter == "d" else int
    try:
        return layout.pack(*(cast(number) for number in moved if number is not None))
    except struct.error:  # it does not fit any more
        return None


def _texts(value: bytes, vr: str, days: int) -> bytes | None:
    moved = [_text(part.strip(b" \0"), vr, days) for part in value.split(b"\\")]
    if None in moved:
        return None
    joined = b"\\".join(part for part in moved if part is not None)
    return joined + b" " * (len(joined) & 1)


def _text(bare: bytes, vr: str, days: int) -> bytes | None:
    """One number in a text, with as many digits behind the point as it had."""
    if not bare:
        return bare
    moved = _moved(Decimal(bare.decode("ascii")), days) if _NUMBER.fullmatch(bare) else None
    text = b"" if moved is None else format(moved, "f").encode()
    return text if 0 < len(text) <= _LONGEST.get(vr, 64) else None


def _moved(moment: Decimal, days: int) -> Decimal | None:
    """The moment, in its own unit, some days away."""
    if not moment.is_finite():
        return None
    if moment in _NEVER:
        return moment
    size = abs(moment)
    second = next((parts for bound, parts in _UNITS if size < bound), None)
    return None if second is None else moment + days * _DAY * second
