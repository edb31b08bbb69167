"""Which ranges of days a profile may move dates by."""

import pytest

from dicomveil.errors import ProfileError
from dicomveil.policy.dates import JitterBound, ShiftRange


def test_a_shift_is_of_a_month_to_ten_years_when_nothing_is_said() -> None:
    assert (ShiftRange().least, ShiftRange().most) == (30, 3650)
    assert ShiftRange().width == 3621


@pytest.mark.parametrize(
    ("least", "most"), [(30, 59), (365, 36_500), (30, 3650)], ids=["narrow", "far", "default"]
)
def test_a_range_above_the_floor_is_accepted(least: int, most: int) -> None:
    assert ShiftRange(least, most).width == most - least + 1


@pytest.mark.parametrize(
    ("least", "most"),
    [(29, 3650), (0, 100), (-100, 100), (3650, 30), (30, 36_501)],
    ids=["below the floor", "nought", "into the future", "upside down", "beyond a century"],
)
def test_a_range_that_moves_too_little_or_too_far_is_refused(least: int, most: int) -> None:
    with pytest.raises(ProfileError, match="accepted are two whole numbers from 30 to 36500"):
        ShiftRange(least, most)


@pytest.mark.parametrize("most", [100, 128])
def test_a_range_of_few_days_is_refused(most: int) -> None:
    with pytest.raises(ProfileError, match="easily guessed"):
        ShiftRange(100, most)


def test_two_ranges_have_two_lines_for_the_digest_of_a_profile() -> None:
    assert str(ShiftRange(30, 3650)) != str(ShiftRange(30, 3651))
    assert str(JitterBound(7)) != str(JitterBound(8))


@pytest.mark.parametrize("days", [0, -1, 3651])
def test_a_jitter_of_nothing_or_of_more_than_ten_years_is_refused(days: int) -> None:
    with pytest.raises(ProfileError, match="accepted are 1 to 3650"):
        JitterBound(days)
