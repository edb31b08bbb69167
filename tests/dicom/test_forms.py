"""How elements are written, and what does not fit."""

import pytest

from dicomveil.dicom.forms import Form, encode_element, encode_item
from dicomveil.dicom.tags import (
    is_group_length,
    is_private,
    is_private_creator,
    parse_tag,
    tag_text,
)
from dicomveil.errors import TooLarge
from tests.builders import dicom


@pytest.mark.parametrize(
    ("form", "vr", "written"),
    [
        (Form.EXPLICIT_LE, "LO", '10 00 20 00 "LO" 02 00 "ab"'),
        (Form.EXPLICIT_LE, "UT", '10 00 20 00 "UT" 00 00 02 00 00 00 "ab"'),
        (Form.EXPLICIT_BE, "LO", '00 10 00 20 "LO" 00 02 "ab"'),
        (Form.EXPLICIT_BE, "OB", '00 10 00 20 "OB" 00 00 00 00 00 02 "ab"'),
        (Form.IMPLICIT_LE, "LO", '10 00 20 00 02 00 00 00 "ab"'),
    ],
)
def test_an_element_is_written_by_its_form(form: Form, vr: str, written: str) -> None:
    assert encode_element(form, 0x00100020, vr, b"ab") == dicom(written)


def test_an_item_is_written_by_its_form() -> None:
    assert encode_item(Form.EXPLICIT_BE, b"ab") == dicom('FF FE E0 00 00 00 00 02 "ab"')


def test_a_value_that_its_length_field_cannot_hold_is_refused() -> None:
    longest = encode_element(Form.EXPLICIT_LE, 0x00100020, "LO", bytes(0xFFFE))

    assert len(longest) == 8 + 0xFFFE
    with pytest.raises(TooLarge):
        encode_element(Form.EXPLICIT_LE, 0x00100020, "LO", bytes(0x10000))


@pytest.mark.parametrize("text", ["(0008,0018)", "0008,0018", "00080018", " 00080018 "])
def test_a_tag_is_read_as_people_write_it(text: str) -> None:
    assert tag_text(parse_tag(text)) == "(0008,0018)"


@pytest.mark.parametrize("text", ["", "0008", "PatientName", "(0008,00180)", "xxxxxxxx"])
def test_what_is_no_tag_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"tag|literal"):
        parse_tag(text)


def test_private_tags_and_their_creators_are_told_apart() -> None:
    assert [is_private(t) for t in (0x00080018, 0x00091001)] == [False, True]
    assert [is_private_creator(t) for t in (0x00090010, 0x000900FF, 0x00091001, 0x00080010)] == [
        True,
        True,
        False,
        False,
    ]
    assert [is_group_length(t) for t in (0x00080000, 0x00080001)] == [True, False]
