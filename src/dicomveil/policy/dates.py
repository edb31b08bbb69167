"""How far dates are moved: the range of a patient's shift, and the bound of a value's jitter.

Plain values, part of the profile that holds them: `str` of one is a line for its digest. By how
many days a patient's dates move is the engine's to say, which has the key.
"""

from dataclasses import dataclass
from typing import Final

from dicomveil.errors import ProfileError

FLOOR: Final = 30
CEILING: Final = 36_500  # a century: more would take usual dates before the age of imaging
NARROWEST: Final = 30


@dataclass(frozen=True, slots=True)
class ShiftRange:
    """The days from which one is drawn for each patient, to move all dates into the past.

    Raises ProfileError for a range below the floor of 30 days, above a century, upside down, or
    of fewer than 30 days: those few shifts would be tried out by whoever knows one date.
    """

    least: int = FLOOR
    most: int = 3_650

    def __post_init__(self) -> None:
        """Refuse a range that moves too little, too far, or all patients alike."""
        if not FLOOR <= self.least <= self.most <= CEILING:
            raise ProfileError(
                f"a date shift of {self.least} to {self.most} days; accepted are two whole numbers "
                f"from {FLOOR} to {CEILING}, the smaller one first"
            )
        if self.width < NARROWEST:
            raise ProfileError(
                f"a date shift of {self.least} to {self.most} days is easily guessed; the range "
                f"holds at least {NARROWEST} days"
            )

    @property
    def width(self) -> int:
        """How many days there are to draw from."""
        return self.most - self.least + 1


@dataclass(frozen=True, slots=True)
class JitterBound:
    """How many days, at most, a date is moved by itself, into the past or the future.

    Raises ProfileError for a bound below one day or above ten years.
    """

    days: int

    def __post_init__(self) -> None:
        """Refuse a bound that moves nothing, or so far that nothing is left of the date."""
        if not 1 <= self.days <= 3_650:
            raise ProfileError(f"a date jitter of {self.days} days; accepted are 1 to 3650")
