"""Text becomes the bytes of a value, or it does not fit."""

import pytest

from dicomveil.dicom.charsets import DEFAULT, Charset
from dicomveil.dicom.fitting import Fit, Target, fitted
from dicomveil.dicom.forms import Form
from dicomveil.errors import Refused

LATIN = Charset.of(["ISO_IR 100"])


def fit(text: str, vr: str, form: Form = Form.EXPLICIT_LE, how: Fit = Fit.REFUSE) -> bytes:
    return fitted(text, Target(vr, LATIN, form), how)


@pytest.mark.parametrize(
    ("text", "vr", "value"),
    [
        ("", "SQ", b""),
        ("", "US", b""),
        ("abc", "LO", b"abc "),
        ("Müller^A", "PN", "Müller^A".encode("latin-1")),
        ("1.2.3", "UI", b"1.2.3\0"),
        ("A\\B", "CS", b"A\\B "),
        ("a\\b", "LT", b"a\\b "),
        ("1\\2", "US", b"\1\0\2\0"),
        ("-1", "SS", b"\xff\xff"),
        ("1.5", "FL", b"\0\0\xc0\x3f"),
        ("(0010,0020)", "AT", b"\x10\0\x20\0"),
    ],
)
def test_a_text_that_fits_is_written(text: str, vr: str, value: bytes) -> None:
    assert fit(text, vr) == value


def test_numbers_are_in_the_byte_order_of_the_form() -> None:
    assert fit("1", "US", Form.EXPLICIT_BE) == b"\0\1"
    assert fit("00100020", "AT", Form.EXPLICIT_BE) == b"\0\x10\0\x20"


@pytest.mark.parametrize(
    ("text", "vr", "code"),
    [
        ("x" * 17, "SH", "result-long"),
        ("x" * 65 + "=y", "PN", "result-long"),
        ("70000", "US", "result-long"),
        ("1e39", "FL", "result-long"),
        ("山", "LO", "result-characters"),
        ("ä", "AE", "result-characters"),
        ("a\x07", "LO", "result-characters"),
        ("ct", "CS", "result-characters"),
        ("20041301", "DA", "result-form"),
        ("a=b=c=d", "PN", "result-form"),
        ("x", "US", "result-form"),
        ("x", "AT", "result-form"),
        ("x", "OB", "result-form"),
        ("x", "SQ", "result-form"),
    ],
)
def test_a_text_that_does_not_fit_is_refused_with_its_reason(text: str, vr: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        fit(text, vr)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("text", "vr", "value"),
    [
        ("x" * 17, "SH", b"x" * 16),
        ("ct-1", "CS", b"CT1 "),
        ("山ä", "LO", "?ä".encode("latin-1")),
        ("ä", "AE", b"? "),
        ("x" * 65 + "=y=z=w", "PN", b"x" * 64 + b"=y=z"),
    ],
)
def test_a_text_is_cut_where_that_is_asked_for(text: str, vr: str, value: bytes) -> None:
    assert fit(text, vr, how=Fit.CUT) == value


def test_without_a_character_set_text_is_ascii() -> None:
    with pytest.raises(Refused):
        fitted("ä", Target("LO", DEFAULT, Form.EXPLICIT_LE), Fit.REFUSE)
