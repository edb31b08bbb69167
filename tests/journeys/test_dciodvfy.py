"""No delivered file is less valid than its original, by the eyes of dciodvfy.

dciodvfy is of dicom3tools (Debian: apt install dicom3tools); in continuous integration it must be
there.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import dicomveil
from dicomveil import Options, PixelTrust, Profile, Templates
from dicomveil.errors import DicomveilError
from dicomveil.policy.profile import PRESETS
from tests.builders import KEY
from tests.journeys import dciodvfy
from tests.journeys.dciodvfy import Verdict, normal, verdict_of
from tests.oracle.corpora import real_files

FEWEST_COMPARED = 150  # of pydicom's own files alone; fewer means that they were not found
EVERY_PIXEL = Options(templates=Templates.OFF, pixels=PixelTrust.ACCEPTED)

# Originals that dciodvfy of Debian 12 does not judge to the end, and why.
UNKNOWN_IOD, UNREAD, KILLED = (
    "Information Object Not found",
    "Dicom dataset read failed",
    "signal 6",
)
NOT_JUDGED = {
    "test_files/UN_sequence.dcm": UNKNOWN_IOD,
    "test_files/badVR.dcm": KILLED,
    "test_files/image_dfl.dcm": UNREAD,
    "test_files/no_meta_group_length.dcm": UNKNOWN_IOD,
    "test_files/priv_SQ.dcm": UNKNOWN_IOD,
    "test_files/rtdose.dcm": KILLED,
    "test_files/rtdose_1frame.dcm": KILLED,
    "test_files/rtdose_expb.dcm": KILLED,
    "test_files/rtdose_expb_1frame.dcm": KILLED,
    "charset_files/chrSQEncoding.dcm": UNKNOWN_IOD,
    "charset_files/chrSQEncoding1.dcm": UNKNOWN_IOD,
    "corpus/fo-dicom/GH177_D_CLUNIE_CT1_IVRLE_BigEndian_undefined_length.dcm": UNREAD,
    "corpus/fo-dicom/GH227.dcm": UNREAD,
    "corpus/fo-dicom/charset/chrSQEncoding.dcm": UNKNOWN_IOD,
    "corpus/highdicom/seg_image_sm_control_labelmap.dcm": UNKNOWN_IOD,
    "corpus/highdicom/seg_image_sm_control_labelmap_palette_color.dcm": UNKNOWN_IOD,
    "corpus/pydicom-data/HTJ2KLossless_08_RGB.dcm": UNREAD,
    "corpus/pydicom-data/HTJ2K_08_RGB.dcm": UNREAD,
    "corpus/pydicom-data/SC_rgb_32bit.dcm": KILLED,
    "corpus/pydicom-data/SC_rgb_32bit_2frame.dcm": KILLED,
    "corpus/pydicom-data/SC_rgb_expb_32bit.dcm": KILLED,
    "corpus/pydicom-data/SC_rgb_expb_32bit_2frame.dcm": KILLED,
    "corpus/pydicom-data/color-pl.dcm": UNKNOWN_IOD,
    "corpus/pydicom-data/color-px.dcm": UNKNOWN_IOD,
    "corpus/pydicom-data/liver_deflate.dcm": UNREAD,
    "corpus/pydicom-data/liver_nonbyte_aligned_deflate.dcm": UNREAD,
}


@pytest.fixture(params=sorted(PRESETS))
def profile(request: pytest.FixtureRequest) -> Profile:
    """Each preset."""
    return dicomveil.load_profile(str(request.param))


@pytest.fixture
def judge() -> Callable[[Path], Verdict]:
    """What dciodvfy says of a file; in continuous integration it must be installed."""
    if not dciodvfy.installed():
        if os.environ.get("CI"):
            pytest.fail("dciodvfy is not installed: apt install dicom3tools")
        pytest.skip("dciodvfy is not installed: apt install dicom3tools")
    return verdict_of


def delivered(profile: Profile, folder: Path) -> Iterator[tuple[str, Path, Path]]:
    """The name, the original and the output of each real file that is not quarantined."""
    output = folder / "output.dcm"
    for name, original in real_files().items():
        try:
            cleaned = dicomveil.deidentify(original, profile, KEY, options=EVERY_PIXEL)
        except DicomveilError:
            continue
        output.write_bytes(dicomveil.joined(cleaned, original))
        yield name, original, output


def test_no_delivered_file_has_an_error_that_its_original_has_not(
    profile: Profile, judge: Callable[[Path], Verdict], tmp_path: Path
) -> None:
    new: dict[str, set[str]] = {}
    compared = 0
    for name, original, output in delivered(profile, tmp_path):
        before = judge(original)
        if before.aborted:
            continue
        after = judge(output)
        compared += 1
        if found := new_errors(before, after):
            new[name] = found

    assert compared > FEWEST_COMPARED
    assert new == {}


def test_the_originals_that_are_not_judged_are_listed(judge: Callable[[Path], Verdict]) -> None:
    profile = dicomveil.load_profile("basic")
    ended = {}
    for name, original in real_files().items():
        try:
            dicomveil.deidentify(original, profile, KEY, options=EVERY_PIXEL)
        except DicomveilError:
            continue
        if aborted := judge(original).aborted:
            ended[name] = aborted

    assert ended.items() <= NOT_JUDGED.items()


def new_errors(before: Verdict, after: Verdict) -> set[str]:
    """The errors of the output alone; that dciodvfy aborts is one."""
    return set(after.errors - before.errors) | ({after.aborted} - {""})


@pytest.mark.parametrize(
    ("line", "error"),
    [
        pytest.param(
            "Error - </SegmentSequence(0062,0002)[3]/SegmentLabel(0062,0005)> - "
            "Missing attribute for Type 1C Conditional - Module=<SegmentDescriptionMacro>",
            "SegmentSequence(0062,0002)/SegmentLabel(0062,0005) - "
            "Missing attribute for Type 1C Conditional - Module=<SegmentDescriptionMacro>",
            id="item numbers go, types stay",
        ),
        pytest.param(
            "Error - </StudyDate(0008,0020)[1]> - Value invalid for this VR [DA] = <1997.04.24> - "
            "Character invalid for this VR = '.' (0x2e)",
            "StudyDate(0008,0020) - Value invalid for this VR [DA] - Character invalid for this VR",
            id="values go",
        ),
        pytest.param(
            "Error - </PixelData(7fe0,0010)> - PixelData has incorrect value length = <8320> - "
            "expected 8192 dec",
            "PixelData(7fe0,0010) - PixelData has incorrect value length - expected # dec",
            id="numbers go",
        ),
        pytest.param(
            'Error - </(0009,1105,"SOMEBODY")[1]> - Value invalid for this VR [DS] = <1>2> - why',
            "(0009,1105) - Value invalid for this VR [DS] - why",
            id="private creators go",
        ),
        pytest.param("Error - Tag read failed", "Tag read failed", id="no path"),
    ],
)
def test_an_error_is_told_without_values_and_item_numbers(line: str, error: str) -> None:
    assert normal(line) == error


def test_an_abort_of_the_output_alone_is_an_error() -> None:
    fine, aborted = Verdict(frozenset(), ""), Verdict(frozenset(), "signal 6")

    assert new_errors(fine, aborted) == {"signal 6"}
    assert new_errors(fine, fine) == set()
