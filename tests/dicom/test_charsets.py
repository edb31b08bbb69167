"""Text by Specific Character Set: real files against pydicom, examples of PS3.5, and refusals."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.charset import convert_encodings, decode_bytes
from pydicom.data import get_charset_files
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset

from dicomveil.dicom.charsets import Charset
from dicomveil.dicom.values import CHARSET_VRS, decode, encode, split_values
from dicomveil.errors import BadValue

CORPUS = Path(os.environ.get("DICOMVEIL_CORPUS") or Path(__file__).parents[3] / "shared" / "corpus")
CHARSET_FILES = sorted(get_charset_files("*.dcm"))
CORPUS_FILES = sorted((CORPUS / "fo-dicom" / "charset").glob("*.dcm"))

# What means something to DICOM, and three that Python's codecs have beyond the DICOM sets.
NOT_DRAWN = "\\^= \u00a5\u203e\u3164"
SINGLE_BYTE = (100, 101, 109, 110, 126, 127, 138, 144, 148, 166, 203)
JAPANESE = ("ISO 2022 IR 13", "ISO 2022 IR 87", "ISO 2022 IR 159")


class Text(NamedTuple):
    """A text element as it lies in a file, and the character set it is written in."""

    terms: tuple[str, ...]
    vr: str
    value: bytes


def texts(data: Dataset, inherited: tuple[str, ...] = ()) -> Iterator[Text]:
    """Every text element of a data set and of its items."""
    named = data.get("SpecificCharacterSet", None)
    terms = inherited if named is None else tuple([named] if isinstance(named, str) else named)
    for tag in list(data.keys()):
        raw: object = data.get_item(tag)  # its type there leaves the raw element out
        if isinstance(raw, RawDataElement) and raw.value and raw.VR in CHARSET_VRS:
            yield Text(terms, raw.VR, raw.value)
        elif data[tag].VR == "SQ":
            for item in data[tag].value:
                yield from texts(item, terms)


def agree_with_pydicom(path: str | Path) -> int:
    compared = 0
    for terms, vr, field in texts(dcmread(path)):
        charset = Charset.of(terms)
        theirs = convert_encodings(list(terms))
        marks = {0x5E, 0x3D} if vr == "PN" else {9, 10, 12, 13}
        for value in split_values(field, vr, charset):
            assert decode(value, vr, charset) == decode_bytes(value, theirs, marks)
            compared += 1
    return compared


@pytest.mark.parametrize("path", CHARSET_FILES, ids=lambda path: Path(path).name)
def test_every_text_of_pydicoms_files_is_read_as_pydicom_reads_it(path: str) -> None:
    assert agree_with_pydicom(path) > 0


@pytest.mark.skipif(not CORPUS_FILES, reason="no corpus: set DICOMVEIL_CORPUS to its folder")
def test_every_text_of_the_corpus_is_read_as_pydicom_reads_it() -> None:
    assert sum(agree_with_pydicom(path) for path in CORPUS_FILES) > 0


@pytest.mark.parametrize(
    ("terms", "value", "text"),
    [
        pytest.param(
            ("", "ISO 2022 IR 87"),
            b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B",
            "Yamada^Tarou=山田^太郎=やまだ^たろう",
            id="H.3.1",
        ),
        pytest.param(
            ("ISO 2022 IR 13", "ISO 2022 IR 87"),
            b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3=\x1b$B;3ED\x1b(J^\x1b$BB@O:\x1b(J",
            "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎",
            id="H.3.2",
        ),
        pytest.param(
            ("", "ISO 2022 IR 149"),
            b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7=\x1b$)C\xc8\xab^\x1b$)C\xb1\xe6\xb5\xbf",
            "Hong^Gildong=洪^吉洞=홍^길동",
            id="I.2",
        ),
        pytest.param(
            ("", "ISO 2022 IR 58"),
            b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=",
            "Zhang^XiaoDong=张^小东=",
            id="K.2, in which pydicom leaves the escapes",
        ),
        pytest.param(
            ("ISO_IR 192",),
            b"Wang^XiaoDong=\xe7\x8e\x8b^\xe5\xb0\x8f\xe6\x9d\xb1=",
            "Wang^XiaoDong=王^小東=",
            id="J.1",
        ),
        pytest.param(
            ("GB18030",),
            b"Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab=",
            "Wang^XiaoDong=王^小东=",
            id="J.2",
        ),
        pytest.param(
            ("ISO 2022 IR 100", "ISO 2022 IR 126"),
            b"J\xe9r\xf4me^\x1b-F\xc4\xe9\xef^\xe9",
            "Jérôme^Διο^é",
            id="a delimiter brings the first G1 back",
        ),
        pytest.param(
            ("ISO 2022 IR 100", "ISO 2022 IR 87"),
            b"\xe9\x1b$B;3\x1b(B\xe9",
            "é山é",
            id="G1 outlives a change of G0",
        ),
        pytest.param(("ISO 2022 IR 203",), b"\x1b-b\xa4", "€", id="Latin alphabet 9"),
        pytest.param(("ISO_IR 6",), b"A^B", "A^B", id="the default by name"),
    ],
)
def test_the_examples_of_the_standard_are_read_and_written(
    terms: tuple[str, ...], value: bytes, text: str
) -> None:
    charset = Charset.of(terms)

    assert decode(value, "PN", charset) == text
    assert decode(encode(text, "PN", charset), "PN", charset) == text


def test_a_line_end_brings_the_first_sets_back() -> None:
    charset = Charset.of(["", "ISO 2022 IR 149"])

    assert decode(b"\x1b$)C\xb1\xe6\r\nplain", "LT", charset) == "길\r\nplain"
    with pytest.raises(BadValue):
        decode(b"\x1b$)C\xb1\xe6\r\n\xb1\xe6", "LT", charset)


@pytest.mark.parametrize(
    "terms",
    [
        pytest.param(["ISO_IR 999"], id="unknown"),
        pytest.param(["iso_ir 100"], id="lower case"),
        pytest.param(["latin_1"], id="a codec's name"),
        pytest.param(["ISO 2022 GBK"], id="pydicom's misprint"),
        pytest.param(["ISO_IR 192", "ISO 2022 IR 87"], id="UTF-8 with others"),
        pytest.param(["", "GB18030"], id="GB18030 with others"),
        pytest.param(["ISO_IR 100", "ISO 2022 IR 87"], id="a set without escapes with others"),
        pytest.param(["ISO 2022 IR 100", ""], id="an empty one that is not the first"),
        pytest.param(["ISO 2022 IR 87"], id="a multi-byte set as the first"),
        pytest.param(["", "ISO 2022 IR 999"], id="unknown, as the second"),
    ],
)
def test_a_term_or_combination_that_is_not_defined_is_refused(terms: list[str]) -> None:
    with pytest.raises(BadValue) as refusal:
        Charset.of(terms)

    assert not any(term and term in str(refusal.value) for term in terms)


@pytest.mark.parametrize(
    ("terms", "value"),
    [
        pytest.param([], b"J\xe9r\xf4me", id="Latin-1 under the default"),
        pytest.param(["ISO_IR 192"], b"J\xe9r\xf4me", id="Latin-1 as UTF-8"),
        pytest.param(["ISO_IR 192"], b"\xe7\x8e", id="half a character"),
        pytest.param(["GB18030"], b"\xcd", id="half a pair"),
        pytest.param(["ISO_IR 166"], b"\xdb", id="a hole in Thai"),
        pytest.param(["ISO_IR 13"], b"\x8e\x52", id="Shift-JIS pairs as ISO_IR 13"),
        pytest.param(["ISO 2022 IR 13"], b"\x1b(J\x8e\x52", id="Shift-JIS pairs after an escape"),
        pytest.param(["ISO_IR 100"], b"\x1b$B;3ED\x1b(B", id="an escape without code extensions"),
        pytest.param(["", "ISO 2022 IR 87"], b"\x1b$)C\xb1\xe6", id="an escape not announced"),
        pytest.param(["", "ISO 2022 IR 87"], b"\x1b", id="an escape cut short"),
        pytest.param(["", "ISO 2022 IR 87"], b"\x1b$B;\x1b(B", id="half a kanji"),
        pytest.param(
            ["", "ISO 2022 IR 87"], b"\x1b(B\xe9", id="a high byte after a return to ASCII"
        ),
    ],
)
def test_a_byte_that_the_set_does_not_have_is_refused(terms: list[str], value: bytes) -> None:
    with pytest.raises(BadValue) as refusal:
        decode(value, "LO", Charset.of(terms))

    assert refusal.value.__context__ is None  # a codec's error would hold the bytes


@pytest.mark.parametrize(
    ("terms", "text"),
    [
        ([], "é"),
        (["ISO_IR 100"], "山"),
        (["ISO_IR 13"], "山"),
        (["", "ISO 2022 IR 87"], "é"),
        (["ISO_IR 192"], "\ud800"),
        (["ISO_IR 192"], "\x1b(B"),
    ],
)
def test_a_character_that_the_set_does_not_have_is_refused(terms: list[str], text: str) -> None:
    with pytest.raises(BadValue) as refusal:
        encode(text, "LO", Charset.of(terms))

    assert refusal.value.__context__ is None


def letters(*codecs: str) -> st.SearchStrategy[str]:
    """Texts of characters that the codecs have, without those that mean something to DICOM."""
    drawn = [
        st.characters(codec=codec, exclude_characters=NOT_DRAWN, exclude_categories=["Cc"])
        for codec in codecs
    ]
    return st.text(st.one_of(*drawn), max_size=12)


@pytest.mark.parametrize("number", SINGLE_BYTE)
@given(st.data())
def test_a_single_byte_text_survives_the_way_there_and_back(
    number: int, data: st.DataObject
) -> None:
    charset = Charset.of([f"ISO_IR {number}"])
    text = data.draw(letters(charset.codec))

    assert decode(encode(text, "LO", charset), "LO", charset) == text


@pytest.mark.parametrize("term", ["ISO_IR 192", "GB18030", "GBK"])
@given(st.data())
def test_a_multi_byte_text_survives_the_way_there_and_back(term: str, data: st.DataObject) -> None:
    charset = Charset.of([term])
    names = data.draw(st.lists(letters(charset.codec).filter(bool), max_size=4))

    field = encode("\\".join(names), "LO", charset)

    assert [decode(value, "LO", charset) for value in split_values(field, "LO", charset)] == names


@pytest.mark.parametrize(
    ("terms", "codecs"),
    [
        (("", "ISO 2022 IR 87"), ("ascii", "iso2022_jp")),
        (("", "ISO 2022 IR 149"), ("ascii", "euc_kr")),
        (("", "ISO 2022 IR 58"), ("ascii", "gb2312")),
        (
            ("ISO 2022 IR 100", "ISO 2022 IR 126", "ISO 2022 IR 144"),
            ("latin_1", "iso8859_7", "iso8859_5"),
        ),
        (
            ("ISO 2022 IR 100", "ISO 2022 IR 87", "ISO 2022 IR 149"),
            ("latin_1", "iso2022_jp", "euc_kr"),
        ),
    ],
)
@pytest.mark.parametrize("joint", ["^", "="])
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_an_escaped_text_survives_the_way_there_and_back(
    terms: tuple[str, ...], codecs: tuple[str, ...], joint: str, data: st.DataObject
) -> None:
    charset = Charset.of(terms)
    name = joint.join(data.draw(st.lists(letters(*codecs).filter(bool), min_size=1, max_size=3)))

    field = encode(f"{name}\\{name}", "PN", charset)

    assert [decode(value, "PN", charset) for value in split_values(field, "PN", charset)] == [
        name
    ] * 2


@given(st.text(st.sampled_from("aZﾔﾏﾀﾞ山田太郎やまだ丂丄^="), max_size=12))
def test_a_japanese_name_in_three_sets_survives_the_way_there_and_back(name: str) -> None:
    charset = Charset.of(JAPANESE)

    assert decode(encode(name, "PN", charset), "PN", charset) == name


@given(st.binary(max_size=24), st.sampled_from([(), ("ISO_IR 13",), JAPANESE, ("GBK",)]))
def test_any_bytes_are_read_or_refused(value: bytes, terms: tuple[str, ...]) -> None:
    charset = Charset.of(terms)

    try:
        parts = [decode(part, "PN", charset) for part in split_values(value, "PN", charset)]
    except BadValue:
        return

    assert all("\ufffd" not in part for part in parts)
