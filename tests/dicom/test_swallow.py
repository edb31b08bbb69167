"""A value whose length is too long by whole elements is told from one that merely looks odd."""

import pytest

from dicomveil.dicom.forms import Form
from dicomveil.dicom.swallow import holds_elements
from tests.builders import El, Ends, Item, encode

TAG = 0x00081030
NEXT = El(0x00100010, "PN", "A^B")
LONG = El(0x00104000, "UT", "text")
SEQUENCE = El(0x00101002, "SQ", [Item((El(0x00100020, "LO", "1"),))], Ends.DELIMITER)


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("before", [b"", b"ab", b"abcd" * 100])
@pytest.mark.parametrize(
    "swallowed",
    [[NEXT], [NEXT, LONG], [El(0x00100010, "PN", "")], [LONG], [SEQUENCE]],
    ids=["one", "two", "empty", "long", "sequence"],
)
def test_a_value_that_ends_with_whole_elements_holds_them(
    form: Form, before: bytes, swallowed: list[El]
) -> None:
    if form is Form.IMPLICIT_LE and swallowed == [SEQUENCE]:
        swallowed = [El(SEQUENCE.tag, "SQ", SEQUENCE.value)]
    assert holds_elements(before + encode(swallowed, form), form, TAG)


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"a text\0with controls\1", id="controls"),
        pytest.param(bytes(64), id="zeros"),
        pytest.param(b"\xff" * 64, id="ones"),
        pytest.param(b"\x10\0\x20\0LO", id="too short for a head"),
    ],
)
def test_a_value_that_holds_none_is_let_be(form: Form, value: bytes) -> None:
    assert not holds_elements(value, form, TAG)


@pytest.mark.parametrize("form", Form)
def test_elements_that_could_not_come_after_are_no_swallowed_ones(form: Form) -> None:
    assert not holds_elements(encode([El(0x00080018, "UI", "1.2")], form), form, TAG)


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("lie", [-2, 2])
def test_elements_that_do_not_end_with_the_value_are_none(form: Form, lie: int) -> None:
    assert not holds_elements(encode([El(0x00100010, "PN", "ABCD", lie=lie)], form), form, TAG)


def test_a_long_head_that_is_cut_is_none() -> None:
    assert not holds_elements(encode([El(0x00104000, "UT", "")])[:8], Form.EXPLICIT_LE, TAG)
