"""A value is one line of text that prints, whatever it is."""

import struct

import pytest

from dicomveil.dicom.elements import Element
from dicomveil.dicom.forms import Form
from dicomveil.engine.plain import LONGEST, plain
from dicomveil.engine.scene import Scene


def seen(vr: str, value: bytes, form: Form = Form.EXPLICIT_LE) -> str:
    """The value of one element of this VR, alone in its data set."""
    element = Element(0x00091001, vr, 0, 0, len(value), len(value), None, form)
    return plain(Scene(value, [element]), element)


@pytest.mark.parametrize(
    ("vr", "value", "line"),
    [
        pytest.param("LO", b"plain text ", "plain text", id="text without its padding"),
        pytest.param("CS", b"ONE\\TWO ", "ONE\\TWO", id="several values"),
        pytest.param("LT", b"two\r\nlines", "two\\r\\nlines", id="line ends"),
        pytest.param("LO", b"M\xfcller", "M\\xfcller", id="beyond the character set"),
        pytest.param("US", b"\x01\x00\x02\x00", "1\\2", id="numbers"),
        pytest.param("FD", struct.pack("<d", 0.5), "0.5", id="a fraction"),
        pytest.param("AT", b"\x10\x00\x20\x00", "(0010,0020)", id="a tag"),
        pytest.param("US", b"\x01\x00\x02", "01 00 02", id="no whole number"),
        pytest.param("UN", b"as text ", "as text", id="bytes that print"),
        pytest.param("OB", b"\x00\x1b", "00 1b", id="bytes that do not"),
        pytest.param("OB", bytes(20), " ".join(["00"] * 16) + "…", id="many bytes"),
        pytest.param("US", bytes(20), "\\".join("0" * 8) + "…", id="many numbers"),
        pytest.param("UT", b"x" * 100, "x" * LONGEST + "…", id="a long text"),
        pytest.param("UT", b"x" * 70_000, "x" * LONGEST + "…", id="a very long text"),
        pytest.param("LO", b"", "", id="nothing"),
        pytest.param("SQ", b"\xfe\xff\x00\xe0\0\0\0\0", "", id="a sequence"),
    ],
)
def test_a_value_is_shown_by_its_vr(vr: str, value: bytes, line: str) -> None:
    assert seen(vr, value) == line


def test_numbers_are_read_in_the_byte_order_of_their_element() -> None:
    assert seen("UL", b"\0\0\1\0", Form.EXPLICIT_BE) == "256"


@pytest.mark.parametrize("vr", ["LO", "UN", "OB", "US", "ST", "XX"])
def test_no_byte_reaches_the_line_unprinted(vr: str) -> None:
    for byte in range(256):
        assert seen(vr, bytes([byte]) * 2).isprintable()
