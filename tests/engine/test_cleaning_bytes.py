"""Bytes of unknown writing are cleaned as text where they are text, and overwritten where not."""

import pytest

from dicomveil.dicom.charsets import DEFAULT, Charset
from dicomveil.engine.cleaning import Known, Wording
from dicomveil.engine.cleaning_bytes import clean_bytes
from dicomveil.engine.people import Kind, Told

PATIENT = Known.of(
    [
        Told(Kind.NAME, "Müller^Li=山田^太郎"),
        Told(Kind.NUMBER, "00123456"),
        Told(Kind.DATE, "19800112"),
    ]
)
JAPANESE = Charset.of(["", "ISO 2022 IR 87"])
LATIN = Charset.of(["ISO_IR 100"])


@pytest.mark.parametrize(
    ("value", "charset", "left"),
    [
        pytest.param(b"CT head MUELLER ", DEFAULT, b"CT head", id="ASCII"),
        pytest.param("CT Müller".encode(), DEFAULT, b"CT", id="UTF-8, unannounced"),
        pytest.param("CT Müller é".encode("latin-1"), DEFAULT, b"CT \xe9", id="Latin-1"),
        pytest.param("CT Müller é".encode("latin-1"), LATIN, b"CT \xe9", id="as announced"),
        pytest.param(b"CT 12.1.80\0", DEFAULT, b"CT", id="a known date"),
        pytest.param(b"CT a@b.org", DEFAULT, b"CT", id="a shape"),
        pytest.param(JAPANESE.encode("CT 山田太郎", ""), JAPANESE, b"CT", id="ISO 2022"),
    ],
)
def test_bytes_that_are_text_are_cleaned_as_text(
    value: bytes, charset: Charset, left: bytes
) -> None:
    assert clean_bytes(value, PATIENT, charset).value == left


@pytest.mark.parametrize(
    "value",
    [
        b"CT head \0",
        b"CT\0\1\2\3 head",
        b"",
        b"\0\0",
        "Größe".encode("latin-1"),
        bytes(range(128, 256)) + b"\0",
    ],
)
def test_what_holds_nobody_stays_byte_for_byte(value: bytes) -> None:
    assert clean_bytes(value, PATIENT).value == value


@pytest.mark.parametrize(
    "planted",
    [
        pytest.param(b"MUELLER^LI", id="ASCII"),
        pytest.param(b"00123456", id="a number"),
        pytest.param("Müller".encode("latin-1"), id="Latin-1"),
        pytest.param("Müller".encode(), id="UTF-8"),
        pytest.param("MUELLER".encode("utf-16-le"), id="UTF-16"),
        pytest.param("山田".encode("utf-16-le"), id="ideographs in UTF-16"),
        pytest.param("山田".encode("iso2022_jp")[3:-3], id="JIS without its escapes"),
    ],
)
def test_what_is_no_text_is_overwritten_and_keeps_its_length(planted: bytes) -> None:
    value = b"\1\2\0\3 " + planted + b" \4\0\5\6"

    clean = clean_bytes(value, PATIENT, JAPANESE)

    assert len(clean.value) == len(value)
    assert clean.known >= 1
    assert planted not in clean.value
    assert (clean.value[:4], clean.value[-4:]) == (value[:4], value[-4:])


def test_two_letters_among_bytes_are_chance() -> None:
    value = b"\1\2 LI \3\0"

    assert clean_bytes(value, PATIENT).value == value


def test_strict_empties_what_is_no_text() -> None:
    assert clean_bytes(b"\1\2\3\0", PATIENT, DEFAULT, Wording.STRICT) == (b"", 0, 0, True)


def test_the_repr_counts() -> None:
    assert repr(clean_bytes(b"MUELLER", PATIENT)) == "<CleanBytes: 1 known, 0 shapes>"
