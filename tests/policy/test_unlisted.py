"""An element that no rule names goes by its VR."""

import pytest

from dicomveil.dicom.forms import VRS
from dicomveil.policy.actions import (
    Action,
    Keep,
    KeepIfLegal,
    KeepIfRegistered,
    Recurse,
    Remove,
)
from dicomveil.policy.unlisted import FAMILIES, reviewed_by_vr

UNLISTED = reviewed_by_vr()


@pytest.mark.parametrize(
    ("tag", "vr", "action"),
    [
        pytest.param(0x00080016, "UI", KeepIfRegistered(), id="a UID"),
        pytest.param(0x00080060, "CS", KeepIfLegal(), id="a code"),
        pytest.param(0x00280030, "DS", KeepIfLegal(), id="a decimal"),
        pytest.param(0x00200013, "IS", KeepIfLegal(), id="an integer"),
        pytest.param(0x00280010, "US", Keep(), id="a number"),
        pytest.param(0x00280009, "AT", Keep(), id="a pointer"),
        pytest.param(0x00082218, "SQ", Recurse(), id="a sequence"),
        pytest.param(0x00080070, "LO", Keep(), id="a reviewed text that stays"),
        pytest.param(0x00204000, "LT", Remove(), id="a text no review kept"),
        pytest.param(0x00181003, "LO", Remove(), id="a reviewed text that goes"),
        pytest.param(0x7FE00010, "OW", Keep(), id="the picture"),
        pytest.param(0x00283006, "OW", Keep(), id="a look-up table"),
        pytest.param(0x54001010, "OB", Keep(), id="a waveform"),
        pytest.param(0x00282000, "OB", Remove(), id="bytes that hold text"),
        pytest.param(0x00401011, "PN", Remove(), id="a name"),
        pytest.param(0x00189074, "DA", Remove(), id="a date"),
        pytest.param(0x00189074, "DT", Remove(), id="a date and time"),
        pytest.param(0x00189074, "TM", Remove(), id="a time"),
        pytest.param(0x00189074, "AS", Remove(), id="an age"),
        pytest.param(0x00189074, "AE", Remove(), id="an application"),
        pytest.param(0x00081190, "UR", Remove(), id="an address"),
        pytest.param(0x00280010, "UN", Remove(), id="unknown"),
    ],
)
def test_the_unlisted_goes_by_its_vr(tag: int, vr: str, action: Action) -> None:
    assert UNLISTED.action(tag, vr) == action


@pytest.mark.parametrize("vr", sorted(VRS.values()))
def test_a_tag_that_the_dictionary_does_not_know_is_removed(vr: str) -> None:
    assert UNLISTED.action(0x0018FFEE, vr) == Remove()


@pytest.mark.parametrize(
    ("tag", "vr"),
    [
        pytest.param(0x00401400, "US", id="a text as numbers"),
        pytest.param(0x00081190, "UL", id="an address as numbers"),
        pytest.param(0x00280030, "LO", id="a number as text"),
        pytest.param(0x00080070, "OB", id="a text that stays, as bytes"),
        pytest.param(0x7FE00010, "UT", id="the picture as text"),
        pytest.param(0x00080060, "UI", id="a code as a UID"),
        pytest.param(0x00280010, "SQ", id="a number as a sequence"),
        pytest.param(0x00280010, "??", id="a VR that does not exist"),
    ],
)
def test_an_element_is_removed_whose_vr_is_not_of_its_tags_family(tag: int, vr: str) -> None:
    assert UNLISTED.action(tag, vr) == Remove()


@pytest.mark.parametrize(
    ("tag", "vr", "action"),
    [
        pytest.param(0x00280030, "IS", KeepIfLegal(), id="another number in text"),
        pytest.param(0x00280106, "SS", Keep(), id="US or SS"),
        pytest.param(0x00283006, "US", Keep(), id="US or OW"),
        pytest.param(0x00080070, "SH", Keep(), id="another text"),
    ],
)
def test_a_vr_of_the_same_family_is_as_good(tag: int, vr: str, action: Action) -> None:
    assert UNLISTED.action(tag, vr) == action


def test_every_vr_of_the_standard_has_a_family() -> None:
    assert FAMILIES.keys() == set(VRS.values())
