"""The plain road: what comes out of one object, and what is refused."""

from dataclasses import replace

import pytest

from dicomveil.dicom.forms import Form
from dicomveil.engine.cleaner import Cleaner, Options, Templates
from tests.builders import EXPLICIT, IMPLICIT, KEY, El, Item, encode, part10
from tests.engine.roads import BASIC, Outcome, outcome, slice_of

PHYSICIAN = El(0x00321032, "PN", "Somebodyelse^Eve")
WRONG_LENGTHS = [
    pytest.param(El(0x00281201, "OW", bytes(8)), id="a table"),
    pytest.param(El(0x00280009, "AT", bytes(4)), id="any number of tags"),
    pytest.param(El(0x00281101, "US", bytes(6)), id="three numbers"),
    pytest.param(El(0x00281054, "LO", b"HU"), id="a text"),
]


def plain(elements: list[El], syntax: str = EXPLICIT) -> Outcome:
    """What becomes of a file of these elements."""
    options = Options(templates=Templates.OFF)
    return outcome(Cleaner(BASIC, KEY, options=options), part10(elements, syntax))


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
@pytest.mark.parametrize(
    "element",
    WRONG_LENGTHS,
)
def test_a_kept_value_that_swallows_a_name_does_not_leave(element: El, syntax: str) -> None:
    form = Form.IMPLICIT_LE if syntax == IMPLICIT else Form.EXPLICIT_LE
    assert isinstance(element.value, bytes)
    greedy = replace(element, value=element.value + encode([PHYSICIAN], form))

    written = plain(slice_of(1, greedy), syntax).written

    assert b"Somebodyelse" not in written


@pytest.mark.parametrize("tag", [0x00120062, 0x00120063, 0x00280303])
def test_a_mark_that_is_a_sequence_is_replaced(tag: int) -> None:
    written = plain(slice_of(1, El(tag, "SQ", [Item((PHYSICIAN,))]))).written

    assert b"Somebodyelse" not in written
    assert written


@pytest.mark.parametrize("vr", ["SQ", "OB", "UT", "PN"])
def test_an_earlier_method_of_another_vr_is_not_carried_over(vr: str) -> None:
    typed = El(0x00400280, "ST", "lives in Elm Street")
    value = [Item((typed,))] if vr == "SQ" else "lives in Elm Street"

    written = plain(slice_of(1, El(0x00120063, vr, value))).written

    assert b"dicomveil" in written
    assert b"Elm Street" not in written
