"""A broken file is read as far as it goes."""

import pytest
from pydicom.data import get_testdata_file

from dicomveil.dicom.creators import Creators, is_known_creator
from dicomveil.dicom.elements import Element
from dicomveil.dicom.reading import Reading, read
from dicomveil.errors import NotDicom, Truncated


def whole(name: str) -> bytes:
    path = get_testdata_file(name)
    assert isinstance(path, str)
    with open(path, "rb") as file:
        return file.read()


def breathless() -> None:
    """Take no breath."""


def spans(reading: Reading) -> list[tuple[str, int]]:
    return [(e.path, e.start) for e in (*reading.meta, *reading.elements)]


@pytest.mark.parametrize("name", ["rtplan.dcm", "reportsi.dcm", "MR_small_bigendian.dcm"])
def test_a_file_cut_anywhere_is_read_up_to_the_cut(name: str) -> None:
    data = whole(name)
    sound = read(data, breathless)
    complete = spans(sound)
    top = [e for e in (*sound.meta, *sound.elements) if e.holder is None]

    for cut in range(132, min(len(data), 4000), 7):
        found = spans(read(data[:cut], breathless))
        assert found == complete[: len(found)]
        assert {e.start for e in top if e.end <= cut} <= {start for _, start in found}


def test_a_sequence_that_the_cut_left_open_has_no_end() -> None:
    data = whole("reportsi.dcm")
    sequence = next(e for e in read(data, breathless).elements if e.vr == "SQ" and e.undefined)

    reading = read(data[: sequence.value + 12], breathless)

    assert isinstance(reading.fault, Truncated)
    assert next(e for e in reading.elements if e.start == sequence.start).end < 0


@pytest.mark.parametrize("data", [b"", b"no DICOM at all, but a text"])
def test_what_is_no_dicom_is_read_as_nothing_with_a_fault(data: bytes) -> None:
    reading = read(data, breathless)

    assert spans(reading) == []
    assert isinstance(reading.fault, NotDicom)


def test_a_private_element_is_owned_by_the_creator_of_its_block_in_its_item() -> None:
    reading = read(whole("CT_small.dcm"), breathless)
    creators = Creators(reading.elements)

    def owner(tag: int) -> Element | None:
        return creators.of(next(e for e in reading.elements if e.tag == tag))

    block = owner(0x00431047)
    assert block is not None
    assert (block.tag, owner(0x00430010)) == (0x00430010, block)
    assert owner(0x00100010) is None


@pytest.mark.parametrize(
    ("name", "known"),
    [("SIEMENS CSA HEADER", True), ("SIEMENS CSA HEADER FOR X", False), ("", False)],
)
def test_a_creator_is_known_when_all_of_it_is(name: str, known: bool) -> None:
    assert is_known_creator(name) is known
