"""Which files the oracle keeps back, and what its scan of their bytes sees."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian

from tests.oracle.basic import Expected, Quarantined, expected
from tests.oracle.claims import Written
from tests.oracle.scan import Oddity, scan
from tests.oracle.studies import KEY, part10, study

ULTRASOUND, CAPTURE = "1.2.840.10008.5.1.4.1.1.6.1", "1.2.840.10008.5.1.4.1.1.7"
PHOTOGRAPH, SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.4", "1.2.840.10008.5.1.4.1.1.77.1.6"
IMAGE = {"Rows": 1, "Columns": 1, "BitsAllocated": 16}


def image(**elements: object) -> Dataset:
    made = study(**IMAGE, **elements)
    made.add_new("PixelData", "OW", b"\1\2")
    return made


@pytest.mark.parametrize(
    ("made", "code"),
    [
        pytest.param(image(BurnedInAnnotation="YES"), "pixels-unproven", id="burned in"),
        pytest.param(image(SOPClassUID=ULTRASOUND), "pixels-unproven", id="ultrasound"),
        pytest.param(image(SOPClassUID=CAPTURE), "pixels-unproven", id="secondary capture"),
        pytest.param(image(SOPClassUID=PHOTOGRAPH), "pixels-unproven", id="photograph"),
        pytest.param(
            image(SOPClassUID=SLIDE, ImageType=["ORIGINAL", "PRIMARY", "LABEL", "NONE"]),
            "pixels-unproven",
            id="slide label",
        ),
        pytest.param(
            image(ImageType=["DERIVED", "SECONDARY", "SCREEN SAVE"]),
            "pixels-unproven",
            id="screen save",
        ),
        pytest.param(image(ConversionType="WSD"), "pixels-unproven", id="conversion"),
        pytest.param(study(SOPClassUID="1.2.3.4.5"), "private-sop-class", id="private class"),
        pytest.param(study(EncapsulatedDocument=b"%PDF"), "encapsulated-document", id="document"),
        pytest.param(study(DirectoryRecordSequence=[]), "dicomdir", id="directory"),
        pytest.param(study(Rows=1), "pixels-missing", id="cut before the pixels"),
    ],
)
def test_what_is_not_proven_is_kept_back(made: Dataset, code: str, tmp_path: Path) -> None:
    verdict = expected(_saved(part10(made), tmp_path), KEY)

    assert isinstance(verdict, Quarantined)
    assert code in {one for reason in verdict.reasons for one in reason.codes}


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(image(), id="a CT"),
        pytest.param(image(SOPClassUID=CAPTURE, BurnedInAnnotation="NO"), id="a capture saying NO"),
        pytest.param(image(SOPClassUID=SLIDE, ImageType=["ORIGINAL", "VOLUME"]), id="a slide"),
        pytest.param(study(), id="no pixels at all"),
    ],
)
def test_what_says_no_and_is_whole_may_leave(made: Dataset, tmp_path: Path) -> None:
    assert isinstance(expected(_saved(part10(made), tmp_path), KEY), Expected)


def test_overlay_bits_in_the_pixels_are_kept_back_where_they_may_be_stored_ones(
    tmp_path: Path,
) -> None:
    made = image()
    made.add_new(0x60000010, "US", 1)
    made.add_new(0x60000102, "US", 12)

    assert isinstance(expected(_saved(part10(made), tmp_path), KEY), Quarantined)


def test_overlay_bits_that_are_certain_go_from_the_pixels(tmp_path: Path) -> None:
    made = image(BitsStored=9, HighBit=8, SamplesPerPixel=1, PixelRepresentation=0)
    made.PixelData = b"\xff\xff"
    made.add_new(0x60000010, "US", 1)
    made.add_new(0x60000102, "US", 12)

    verdict = expected(_saved(part10(made), tmp_path), KEY)

    assert isinstance(verdict, Expected)
    assert verdict.body[0x7FE00010] == Written(b"\xff\xef")


@pytest.mark.parametrize(
    ("hurt", "oddity"),
    [
        pytest.param(lambda raw: raw[:-1], Oddity.TRUNCATED, id="cut in a value"),
        pytest.param(lambda raw: raw + raw[-10:], Oddity.DUPLICATE, id="an element twice"),
        pytest.param(
            lambda raw: raw + b"\x08\0\x08\0CS\2\0AB", Oddity.OUT_OF_ORDER, id="a lower tag last"
        ),
        pytest.param(lambda raw: raw + bytes(8), Oddity.TRAILING, id="zeros at the end"),
        pytest.param(lambda raw: raw + b"\xff\x7f\0\0US\1\0A", Oddity.ODD_LENGTH, id="odd length"),
        pytest.param(lambda raw: raw + b"\xff\x7f\0\0??\2\0AB", Oddity.BAD_VR, id="no VR"),
        pytest.param(
            lambda raw: raw + b"\xff\x7f\0\0SQ\0\0\xff\xff\xff\xff",
            Oddity.NO_DELIMITER,
            id="a sequence without its end",
        ),
    ],
)
def test_the_scan_sees_what_is_wrong(hurt: Callable[[bytes], bytes], oddity: Oddity) -> None:
    whole = part10(study(Rows=1))

    assert scan(whole).oddities() == set()
    assert oddity in scan(hurt(whole)).oddities()


def test_a_cut_deflate_stream_is_seen() -> None:
    whole = part10(study(), DeflatedExplicitVRLittleEndian)

    assert scan(whole).oddities() == set()
    assert Oddity.BROKEN_DEFLATE in scan(whole[:-4]).oddities()


def test_what_does_not_say_dicom_is_not_dicom(tmp_path: Path) -> None:
    verdict = expected(_saved(b"just a letter to the ward, long enough", tmp_path), KEY)

    assert isinstance(verdict, Quarantined)
    assert [reason.codes for reason in verdict.reasons] == [{"not-dicom"}]


def _saved(raw: bytes, folder: Path) -> Path:
    path = folder / "1"
    path.write_bytes(raw)
    return path
