"""What the oracle makes of the compounds of Table E.1-1 where the attribute's Type is known."""

from typing import Any

import pytest
from pydicom.dataset import Dataset

from tests.oracle.basic import expected_body
from tests.oracle.claims import EMPTY, Absent, Claim, Dummy, Expectation, Items
from tests.oracle.studies import KEY, study, tree

CT, KO = "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.88.59"
SEG, PRESENTATION = "1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.11.1"
UNKNOWN = "1.2.840.10008.5.1.4.1.1.66.99"
ENHANCED, DX = "1.2.840.10008.5.1.4.1.1.2.1", "1.2.840.10008.5.1.4.1.1.1.1"


def item(**elements: Any) -> Dataset:
    made = Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def wanted_of(sop_class: str, **elements: Any) -> Expectation:
    return expected_body(tree(study(SOPClassUID=sop_class, **elements)), KEY, sop_class)


@pytest.mark.parametrize(
    ("sop_class", "keyword", "value", "claim"),
    [
        pytest.param(CT, "StationName", "CT01", Absent(), id="X/Z/D of Type 3 is X"),
        pytest.param(CT, "ProtocolName", "Jane", Absent(), id="X/D of Type 3 is X"),
        pytest.param(CT, "AcquisitionDate", "20200101", Absent(), id="X/Z/D of Type 3"),
        pytest.param(CT, "ContentDate", "20200101", EMPTY, id="Z/D of Type 2C is Z"),
        pytest.param(KO, "ContentDate", "20200101", Dummy("DA", b"20200101"), id="Z/D of Type 1"),
        pytest.param(ENHANCED, "DeviceSerialNumber", "1", Dummy("LO", b"1 "), id="X/Z/D of Type 1"),
        pytest.param(DX, "DetectorID", "Jane", Absent(), id="X/D where its module asks nothing"),
        pytest.param(CT, "PatientAddress", "1 Road", Absent(), id="X that nothing asks for"),
        pytest.param(CT, "PatientSex", "F", EMPTY, id="Z of Type 2"),
        pytest.param(CT, "ContentCreatorName", "A^B", EMPTY, id="Z/D has no X"),
        pytest.param(CT, "OperatorsName", "A^B", Absent(), id="X/Z/D of a person, of Type 3"),
    ],
)
def test_the_type_in_the_iod_says_which_of_several_actions_it_is(
    sop_class: str, keyword: str, value: str, claim: Claim
) -> None:
    made = study(**{keyword: value})

    told = wanted_of(sop_class, **{keyword: value})

    assert told.get(int(made[keyword].tag), Absent()) == claim


def test_what_no_row_keeps_is_a_dummy_where_the_iod_asks_for_a_value() -> None:
    segments = [item(SegmentNumber=1, SegmentLabel="Liver of Jane", SegmentDescription="Jane")]

    claim = wanted_of(SEG, SegmentSequence=segments)[0x00620002]

    assert isinstance(claim, Items)
    assert claim.items[0][0x00620005] == Dummy("LO", b"Liver of Jane ")
    assert 0x00620006 not in claim.items[0]


@pytest.mark.parametrize(
    ("sop_class", "stays"),
    [
        pytest.param(CT, False, id="Type 3 in General Reference"),
        pytest.param(UNKNOWN, True, id="of an IOD that nobody knows"),
    ],
)
def test_references_go_where_nothing_asks_for_them(sop_class: str, stays: bool) -> None:
    reference = item(ReferencedSOPClassUID=CT, ReferencedSOPInstanceUID="1.2.9")

    told = wanted_of(sop_class, ReferencedImageSequence=[reference])

    assert (0x00081140 in told) is stays


def test_references_stay_in_what_a_presentation_state_presents() -> None:
    image = item(ReferencedSOPClassUID=CT, ReferencedSOPInstanceUID="1.2.9")
    series = item(SeriesInstanceUID="1.2.8", ReferencedImageSequence=[image])

    claim = wanted_of(PRESENTATION, ReferencedSeriesSequence=[series])[0x00081115]

    assert isinstance(claim, Items)
    assert 0x00081140 in claim.items[0]


def test_an_element_of_a_module_without_type_1_shows_that_the_module_is_used() -> None:
    assert wanted_of(CT, ContrastBolusAgent="Jane")[0x00180010] == EMPTY
