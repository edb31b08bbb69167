"""What the oracle wants of each kind of element."""

from typing import Any

import pytest
from pydicom.dataset import Dataset

from tests.oracle.basic import expected_body
from tests.oracle.claims import EMPTY, Absent, AnyOf, Dummy, DummyItem, Items, Same, Written
from tests.oracle.pseudonyms import uid
from tests.oracle.studies import CT, KEY, study, wanted
from tests.oracle.tree import Leaf


def item(**elements: Any) -> Dataset:
    made = Dataset()
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        pytest.param("PatientAddress", "1 Road", id="X"),
        pytest.param("IconImageSequence", [item(Rows=1)], id="X of a sequence"),
        pytest.param("ScheduledProcedureStepEndTime", "1200", id="a time of a row"),
        pytest.param("RetrieveURL", "http://a/b", id="unlisted UR"),
        pytest.param("RetrieveAETitle", "HOSPITAL", id="unlisted AE"),
        pytest.param("ICCProfile", b"\1\2", id="unlisted OB that shows nothing"),
    ],
)
def test_what_may_identify_is_removed(keyword: str, value: Any) -> None:
    made = study()
    made.add_new(keyword, _vr(keyword), value)

    assert made[keyword].tag not in wanted(made)


@pytest.mark.parametrize(
    ("tag", "node"),
    [
        pytest.param(0x00280030, Leaf("DS", b"about 1 "), id="DS of words"),
        pytest.param(0x00280030, Leaf("DS", b"0.48828125000000001\\1 "), id="DS of 19 letters"),
        pytest.param(0x00180015, Leaf("CS", b"Jane Doe"), id="CS in small letters"),
        pytest.param(0x00200013, Leaf("IS", b"2147483648"), id="IS of 32 bits and one"),
        pytest.param(0x00280010, Leaf("LO", b"Jane Doe"), id="text that poses as another VR"),
        pytest.param(0x00081140, Leaf("UN", b"Jane Doe"), id="bytes for a sequence"),
    ],
)
def test_a_value_that_is_not_legal_is_removed(tag: int, node: Leaf) -> None:
    assert tag not in expected_body({tag: node}, KEY)


@pytest.mark.parametrize(
    ("tag", "vr", "value"),
    [
        pytest.param(0x00091001, "LO", "x", id="private"),
        pytest.param(0x00090010, "LO", "ACME", id="private creator"),
        pytest.param(0x50000005, "US", 1, id="curve"),
        pytest.param(0x60000010, "US", 1, id="overlay"),
        pytest.param(0x00041220, "US", 1, id="directory"),
        pytest.param(0x00180000, "UL", 4, id="group length"),
        pytest.param(0x00189BFE, "US", 4, id="unknown to the dictionary"),
    ],
)
def test_no_element_of_a_foreign_group_stays(tag: int, vr: str, value: Any) -> None:
    made = study()
    made.add_new(tag, vr, value)

    assert tag not in wanted(made)


@pytest.mark.parametrize(
    ("keyword", "value", "raw"),
    [
        pytest.param("Rows", 2, b"\2\0", id="a number"),
        pytest.param("SliceThickness", "2.5", b"2.5 ", id="a legal DS"),
        pytest.param("Modality", "CT", b"CT", id="a legal CS"),
        pytest.param("PixelData", b"\1\2", b"\1\2", id="pixels"),
        pytest.param("WaveformData", b"\1\2", b"\1\2", id="a waveform"),
        pytest.param("FrameIncrementPointer", 0x00181063, b"\x18\0\x63\x10", id="a tag"),
        pytest.param("SOPClassUID", CT, (CT + "\0").encode(), id="a UID of the registry"),
    ],
)
def test_what_identifies_nobody_keeps_its_bytes(keyword: str, value: Any, raw: bytes) -> None:
    made = study()
    made.add_new(keyword, _vr(keyword), value)

    assert wanted(made)[made[keyword].tag] == Same(_vr(keyword), raw)


@pytest.mark.parametrize(
    ("keyword", "value", "claim"),
    [
        pytest.param("PatientSex", "F", EMPTY, id="Z"),
        pytest.param("ReferencedStudySequence", [item(Rows=1)], Items(()), id="X/Z sequence"),
        pytest.param("ProtocolName", "Jane", Dummy("LO", b"Jane"), id="X/D"),
        pytest.param("StationName", "CT01", Dummy("SH", b"CT01"), id="X/Z/D"),
        pytest.param("ContentDate", "20200101", Dummy("DA", b"20200101"), id="Z/D"),
        pytest.param("StructureSetLabel", "Jane", Dummy("SH", b"Jane"), id="D"),
    ],
)
def test_a_row_is_done_and_a_compound_takes_the_usable_choice(
    keyword: str, value: Any, claim: object
) -> None:
    made = study()
    made.add_new(keyword, _vr(keyword), value)

    assert wanted(made)[made[keyword].tag] == claim


def test_a_dummied_sequence_is_one_item_without_an_old_value() -> None:
    made = study(VerifyingObserverSequence=[item(VerifyingObserverName="A^B"), item(Rows=1)])

    assert wanted(made)[0x0040A073] == DummyItem(frozenset({b"A^B", b"\1"}))


def test_an_unlisted_sequence_is_recursed_at_every_level() -> None:
    inner = item(PatientAddress="1 Road", Rows=3)
    made = study(SharedFunctionalGroupsSequence=[item(CTImageFrameTypeSequence=[inner])])

    assert wanted(made)[0x52009229] == Items(({0x00189329: Items(({0x00280010: _US3},))},))


def test_referenced_images_stay_under_new_uids() -> None:
    reference = item(ReferencedSOPClassUID=CT, ReferencedSOPInstanceUID="1.2.9")
    made = study(ReferencedImageSequence=[reference])

    claim = wanted(made)[0x00081140]

    assert isinstance(claim, Items)
    assert claim.items[0][0x00081155] == Written(uid(KEY, b"1.2.9").encode())
    assert isinstance(claim.items[0][0x00081150], Same)


def test_each_value_of_a_uid_is_replaced_by_itself_unless_registered() -> None:
    made = study(RelatedGeneralSOPClassUID=[CT, f"{CT}.999", "1.2.9"])

    news = [CT, uid(KEY, f"{CT}.999".encode()), uid(KEY, b"1.2.9")]
    text = "\\".join(news).encode()
    assert wanted(made)[0x0008001A] == Written(text + b"\0" * (len(text) % 2))


_US3 = Same("US", b"\3\0")


def _vr(keyword: str) -> str:
    from pydicom.datadict import dictionary_VR

    return {"PixelData": "OW", "WaveformData": "OW"}.get(keyword) or dictionary_VR(keyword)


def test_zeros_after_a_legal_value_leave_the_choice() -> None:
    same = Same("DS", b"-1024\0")

    assert expected_body({0x00281052: Leaf("DS", b"-1024\0")}, KEY)[0x00281052] == AnyOf(
        (same, Absent())
    )
