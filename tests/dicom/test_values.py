"""Values are split, stripped and padded by their VR."""

import subprocess
import sys

import pytest

from dicomveil.dicom.charsets import Charset
from dicomveil.dicom.values import decode, encode, split_person_name, split_values, strip
from dicomveil.errors import BadValue

KANJI = Charset.of(["", "ISO 2022 IR 87"])


@pytest.mark.parametrize(
    ("vr", "value", "bare"),
    [
        ("LO", b"  both ends  ", b"both ends"),
        ("SH", b" a ", b"a"),
        ("CS", b" A ", b"A"),
        ("DS", b" 1.5 ", b"1.5"),
        ("IS", b" 1 ", b"1"),
        ("AE", b" A ", b"A"),
        ("ST", b"  indented ", b"  indented"),
        ("LT", b" a\r\n ", b" a\r\n"),
        ("UT", b" a ", b" a"),
        ("PN", b"A^B ", b"A^B"),
        ("UI", b"1.2\x00", b"1.2"),
        ("UI", b"1.2 ", b"1.2"),
        ("LO", b"text\x00", b"text"),
        ("LO", b"   ", b""),
    ],
)
def test_padding_is_no_part_of_a_value(vr: str, value: bytes, bare: bytes) -> None:
    assert strip(value, vr) == bare


@pytest.mark.parametrize(
    ("terms", "vr", "value", "parts"),
    [
        pytest.param([], "LO", b"", [], id="empty"),
        pytest.param([], "LO", b"  ", [], id="padding alone"),
        pytest.param([], "CS", b"A\\B ", [b"A", b"B"], id="two"),
        pytest.param([], "CS", b"A\\\\B\\", [b"A", b"", b"B", b""], id="empty ones"),
        pytest.param([], "UI", b"1.2\\1.3\x00", [b"1.2", b"1.3"], id="UIDs"),
        pytest.param([], "LT", b"C:\\dir ", [b"C:\\dir"], id="a VR of one value"),
        pytest.param(["GB18030"], "LO", b"\x81\x5c\\A", [b"\x81\x5c", b"A"], id="GB18030 pair"),
        pytest.param(
            ["GB18030"],
            "LO",
            b"\x81\x30\x81\x30\\\xb0\xa1",
            [b"\x81\x30\x81\x30", b"\xb0\xa1"],
            id="four",
        ),
        pytest.param(["GBK"], "PN", b"\x81\x5c\\\x82\x5c", [b"\x81\x5c", b"\x82\x5c"], id="GBK"),
        pytest.param(["GBK"], "LO", b"A\\\\", [b"A", b"", b""], id="GBK, empty ones"),
        pytest.param(["GBK"], "CS", b"\x81\\A", [b"\x81", b"A"], id="a VR without character sets"),
        pytest.param(["ISO_IR 13"], "LO", b"\xb1\\\xb2", [b"\xb1", b"\xb2"], id="the yen sign"),
        pytest.param(
            ["", "ISO 2022 IR 87"],
            "LO",
            b"\x1b$B!\\\x1b(B\\\x1b$B;3\x1b(B",
            [b"\x1b$B!\\\x1b(B", b"\x1b$B;3\x1b(B"],
            id="half a kanji",
        ),
        pytest.param(
            ["", "ISO 2022 IR 87", "ISO 2022 IR 149"],
            "LO",
            b"\x1b$B;3\x1b$)C\xb1\xe6!\\\x1b(B\\A",
            [b"\x1b$B;3\x1b$)C\xb1\xe6!\\\x1b(B", b"A"],
            id="half a kanji after a change of G1",
        ),
        pytest.param(
            ["", "ISO 2022 IR 149"],
            "LO",
            b"\x1b$)C\xb1\xe6\\\x1b$)C\xb1\xe6",
            [b"\x1b$)C\xb1\xe6", b"\x1b$)C\xb1\xe6"],
            id="Korean",
        ),
    ],
)
def test_values_are_split_where_a_backslash_is_one(
    terms: list[str], vr: str, value: bytes, parts: list[bytes]
) -> None:
    assert split_values(value, vr, Charset.of(terms)) == parts


@pytest.mark.parametrize(
    ("vr", "text", "field"),
    [
        ("LO", "odd", b"odd "),
        ("LO", "even", b"even"),
        ("UI", "1.2", b"1.2\x00"),
        ("DA", "20200101", b"20200101"),
        ("LO", "", b""),
    ],
)
def test_a_field_has_an_even_length(vr: str, text: str, field: bytes) -> None:
    assert encode(text, vr) == field


def test_padding_is_counted_after_the_escapes() -> None:
    field = encode("山", "LO", KANJI)

    assert field == b"\x1b$B;3\x1b(B"
    assert len(encode("山a", "LO", KANJI)) % 2 == 0


@pytest.mark.parametrize("vr", ["CS", "DA", "UI", "UR", "AE"])
def test_character_sets_do_not_reach_the_vrs_that_know_none(vr: str) -> None:
    utf8 = Charset.of(["ISO_IR 192"])

    with pytest.raises(BadValue):
        decode("é".encode(), vr, utf8)
    with pytest.raises(BadValue):
        encode("é", vr, utf8)


@pytest.mark.parametrize("vr", ["US", "OB", "UN", "SQ"])
def test_a_vr_that_holds_no_text_is_not_read_as_text(vr: str) -> None:
    with pytest.raises(BadValue):
        decode(b"text", vr)


@pytest.mark.parametrize(
    ("name", "groups"),
    [
        ("", (("",),)),
        ("Doe", (("Doe",),)),
        ("Doe ^John^^Dr.^", (("Doe", "John", "", "Dr.", ""),)),
        (
            "Yamada^Tarou=山田^太郎=やまだ^たろう",
            (("Yamada", "Tarou"), ("山田", "太郎"), ("やまだ", "たろう")),
        ),
        ("=山田", (("",), ("山田",))),
        ("a=b=c=d^1^2^3^4^5", (("a",), ("b",), ("c",), ("d", "1", "2", "3", "4", "5"))),
    ],
)
def test_a_person_name_has_groups_of_parts(name: str, groups: tuple[tuple[str, ...], ...]) -> None:
    assert split_person_name(name) == groups


def test_reading_text_of_any_character_set_does_not_import_pydicom() -> None:
    """Importing pydicom costs 290 ms and 44 MB, which is why the tables exist."""
    program = (
        "import sys; from dicomveil.dicom.charsets import Charset;"
        "from dicomveil.dicom.values import decode;"
        "from dicomveil.dicom.dictionary import vr_of; vr_of(0x00100010);"
        "decode(b'J\\xe9', 'PN', Charset.of(['ISO_IR 100']));"
        "decode(b'\\x1b$B;3\\x1b(B', 'PN', Charset.of(['', 'ISO 2022 IR 87']));"
        "sys.exit('pydicom' in sys.modules)"
    )

    finished = subprocess.run([sys.executable, "-c", program], check=False)

    assert finished.returncode == 0
