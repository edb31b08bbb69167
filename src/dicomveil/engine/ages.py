"""Ages that are so rare that they single somebody out: whoever is older than 89 is 90 or older."""

from typing import Final

from dicomveil.dicom.legality import is_legal

OLDEST: Final = 89
CAPPED: Final = b"090Y"  # "90 or older"
_YEARS: Final = b"Y"
# UCUM: how many of the unit are a year.
_IN_A_YEAR: Final = {"a": 1.0, "mo": 12.0, "wk": 52.18, "d": 365.25}


def capped(value: bytes) -> bytes | None:
    """The value of an AS, each age above 89 years as 90; None where it is not legal.

    Days, weeks and months have three digits (PS3.5 6.2): none of them comes to 90 years.
    """
    stripped = value.rstrip(b"\0")
    if not is_legal(stripped, "AS"):
        return None
    if _YEARS not in stripped:
        return value
    ages = [_capped(age) for age in stripped.split(b"\\")]
    return b"\\".join(ages) + value[len(stripped) :]


def is_rare(number: float, unit: str) -> bool:
    """Whether a measured age in this unit of UCUM is above 89 years; one of no known unit is."""
    return not number / _IN_A_YEAR.get(unit, 1.0) < OLDEST + 1


def _capped(age: bytes) -> bytes:
    old = age[3:4] == _YEARS and int(age[:3]) > OLDEST
    return CAPPED + age[4:] if old else age
