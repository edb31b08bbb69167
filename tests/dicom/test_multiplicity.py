"""Counts of values, by VR and VM."""

import pytest
from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary

from dicomveil.dicom.multiplicity import values_in, vm_allows


@pytest.mark.parametrize(
    ("length", "vr", "count"),
    [
        (6, "US", 3),
        (6, "SS", 3),
        (8, "UL", 2),
        (8, "SL", 2),
        (8, "FL", 2),
        (8, "AT", 2),
        (8, "FD", 1),
        (16, "SV", 2),
        (16, "UV", 2),
        (0, "US", 0),
        (3, "US", None),
        (6, "FL", None),
        (12, "FD", None),
        (5, "OB", 1),
        (5, "UN", 1),
        (4096, "OW", 1),
        (3, "OW", None),
        (6, "OF", None),
        (6, "OL", None),
        (12, "OD", None),
        (12, "OV", None),
        (0, "OW", 0),
    ],
)
def test_a_length_holds_whole_values_or_none(length: int, vr: str, count: int | None) -> None:
    assert values_in(length, vr) == count


@pytest.mark.parametrize(
    ("vm", "allowed"),
    [
        ("1", {1}),
        ("3", {3}),
        ("1-3", {1, 2, 3}),
        ("2-4", {2, 3, 4}),
        ("1-n", {1, 2, 3, 4, 5, 6, 7, 8}),
        ("3-n", {3, 4, 5, 6, 7, 8}),
        ("2-2n", {2, 4, 6, 8}),
        ("3-3n", {3, 6}),
    ],
)
def test_a_multiplicity_allows_its_counts_and_none_at_all(vm: str, allowed: set[int]) -> None:
    assert {count for count in range(9) if vm_allows(count, vm)} == allowed | {0}


def test_every_multiplicity_of_the_dictionary_is_understood() -> None:
    for row in (*DicomDictionary.values(), *RepeatersDictionary.values()):
        assert vm_allows(int(row[1].partition("-")[0]), row[1])


@pytest.mark.parametrize("vm", ["", "n", "1-", "1-n ", "one"])
def test_what_is_no_multiplicity_is_an_error(vm: str) -> None:
    with pytest.raises(ValueError, match="no value multiplicity"):
        vm_allows(1, vm)
