"""A patient's shift and what it makes of a date, from docs/dates.md alone."""

import re
from datetime import date, timedelta

from tests.oracle.pseudonyms import digest

LEAST, MOST = 30, 3650
NEVER = frozenset(
    ("00010101", "16010101", "18991230", "18991231", "19000101", "19700101", "99991231")
)
_TIME = r"([01]\d|2[0-3])([0-5]\d(([0-5]\d|60)(\.\d{1,6})?)?)?"
_OFFSET = r"([+-](0\d|1[0-4])[0-5]\d)?"
_DATE = re.compile(r"(\d{4})(\.?)(\d\d)\2(\d\d)")
_MOMENT = re.compile(rf"(\d{{4}})((\d\d)((\d\d)({_TIME})?)?)?{_OFFSET}")
_CLOCK = re.compile(rf"{_TIME}|([01]\d|2[0-3]):[0-5]\d(:([0-5]\d|60)(\.\d{{1,6}})?)?")
_COUNTS = frozenset({0, -1, 2**31 - 1, -(2**31), 2**32 - 1, 2**63 - 1, -(2**63), 2**64 - 1})


def days(key: bytes, patient: bytes) -> int:
    """By how many days the patient's dates move."""
    width = MOST - LEAST + 1
    whole = 2**64 // width * width
    message, attempt = patient, 0
    while True:
        drawn = int.from_bytes(digest(key, "date-shift", message, 8), "big")
        if drawn < whole:
            return -(LEAST + drawn % width)
        attempt += 1
        message = patient + b"\0" + str(attempt).encode()


def moved(vr: str, raw: bytes, shift: int) -> bytes | None:
    """The value field moved; None for one that cannot be."""
    parts = raw.decode("latin-1").split("\\")
    new = [_part(vr, part, shift) for part in parts]
    return None if None in new else "\\".join(one or "" for one in new).encode("latin-1")


def moved_count(value: float, shift: int) -> float:
    """A number of seconds, or of parts of them, since 1970."""
    limits = ((10**11, 1), (10**14, 10**3), (10**17, 10**6))
    unit = next((unit for limit, unit in limits if abs(value) < limit), 10**6)
    return value if value in _COUNTS else value + shift * 86_400 * unit


def _part(vr: str, part: str, shift: int) -> str | None:
    bare = part.rstrip("\0 ")
    if not bare:
        return part
    new = _one(vr, bare, shift)
    if new is None and "-" in bare:
        new = _range(vr, bare, shift)
    return None if new is None else new + part[len(bare) :]


def _range(vr: str, bare: str, shift: int) -> str | None:
    for at in [at for at in range(len(bare) - 1, -1, -1) if bare[at] == "-"]:
        ends = [_one(vr, end, shift) if end else "" for end in (bare[:at], bare[at + 1 :])]
        if None not in ends and any(ends):
            return "-".join(end or "" for end in ends)
    return None


def _one(vr: str, bare: str, shift: int) -> str | None:
    match vr:
        case "TM":
            return bare if _CLOCK.fullmatch(bare) else None
        case "DA":
            return _day(bare, shift)
        case "DT":
            return _moment(bare, shift)
        case _:  # a text that a private table calls a date
            whole = _MOMENT.fullmatch(bare)
            return _day(bare, shift) or (_moment(bare, shift) if whole and whole[5] else None)


def _day(bare: str, shift: int) -> str | None:
    found = _DATE.fullmatch(bare)
    new = _shifted(found[1] + found[3] + found[4], shift) if found else None
    return new and found and found[2].join((new[:4], new[4:6], new[6:]))


def _moment(bare: str, shift: int) -> str | None:
    found = _MOMENT.fullmatch(bare)
    if not found:
        return None
    year, month, day = found[1], found[3] or "", found[5] or ""
    middle = year + (month or "07") + (day or ("15" if month else "02"))
    new = _shifted(middle, shift)
    said = len(year + month + day)
    return new and new[:said] + bare[said:]


def _shifted(said: str, shift: int) -> str | None:
    try:
        old = date(int(said[:4]), int(said[4:6]), int(said[6:]))
        new = old + timedelta(days=shift)
    except (ValueError, OverflowError):
        return None
    return None if said in NEVER else f"{new.year:04}{new.month:02}{new.day:02}"
