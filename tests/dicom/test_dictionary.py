"""The dictionary answers as pydicom's does, which is the oracle here."""

import pytest
from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary
from pydicom.datadict import dictionary_VR

from dicomveil.dicom.dictionary import all_tags, keyword_of, repeating, tag_of, vm_of, vr_of
from dicomveil.dicom.tags import ITEM

OVERLAY_DATA = 0x60123000


def test_every_tag_of_the_dictionary_has_a_vr_that_pydicom_allows() -> None:
    for tag, (vr, *_) in DicomDictionary.items():
        assert (vr_of(tag) or "NONE") in vr.split(" or ")


def test_every_tag_of_the_dictionary_has_its_multiplicity_and_keyword() -> None:
    for tag, (_, vm, _, _, keyword) in DicomDictionary.items():
        assert (vm_of(tag), keyword_of(tag)) == (vm, keyword)


def test_every_keyword_leads_to_its_tag() -> None:
    for tag, (_, _, _, _, keyword) in DicomDictionary.items():
        assert not keyword or tag_of(keyword) == tag


def test_all_tags_are_those_with_a_vr_in_ascending_order() -> None:
    expected = sorted(tag for tag, row in DicomDictionary.items() if row[0] != "NONE")

    assert list(all_tags()) == expected


def test_every_repeating_entry_answers_for_its_tags() -> None:
    for mask, (vr, vm, _, _, keyword) in RepeatersDictionary.items():
        tag = int(mask.replace("x", "2"), 16)

        assert vr_of(tag) in vr.split(" or ")
        assert (vm_of(tag), keyword_of(tag)) == (vm, keyword)


def test_repeating_entries_are_counted_one_by_one() -> None:
    assert len(repeating()) == len(RepeatersDictionary)
    assert [entry.keyword for entry in repeating() if entry.matches(OVERLAY_DATA)] == [
        "OverlayData"
    ]


@pytest.mark.parametrize(
    ("tag", "vr"),
    [
        pytest.param(0x7FE00010, "OW", id="OB or OW is OW"),
        pytest.param(0x00280106, "US", id="US or SS is US"),
        pytest.param(0x00283006, "US", id="US or OW is US"),
        pytest.param(OVERLAY_DATA, "OW", id="overlay data"),
        pytest.param(0x00080000, "UL", id="group length"),
        pytest.param(0x60020000, "UL", id="group length of an overlay"),
        pytest.param(0x00070000, None, id="group length of a private group"),
        pytest.param(0x0A0A0000, None, id="group length of an unknown group"),
        pytest.param(0x00090010, "LO", id="private creator"),
        pytest.param(0x000900FF, "LO", id="last private creator"),
        pytest.param(0x00091001, None, id="private element"),
        pytest.param(0x00090001, None, id="private, below the creators"),
        pytest.param(0x60113000, None, id="private, though it looks like an overlay"),
        pytest.param(ITEM, None, id="item"),
        pytest.param(0x00081234, None, id="unknown"),
    ],
)
def test_a_vr_is_known_by_the_rules_of_the_standard(tag: int, vr: str | None) -> None:
    assert vr_of(tag) == vr


@pytest.mark.parametrize(
    ("tag", "vm"), [(0x00080000, "1"), (0x00090010, "1"), (0x00091001, None), (0x00081234, None)]
)
def test_a_tag_without_a_row_has_the_multiplicity_of_its_kind(tag: int, vm: str | None) -> None:
    assert vm_of(tag) == vm


def test_what_the_dictionary_does_not_know_has_no_keyword() -> None:
    assert keyword_of(0x00091001) == ""
    assert tag_of("PatientsName") is None


def test_a_keyword_of_many_tags_leads_to_none_of_them() -> None:
    assert tag_of("OverlayData") is None


def test_a_vr_is_one_object_however_often_it_is_asked() -> None:
    assert vr_of(0x00100010) is vr_of(0x00080090)
    assert vr_of(0x00100010) == dictionary_VR(0x00100010)
