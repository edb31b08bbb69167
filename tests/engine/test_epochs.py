"""Moments that are written as numbers since 1970 move as dates do."""

import struct
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomveil.dicom.forms import Form
from dicomveil.engine.epochs import shifted_epoch

LITTLE, BIG = Form.EXPLICIT_LE, Form.EXPLICIT_BE
MOMENT = 1_583_020_800  # 2020-03-01
MOVED = MOMENT - 30 * 86_400


@pytest.mark.parametrize(
    ("vr", "letter", "unit"),
    [
        ("SL", "i", 1),
        ("UL", "I", 1),
        ("SV", "q", 1),
        ("SV", "q", 1000),
        ("UV", "Q", 1_000_000),
        ("FD", "d", 1),
        ("FD", "d", 1000),
    ],
)
@pytest.mark.parametrize("form", [LITTLE, BIG], ids=["little", "big"])
def test_a_number_is_moved_in_its_own_unit(vr: str, letter: str, unit: int, form: Form) -> None:
    order = ">" if form is BIG else "<"
    value = struct.pack(f"{order}2{letter}", MOMENT * unit, (MOMENT + 1) * unit)

    moved = shifted_epoch(value, vr, -30, form)

    assert moved == struct.pack(f"{order}2{letter}", MOVED * unit, (MOVED + 1) * unit)


@pytest.mark.parametrize(
    ("value", "vr", "new"),
    [
        (b"1583020800", "IS", b"1580428800"),
        (b"1583020800.25 ", "DS", b"1580428800.25 "),
        (b"1583020800123", "LO", b"1580428800123 "),
        (b"1583020800\\1583020801 ", "LO", b"1580428800\\1580428801 "),
        (b"1000000000", "SH", b"997408000 "),
        (b"", "LO", b""),
        (b"", "SL", b""),
    ],
)
def test_a_text_keeps_its_digits_behind_the_point(value: bytes, vr: str, new: bytes) -> None:
    assert shifted_epoch(value, vr, -30, LITTLE) == new


@pytest.mark.parametrize("number", [0, -1, 2**31 - 1, -(2**31)])
def test_a_number_that_means_never_stays_because_it_would_tell_the_shift(number: int) -> None:
    text = b"%d" % number

    assert shifted_epoch(struct.pack("<i", number), "SL", -30, LITTLE) == struct.pack("<i", number)
    assert shifted_epoch(text + b" " * (len(text) % 2), "LO", -30, LITTLE) == text + b" " * (
        len(text) % 2
    )


@pytest.mark.parametrize("number", [0, MOMENT, 2**31 - 1])
def test_a_moment_that_does_not_move_stays_as_it_is(number: int) -> None:
    value = struct.pack("<i", number)

    assert shifted_epoch(value, "SL", 0, LITTLE) == value


@pytest.mark.parametrize(
    ("value", "vr"),
    [
        (struct.pack("<I", 86_400), "UL"),
        (struct.pack("<i", -(2**31) + 5), "SL"),
        (struct.pack("<d", float("nan")), "FD"),
        (struct.pack("<d", float("inf")), "FD"),
        (struct.pack("<Q", 10**17), "UV"),
        (b"\1\2\3", "SL"),
        (struct.pack("<f", 1e9), "FL"),
        (struct.pack("<i", MOMENT), "OB"),
        (struct.pack("<i", MOMENT), "UN"),
        (b"MILLER", "LO"),
        (b"1583020800\\MILLER", "LO"),
        ("١٥٨٣".encode(), "LO"),
        (b"NaN", "LO"),
        (b"1e60", "LO"),
        (b"0e999999999", "LO"),
        (b"1" * 10_000, "LO"),
        (b"1583020800.1234567890", "LO"),
        (b"1583020800.1234567", "DS"),
    ],
    ids=lambda case: case if isinstance(case, str) else "",
)
def test_what_is_no_moment_or_fits_no_more_is_signalled(value: bytes, vr: str) -> None:
    assert shifted_epoch(value, vr, -3650, LITTLE) is None


@given(
    st.datetimes(datetime(1975, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(-1700, -30),
)
def test_a_moment_moves_as_far_as_a_date_does(at: datetime, days: int) -> None:
    seconds = int(at.timestamp())

    moved = shifted_epoch(struct.pack("<i", seconds), "SL", days, LITTLE)

    assert moved is not None
    there = datetime.fromtimestamp(struct.unpack("<i", moved)[0], UTC)
    assert there - datetime.fromtimestamp(seconds, UTC) == timedelta(days)
