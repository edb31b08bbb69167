"""Legal values are those of PS3.5 table 6.2-1, byte for byte."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomveil.dicom.legality import FORMED_VRS, PLAIN_FIELDS, has_control, is_legal
from dicomveil.dicom.values import TEXT_VRS

LEGAL = [
    ("AE", b"STORE_SCP", "plain"),
    ("AE", b" a1-b!~[]", "signs and lower case"),
    ("AE", b"SIXTEEN--LETTERS", "16 bytes"),
    ("AE", b"ONE\\TWO ", "two"),
    ("AE", b"ODD\\SIXTEEN--LETTERS ", "16 bytes after an odd one, padded"),
    ("AS", b"034Y", "years"),
    ("AS", b"003D\\012W\\099M ", "three, padded"),
    ("CS", b"ORIGINAL\\PRIMARY\\AXIAL ", "three, padded"),
    ("CS", b"A_1 B", "space and underscore"),
    ("CS", b"X\\\\Y", "an empty one in the middle"),
    ("CS", b"ODD\\SIXTEEN_LETTERS_ ", "16 bytes after an odd one, padded"),
    ("DA", b"20240229", "leap day"),
    ("DA", b"19991231\\20000101 ", "two, padded"),
    ("DS", b"-1.5e-10", "exponent"),
    ("DS", b" +12. \\.5", "spaces and open ends"),
    ("DS", b"1234567890123456", "16 bytes"),
    ("DS", b"10.0000000000000\\10.0000000000000 ", "two of 16 bytes, padded"),
    ("DT", b"2024", "year"),
    ("DT", b"202402", "month"),
    ("DT", b"20240229235960.123456+1400", "everything, 26 bytes"),
    ("DT", b"2024-0500", "year and offset"),
    ("DT", b"2024012312 ", "hour, padded"),
    ("IS", b"2147483647\\-2147483648", "both ends"),
    ("IS", b" +7 ", "spaces"),
    ("IS", b"000000000001", "12 bytes"),
    ("IS", b"000000000001\\000000000002 ", "two of 12 bytes, padded"),
    ("TM", b"07", "hour"),
    ("TM", b"235960.1 ", "leap second, padded"),
    ("TM", b"1200\\130000", "two"),
    ("UI", b"1.2.840.10008.1.2\x00", "padded"),
    ("UI", b"0.0.1\\2.25.1\x00", "two, padded"),
    ("UI", b"1." + b"2" * 62, "64 bytes"),
]
ILLEGAL = [
    ("AE", b"SEVENTEEN-LETTERS", "17 bytes"),
    ("AE", b"SEVENTEEN-LETTERS ", "17 bytes, padded"),
    ("AE", b"SEVENTEEN-LETTER \\1", "17 bytes with a space, and another"),
    ("AE", b"    ", "spaces alone"),
    ("AE", b"TAB\tAE", "a control"),
    ("AE", b"\xc4E", "beyond ASCII"),
    ("AS", b"34Y", "two digits"),
    ("AS", b"034y", "lower case"),
    ("CS", b"Original", "lower case"),
    ("CS", b"A-B", "a hyphen"),
    ("CS", b"ABCDEFGHIJKLMNOPQ", "17 bytes"),
    ("CS", b"ABCDEFGHIJKLMNOPQ ", "17 bytes, padded"),
    ("CS", b"ABCDEFGHIJKLMNOP \\1", "17 bytes with a space, and another"),
    ("CS", b"OK\x00\x00", "NUL"),
    ("CS", b"OK\n", "a line feed at the end"),
    ("DA", b"2024.02.29", "the form of ACR-NEMA"),
    ("DA", b"20240230", "30 February"),
    ("DA", b"20240431", "31 April"),
    ("DA", b"20241301", "month 13"),
    ("DA", b"20240101-20240201", "a range"),
    ("DS", b"1,5", "a comma"),
    ("DS", b"NaN", "no number"),
    ("DS", b"1 2", "a space within"),
    ("DS", b"e5", "an exponent alone"),
    ("DS", b".", "a point alone"),
    ("DS", b"12345678901234567", "17 bytes"),
    ("DS", b"12345678901234567 ", "17 bytes, padded"),
    ("DS", b"1234567890123456 \\1", "17 bytes with a space, and another"),
    ("DT", b"20240229236000", "minute 60"),
    ("DT", b"2024-0000", "minus zero"),
    ("DT", b"2024+1401", "beyond +1400"),
    ("DT", b"202", "three digits"),
    ("IS", b"2147483648", "one too many"),
    ("IS", b"1\\-2147483649", "one too few"),
    ("IS", b"1.0", "a point"),
    ("IS", b"0000000000001", "13 bytes"),
    ("IS", b"0000000000001 ", "13 bytes, padded"),
    ("IS", b"000000000000 \\1", "13 bytes with a space, and another"),
    ("TM", b"24", "hour 24"),
    ("TM", b"12:30", "a colon"),
    ("TM", b"123", "half a minute"),
    ("TM", b"120000.1234567", "seven decimals"),
    ("UI", b"1.02.3", "a leading zero"),
    ("UI", b"1..2", "an empty component"),
    ("UI", b"1.2.", "a point at the end"),
    ("UI", b"1.2 ", "padded with a space"),
    ("UI", b"1.a", "a letter"),
    ("UI", b"1." + b"2" * 63, "65 bytes"),
    ("UI", b"1.2\x003\x00", "NUL within"),
]


def table(rows: list[tuple[str, bytes, str]]) -> list[object]:
    return [pytest.param(vr, value, id=f"{vr}: {why}") for vr, value, why in rows]


@pytest.mark.parametrize(("vr", "value"), table(LEGAL))
def test_what_the_table_allows_is_legal(vr: str, value: bytes) -> None:
    assert is_legal(value, vr)


@pytest.mark.parametrize(("vr", "value"), table(ILLEGAL))
def test_what_the_table_does_not_allow_is_illegal(vr: str, value: bytes) -> None:
    assert not is_legal(value, vr)


@pytest.mark.parametrize("vr", sorted(FORMED_VRS))
def test_an_empty_value_is_legal(vr: str) -> None:
    assert is_legal(b"", vr)


@given(st.sampled_from([case[:2] for case in ILLEGAL]), st.sampled_from([0, 1]))
def test_one_illegal_value_among_others_makes_the_field_illegal(
    case: tuple[str, bytes], place: int
) -> None:
    vr, illegal = case
    legal = next(value for a_vr, value, _ in LEGAL if a_vr == vr).strip(b" \x00")

    field = b"\\".join([legal, illegal] if place else [illegal, legal])

    assert not is_legal(field, vr)


@given(st.integers())
def test_an_integer_string_is_legal_within_32_bits(number: int) -> None:
    assert is_legal(str(number).encode(), "IS") == (-(2**31) <= number < 2**31)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_as_short_as_16_bytes_is_a_legal_decimal(number: float) -> None:
    text = repr(number).encode()

    assert is_legal(text, "DS") == (len(text) <= 16)


@given(st.dates(), st.times())
def test_every_date_and_time_of_the_calendar_is_legal(day: object, time: object) -> None:
    assert is_legal(f"{day:%Y%m%d}".rjust(8, "0").encode(), "DA")
    assert is_legal(f"{time:%H%M%S.%f}".encode(), "TM")


def test_a_hundred_thousand_numbers_are_judged() -> None:
    field = b"\\".join([b"-123.456"] * 100_000)

    assert is_legal(field, "DS")
    assert not is_legal(field + b"x", "DS")


@pytest.mark.parametrize("vr", sorted(TEXT_VRS))
@pytest.mark.parametrize(
    "value", [b"", b"text", b"padded\x00", b"padded\x00\x00", b"\x00\x00", b"\xe9\xff"]
)
def test_text_without_controls_has_none_whatever_pads_it(vr: str, value: bytes) -> None:
    assert not has_control(value, vr)


SWALLOWED = b"DOE^JOHN\x10\x00\x20\x00LO\x02\x00ID"  # (0010,0010) with (0010,0020) in it


@pytest.mark.parametrize("vr", sorted(TEXT_VRS))
@pytest.mark.parametrize("value", [SWALLOWED, b"a\x00b", b"\x0b", b"\x01", b"a\x1f\x00"])
def test_a_value_that_holds_the_next_element_has_controls(vr: str, value: bytes) -> None:
    assert has_control(value, vr)


@pytest.mark.parametrize(
    ("vr", "value", "found"),
    [
        ("ST", b"a\r\n\tb\x0c", False),
        ("UT", b"\x1b$B;3\x1b(B\r\n", False),
        ("LO", b"\x1b$B;3\x1b(B", False),
        ("LO", b"a\r\n", True),
        ("PN", b"A^B\t", True),
        ("CS", b"\x1b(B", True),
        ("UR", b"\n", True),
        ("OB", b"\x00\x01\x02", False),
    ],
)
def test_each_kind_of_text_has_its_own_controls(vr: str, value: bytes, found: bool) -> None:
    assert has_control(value, vr) is found


@pytest.mark.parametrize("vr", sorted(PLAIN_FIELDS))
@given(data=st.data())
def test_what_is_plainly_legal_is_legal(vr: str, data: st.DataObject) -> None:
    value = data.draw(st.text("-0123456789.AZ_ \\+e", max_size=20)).encode("ascii")

    if PLAIN_FIELDS[vr](value):
        assert is_legal(value, vr)
