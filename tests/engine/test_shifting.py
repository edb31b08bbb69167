"""Dates move by a patient's shift, or each by its own jitter, and all else of a value stays."""

import re
from collections import Counter
from datetime import date, datetime, timedelta
from hashlib import blake2b
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomveil.engine.pseudonyms import Pseudonyms, patient_message
from dicomveil.engine.shifting import (
    PLACEHOLDERS,
    Jitter,
    _below,
    _words,
    days_for,
    jittered,
    shifted,
)
from dicomveil.policy.dates import JitterBound, ShiftRange

KEY = bytes(range(32))
NAMES = Pseudonyms(KEY)
OTHERS = Pseudonyms(bytes(32))
PATIENT = patient_message("issuer", "4711", "1.2.3")
JITTER = Jitter(PATIENT, JitterBound(7), NAMES)

days_of_use = st.dates(date(1975, 1, 1), date(2200, 12, 31))
shifts = st.integers(-3650, -30)


def written(day: date) -> bytes:
    return day.strftime("%Y%m%d").encode()


def read(value: bytes) -> date:
    return datetime.strptime(value.decode(), "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone


@pytest.mark.parametrize(
    ("value", "vr", "new"),
    [
        (b"20200301", "DA", b"20200131"),
        (b"20200229", "DA", b"20200130"),
        (b"20210301", "DA", b"20210130"),
        (b"00010131", "DA", b"00010101"),
        (b"99991230", "DA", b"99991130"),
        (b"2020.03.01", "DA", b"2020.01.31"),
        (b"20200301 ", "DA", b"20200131 "),
        (b"20200301\0", "DA", b"20200131\0"),
        (b"20200301\\20200302", "DA", b"20200131\\20200201"),
        (b"20200301\\", "DA", b"20200131\\"),
        (b"20200301-20200302", "DA", b"20200131-20200201"),
        (b"20200301-", "DA", b"20200131-"),
        (b"-20200301 ", "DA", b"-20200131 "),
        (b"2020.03.01-2020.03.02", "DA", b"2020.01.31-2020.02.01"),
        (b"20200301120000", "DT", b"20200131120000"),
        (b"20200301235960.123456+0130", "DT", b"20200131235960.123456+0130"),
        (b"20200301-0500", "DT", b"20200131-0500"),
        (b"2020030112-1200 ", "DT", b"2020013112-1200 "),
        (b"20200301-0500-20200302-0500", "DT", b"20200131-0500-20200201-0500"),
        (b"20200301-20200302-0500", "DT", b"20200131-20200201-0500"),
        (b"2020-2022", "DT", b"2020-2022"),
        (b"202003", "DT", b"202002"),
        (b"202001+0100", "DT", b"201912+0100"),
        (b"2020", "DT", b"2020"),
        (b"235959.5", "TM", b"235959.5"),
        (b"10:20:30.5", "TM", b"10:20:30.5"),
        (b"1000-1200", "TM", b"1000-1200"),
        (b"20200301", "LO", b"20200131"),
        (b"20200301101112 ", "SH", b"20200131101112 "),
        (b"20200301\\20200301101112", "SH", b"20200131\\20200131101112"),
    ],
)
def test_a_date_is_moved_and_all_else_stays(value: bytes, vr: str, new: bytes) -> None:
    assert shifted(value, vr, -30) == new


@pytest.mark.parametrize("vr", ["DA", "DT", "TM", "LO"])
@pytest.mark.parametrize("value", [b"", b" ", b"\0", b"  "])
def test_an_empty_value_stays(value: bytes, vr: str) -> None:
    assert shifted(value, vr, -30) == value


@pytest.mark.parametrize(
    ("value", "vr"),
    [
        (b"20210229", "DA"),
        (b"20201301", "DA"),
        (b"00000101", "DA"),
        (b"2020", "DA"),
        (b"202003", "DA"),
        (b" 20200301", "DA"),
        (b"20200301 MILLER", "DA"),
        (b"20200301\\MILLER", "DA"),
        (b"20200301-MILLER", "DA"),
        (b"20200301120000", "DA"),
        (b"-", "DA"),
        (b"2020.3.1", "DA"),
        (b"2020.13.01", "DA"),
        (b"20200301250000", "DT"),
        (b"20200230120000", "DT"),
        (b"2020-03-01", "DT"),
        (b"2020030112+1500", "DT"),
        (b"MILLER", "TM"),
        (b"25", "TM"),
        (b"2020", "LO"),
        (b"202003", "LO"),
        (b"seen 20200301", "LO"),
        (b"20200301\\MILLER", "SH"),
        (b"20200301", "PN"),
        (b"20200301", "UI"),
        (b"20200301", "UN"),
    ],
)
def test_what_is_no_date_is_signalled(value: bytes, vr: str) -> None:
    assert shifted(value, vr, -30) is None


@pytest.mark.parametrize(
    "value", [b"-" * 65_000, b"20200301-" * 7_000, b"20200301-20200302" + b"-" * 50]
)
def test_a_text_full_of_dashes_is_soon_known_for_no_range(value: bytes) -> None:
    assert shifted(value, "DA", -30) is None


def test_as_many_dates_as_a_field_holds_are_moved() -> None:
    assert shifted(b"\\".join([b"20200301"] * 7_000), "DA", -30) == b"\\".join(
        [b"20200131"] * 7_000
    )


@pytest.mark.parametrize(
    ("value", "days"),
    [(b"00010130", -30), (b"99991230", 2), (b"00010115", -3650), (b"99991230", 10**10)],
)
def test_a_date_that_leaves_the_calendar_is_signalled(value: bytes, days: int) -> None:
    assert shifted(value, "DA", days) is None


@pytest.mark.parametrize("day", sorted(PLACEHOLDERS))
def test_a_placeholder_is_never_moved_because_it_would_tell_the_shift(day: date) -> None:
    value = day.isoformat().replace("-", "").encode()

    assert shifted(value, "DA", -100) is None
    assert shifted(value + b"120000", "DT", -100) is None
    assert jittered(value, "DA", JITTER) is None


@pytest.mark.parametrize("value", [b"20200301", b"19000101", b"00010101", b"2020.03.01 "])
def test_dates_that_do_not_move_stay_as_they_are(value: bytes) -> None:
    assert shifted(value, "DA", 0) == value


@given(days_of_use, days_of_use, shifts)
def test_the_interval_between_two_dates_is_kept(one: date, other: date, days: int) -> None:
    moved = shifted(written(one), "DA", days), shifted(written(other), "DA", days)

    assert moved[0] is not None
    assert moved[1] is not None
    assert read(moved[1]) - read(moved[0]) == other - one
    assert read(moved[0]) - one == timedelta(days)


@given(
    st.datetimes(datetime(1975, 1, 1), datetime(2200, 1, 1)),  # noqa: DTZ001 - the offset is text
    st.sampled_from(["", "+0000", "+1400", "-1200", "-0330"]),
    shifts,
)
def test_a_moment_keeps_its_time_and_its_offset(at: datetime, zone: str, days: int) -> None:
    value = at.strftime("%Y%m%d%H%M%S.%f") + zone

    moved = shifted(value.encode(), "DT", days)

    assert moved is not None
    assert moved.decode() == (at + timedelta(days)).strftime("%Y%m%d%H%M%S.%f") + zone


@given(st.text("0123456789.-+: \\\0", max_size=40), st.sampled_from(["DA", "DT", "TM"]), shifts)
def test_a_moved_value_is_as_long_as_it_was(text: str, vr: str, days: int) -> None:
    value = text.encode()

    moved = shifted(value, vr, days)

    assert moved is None or len(moved) == len(value)
    assert moved is None or [b for b in moved if not 48 <= b < 58] == [
        b for b in value if not 48 <= b < 58
    ]


@given(days_of_use, shifts)
def test_no_full_date_comes_out_as_it_went_in(day: date, days: int) -> None:
    assert shifted(written(day), "DA", days) != written(day)


@given(days_of_use, days_of_use, shifts, st.sampled_from([4, 6]))
def test_partial_dates_keep_their_order(one: date, other: date, days: int, digits: int) -> None:
    first, last = sorted([written(one)[:digits], written(other)[:digits]])

    moved = shifted(first, "DT", days), shifted(last, "DT", days)

    assert moved[0] is not None
    assert moved[1] is not None
    assert moved[0] <= moved[1]
    assert len(moved[0]) == digits


@given(st.text(min_size=1), st.integers(30, 3000), st.integers(30, 3000))
def test_a_patient_moves_into_the_past_within_the_range(who: str, least: int, width: int) -> None:
    within = ShiftRange(least, least + width)
    patient = patient_message("", who, "1.2.3")

    days = days_for(patient, within, NAMES)

    assert -within.most <= days <= -within.least
    assert days == days_for(patient, within, Pseudonyms(bytes(range(32))))


def test_a_patients_shift_is_the_one_written_down() -> None:
    """The value is part of what every release must give again; it never changes."""
    word = int.from_bytes(
        blake2b(PATIENT, key=KEY, person=b"date-shift", digest_size=8).digest(), "big"
    )

    assert days_for(PATIENT, ShiftRange(), NAMES) == -3531 == -30 - word % 3621
    assert days_for(PATIENT, ShiftRange(), OTHERS) != -3531


def test_shifts_spread_evenly_over_the_range() -> None:
    within = ShiftRange(30, 129)
    patients = [patient_message("", str(number), "") for number in range(20_000)]

    drawn = Counter(days_for(patient, within, NAMES) for patient in patients)

    expected = len(patients) / within.width
    chi_square = sum((drawn[-day] - expected) ** 2 / expected for day in range(30, 130))
    assert chi_square < 150  # 99 degrees of freedom: one in a thousand is above 149, and keys stay


def test_a_word_beyond_the_last_whole_multiple_is_not_used() -> None:
    beyond = (1 << 64) - 1

    assert _below(1000, [beyond, beyond - 1, 1234]) == 234
    assert _below(1 << 10, [beyond]) == 1023


def test_the_second_word_is_that_of_the_patient_and_its_number() -> None:
    words = list(islice(_words("date-shift", PATIENT, NAMES), 2))

    assert words == [
        int.from_bytes(NAMES.digest("date-shift", message, 8), "big")
        for message in (PATIENT, PATIENT + b"\0" + b"1")
    ]


@given(days_of_use, st.integers(1, 3650))
def test_jitter_moves_a_date_within_its_bound_and_never_by_nothing(day: date, bound: int) -> None:
    jitter = Jitter(PATIENT, JitterBound(bound), NAMES)

    moved = jittered(written(day), "DA", jitter)

    assert moved is not None
    assert 1 <= abs((read(moved) - day).days) <= bound


def test_jitter_reaches_every_day_of_its_bound() -> None:
    days = {Jitter(PATIENT, JitterBound(3), NAMES).days(b"%08d" % n) for n in range(200)}

    assert days == {-3, -2, -1, 1, 2, 3}


def test_one_date_of_a_patient_is_jittered_alike_wherever_it_stands() -> None:
    day = jittered(b"20200301", "DA", JITTER)

    moment = jittered(b"20200301101112", "DT", JITTER)

    assert day is not None
    assert moment == day + b"101112"


@pytest.mark.parametrize(
    "span", [b"20200301-20200302", b"2020.03.01-2020.03.02"], ids=["dense", "ACR-NEMA"]
)
def test_the_ends_of_a_jittered_range_stay_in_order(span: bytes) -> None:
    first = jittered(b"20200301", "DA", JITTER)

    moved = jittered(span, "DA", JITTER)

    assert first is not None
    assert moved is not None
    start, end = (read(part) for part in moved.replace(b".", b"").split(b"-"))
    assert start == read(first)
    assert end - start == timedelta(1)


def test_the_page_lists_the_placeholders() -> None:
    page = (Path(__file__).parents[2] / "docs" / "dates.md").read_text("utf-8")
    listed = re.findall(r"^\| `(\d{8})` \|", page, re.MULTILINE)

    assert listed == [day.isoformat().replace("-", "") for day in sorted(PLACEHOLDERS)]


def test_a_jitter_says_nothing_of_its_patient() -> None:
    assert repr(JITTER) == "<Jitter within 7 days>"


@given(
    st.from_regex(rb"[0-9]{8}[0-3][0-9][0-7][0-9][0-7][0-9](\.[0-9]{0,7})? ?", fullmatch=True),
    st.integers(-40_000, 40_000),
)
def test_a_moment_moves_as_the_first_of_two_does(moment: bytes, days: int) -> None:
    two = shifted(moment + b"\\20200102", "DT", days)
    one = shifted(moment, "DT", days)

    assert (one is None) == (two is None)
    assert one is None or two is None or two.startswith(one + b"\\")
