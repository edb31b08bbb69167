"""How many values a field has, and how many its VM allows (PS3.5 §6.4)."""

import re
from functools import lru_cache

# Bytes of one value of the binary VRs that hold several (PS3.5 table 6.2-1).
SIZES = {"AT": 4, "FD": 8, "FL": 4, "SL": 4, "SS": 2, "SV": 8, "UL": 4, "US": 2, "UV": 8}
# These hold one value of many units, whatever their length.
_UNITS = {"OB": 1, "OD": 8, "OF": 4, "OL": 4, "OV": 8, "OW": 2, "UN": 1}
_VM = re.compile(r"(?P<least>\d+)(?:-(?:(?P<most>\d+)|(?P<step>\d*)n))?")

BINARY_VRS = frozenset(SIZES) | frozenset(_UNITS)


def values_in(length: int, vr: str) -> int | None:
    """How many values of a binary VR so many bytes hold; None when they are no whole number.

    OB, OW and their kin hold one value of any number of units. The VR is one of BINARY_VRS, else
    KeyError.
    """
    unit = _UNITS.get(vr)
    if unit is not None:
        return None if length % unit else min(length, 1)
    count, rest = divmod(length, SIZES[vr])
    return None if rest else count


def vm_allows(count: int, vm: str) -> bool:
    """Whether so many values are allowed by a VM as PS3.6 prints it: `1`, `1-3`, `1-n`, `2-2n`.

    No values at all are always allowed: whether a value may be empty is not the VM's to say.
    ValueError for a text that is no VM.
    """
    least, most, step = _bounds(vm)
    if count == 0:
        return True
    return count >= least and (most is None or count <= most) and count % step == 0


@lru_cache(maxsize=64)
def _bounds(vm: str) -> tuple[int, int | None, int]:
    """The least, the most and the step of a VM: `3-3n` is from 3, without end, in threes."""
    match = _VM.fullmatch(vm)
    if match is None:
        raise ValueError("no value multiplicity")
    least = int(match["least"])
    if match["step"] is not None:
        return least, None, int(match["step"] or 1)
    return least, int(match["most"] or least), 1
