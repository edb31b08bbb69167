"""Move dates by whole days: all of a patient's alike, or each by its own jitter.

One shift for a patient keeps the interval between any two of the patient's dates to the second,
across files, jobs and machines, and leaves times of day alone. Every function here gives None for
a value that cannot be moved - not legal for its VR, before year 1 or after 9999 once it is moved, a
placeholder - and the caller then removes the element or writes a dummy, by its type, and counts it.
A moved value has the length of the old one. docs/dates.md says all of it to users.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import lru_cache, partial
from itertools import count
from typing import Final, NamedTuple

from dicomveil.dicom.legality import is_legal
from dicomveil.engine.pseudonyms import Pseudonyms
from dicomveil.policy.dates import JitterBound, ShiftRange

# Dates that stand for none: moved, they would tell the shift to whoever knows them.
PLACEHOLDERS: Final = frozenset(
    {
        date(1, 1, 1),
        date(1601, 1, 1),  # zero of Windows' clock
        date(1899, 12, 30),  # zero of spreadsheets
        date(1899, 12, 31),
        date(1900, 1, 1),  # the dummy of docs/dummies.md too
        date(1970, 1, 1),  # zero of Unix' clock
        date(9999, 12, 31),
    }
)

_TEXTS: Final = frozenset({"CS", "DS", "IS", "LO", "LT", "SH", "ST", "UC", "UT"})
_LONGEST_RANGE: Final = 54  # bytes: two DT of 26 and a dash, padded
_WORD: Final = 8  # bytes drawn at a time
_PAD: Final = b" \0"
_OLD_DATE: Final = re.compile(rb"(\d{4})\.(\d{2})\.(\d{2})")  # PS3.5 table 6.2-1: ACR-NEMA 2.0
_OLD_TIME: Final = re.compile(rb"(?:[01]\d|2[0-3]):[0-5]\d(?::(?:[0-5]\d|60)(?:\.\d{1,6})?)?")
_PLAIN_DATETIME: Final = re.compile(rb"\d{8}(?:[01]\d|2[0-3])[0-5]\d[0-5]\d(?:\.\d{1,6})? ?")
_DAY_OF: Final = re.compile(rb"(\d{4})(?:(\d{2})(\d{2})?)?")

Days = Callable[[bytes], int]


def days_for(patient: bytes, within: ShiftRange, names: Pseudonyms) -> int:
    """By how many days every date of the patient moves: below zero, for into the past.

    `patient` is the message that the patient's pseudonyms are hashed from.
    """
    return -(within.least + _below(within.width, _words("date-shift", patient, names)))


class Jitter(NamedTuple):
    """What moves each date of a patient by its own: never by zero, and never beyond the bound."""

    patient: bytes
    bound: JitterBound
    names: Pseudonyms

    def __repr__(self) -> str:
        """The bound alone."""
        return f"<Jitter within {self.bound.days} days>"

    def days(self, day: bytes) -> int:
        """By how many days this date of the patient moves, wherever it stands: YYYYMMDD."""
        message = self.patient + b"\0" + day
        drawn = _below(2 * self.bound.days, _words("date-jitter", message, self.names))
        return drawn - self.bound.days + (drawn >= self.bound.days)


def shifted(value: bytes, vr: str, days: int) -> bytes | None:
    """The value field with each of its dates moved by `days`; None where that cannot be.

    DA and DT are moved, and times of day (TM) stay. A text of another VR must be nothing but dates,
    all like DA or all like DT with at least a day. A value that is empty stays, and with `days` of
    0 every one does that could be moved.
    """
    if vr == "DT" and _PLAIN_DATETIME.fullmatch(value):
        day = _remembered(value[:8], "DA", days)  # the day comes again, the moment seldom does
        return None if day is None else day + value[8:]
    if len(value) <= _LONGEST_RANGE:
        return _remembered(value, vr, days)
    return _moved(value, vr, lambda _: days)


@lru_cache(maxsize=4096)  # the dates of a study stand in file after file
def _remembered(value: bytes, vr: str, days: int) -> bytes | None:
    return _moved(value, vr, lambda _: days)


def jittered(value: bytes, vr: str, jitter: Jitter) -> bytes | None:
    """The value field with each of its dates moved by itself; None where that cannot be.

    The two ends of a range move together, by the jitter of the first.
    """
    return _moved(value, vr, jitter.days)


def _moved(value: bytes, vr: str, days: Days) -> bytes | None:
    if not value.strip(_PAD):
        return value
    match vr:
        case "DA" | "DT" | "TM":
            return _each(value, _ONE[vr], days)
        case _ if vr in _TEXTS:
            as_dates = _each(value, _date, days)
            return as_dates if as_dates is not None else _each(value, _full_datetime, days)
        case _:
            return None


def _each(value: bytes, move: "_Move", days: Days) -> bytes | None:
    """Every value and every end of a range moved, with what pads it; None when one cannot be."""
    moved = [_padded(part, move, days) for part in value.split(b"\\")]
    return None if None in moved else b"\\".join(part for part in moved if part is not None)


def _padded(part: bytes, move: "_Move", days: Days) -> bytes | None:
    bare = part.rstrip(_PAD)
    new = (move(bare, days) or _range(bare, move, days)) if bare else b""
    return None if new is None else new + part[len(bare) :]


def _range(bare: bytes, move: "_Move", days: Days) -> bytes | None:
    """A range of a query, `a-b`, `a-` or `-b` (PS3.4 C.2.2.2.5), its ends moved alike."""
    for dash in _dashes(bare):
        ends = bare[:dash], bare[dash + 1 :]
        together = partial(_same, days, _first_day((ends[0] or ends[1]).replace(b".", b"")))
        moved = [move(end, together) if end else b"" for end in ends]
        if any(ends) and None not in moved:
            return b"-".join(end for end in moved if end is not None)
    return None


def _same(days: Days, first: bytes, _: bytes) -> int:
    return days(first)


def _dashes(bare: bytes) -> Iterator[int]:
    """Where a dash may part a range: the last first, as an earlier one may begin a UTC offset."""
    if len(bare) > _LONGEST_RANGE:
        return iter(())
    return (at for at in reversed(range(len(bare))) if bare[at] == ord("-"))


def _date(bare: bytes, days: Days) -> bytes | None:
    old = _OLD_DATE.fullmatch(bare)
    if old:
        day = _day(b"".join(old.groups()), days)
        return day and b".".join((day[:4], day[4:6], day[6:]))
    return _day(bare, days) if is_legal(bare, "DA") else None


def _datetime(bare: bytes, days: Days) -> bytes | None:
    """A date and time moved in its date alone; one of a month or a year stays one."""
    said = _first_day(bare) if is_legal(bare, "DT") else b""
    moved = _day(said, days) if said else None
    return None if moved is None else moved + bare[len(said) :]


def _full_datetime(bare: bytes, days: Days) -> bytes | None:
    """The same in a text of any VR, where fewer than eight digits may be any number."""
    return _datetime(bare, days) if len(_first_day(bare)) == 8 else None


def _time(bare: bytes, days: Days) -> bytes | None:
    del days  # whole days leave the time of day
    return bare if is_legal(bare, "TM") or _OLD_TIME.fullmatch(bare) else None


_Move = Callable[[bytes, Days], bytes | None]
_ONE: Final[dict[str, _Move]] = {"DA": _date, "DT": _datetime, "TM": _time}


def _first_day(text: bytes) -> bytes:
    """The year, month and day that a text begins with, as far as they are said."""
    found = _DAY_OF.match(text)
    return found[0] if found else b""


def _day(said: bytes, days: Days) -> bytes | None:
    """YYYYMMDD moved; YYYYMM and YYYY moved from their middle, and said no more precisely."""
    year, month, day = said[:4], said[4:6] or b"07", said[6:] or (b"15" if said[4:] else b"02")
    try:
        old = date(int(year), int(month), int(day))
        new = old + timedelta(days(said))
    except (ValueError, OverflowError):
        return None
    if old != new and old in PLACEHOLDERS:
        return None
    return (b"%04d%02d%02d" % (new.year, new.month, new.day))[: len(said)]


def _words(kind: str, message: bytes, names: Pseudonyms) -> Iterator[int]:
    """Numbers of 64 bits, as many as are asked for: first of the message, then numbered ones."""
    numbered = (message + b"\0%d" % attempt if attempt else message for attempt in count())
    return (int.from_bytes(names.digest(kind, one, _WORD), "big") for one in numbered)


def _below(width: int, words: Iterable[int]) -> int:
    """The first word that is no bias, as a number from 0 to `width` - 1.

    The words above the last whole multiple of `width` would favour the small remainders.
    """
    fair = (1 << 8 * _WORD) // width * width
    return next(word for word in words if word < fair) % width
