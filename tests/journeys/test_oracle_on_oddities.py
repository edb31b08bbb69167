"""On values that writers get wrong, and on rare objects, the product and the oracle agree."""

import struct
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, ExplicitVRLittleEndian

from tests.oracle.outcome import outcome_of
from tests.oracle.studies import part10, study

IMPLICIT = "1.2.840.10008.1.2"  # an entry of the registry, and of 17 bytes: a pad makes it even
SPECTROSCOPY, AUDIO = "1.2.840.10008.5.1.4.1.1.4.2", "1.2.840.10008.5.1.4.1.1.9.4.1"
LABEL_MAP, SLIDE = "1.2.840.10008.5.1.4.1.1.66.7", "1.2.840.10008.5.1.4.1.1.77.1.6"
UNKNOWN = "1.2.840.10008.5.1.4.1.1.66.99"
MPEG2 = UID("1.2.840.10008.1.2.4.100")


def holding(*values: tuple[str, str, Any], **elements: Any) -> Dataset:
    made = study(**elements)
    for keyword, vr, value in values:
        made.add_new(keyword, vr, value)
    return made


def picture(**elements: Any) -> Dataset:
    return holding(("PixelData", "OW", b"\1\2"), Rows=1, Columns=1, BitsAllocated=16, **elements)


def video(**elements: Any) -> Dataset:
    made = picture(**elements)
    made["PixelData"].value = encapsulate([b"\1\2"])
    made["PixelData"].is_undefined_length = True
    return made


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(IMPLICIT, id="an entry"),
        pytest.param(f"{IMPLICIT} ", id="an entry padded by a space"),
        pytest.param(f" {IMPLICIT}", id="an entry after a space"),
        pytest.param(f"{IMPLICIT}.1", id="an entry and more"),
        pytest.param([IMPLICIT, "1.2.3.4"], id="an entry and another UID"),
        pytest.param([IMPLICIT, "", "1.2.3.4 "], id="an empty one between"),
        pytest.param("1.2.03", id="not legal"),
        pytest.param("", id="empty"),
    ],
)
@pytest.mark.parametrize("keyword", ["RelatedGeneralSOPClassUID", "ReferencedSOPInstanceUID"])
@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
def test_a_uid_is_kept_or_replaced_by_the_same_rule(
    keyword: str, value: Any, tmp_path: Path
) -> None:
    assert ended(holding((keyword, "UI", value)), tmp_path) == "delivered"


@pytest.mark.parametrize(
    ("keyword", "vr", "value"),
    [
        pytest.param("PixelSpacing", "DS", "10.0000000000000\\10.0000000000000", id="16 bytes"),
        pytest.param("PixelSpacing", "DS", "10.00000000000000\\1", id="17 bytes"),
        pytest.param("PixelSpacing", "DS", "1\\" + "1" * 16 + "  ", id="16 bytes and two spaces"),
        pytest.param("SliceThickness", "DS", "2.5\0", id="padded by a NUL"),
        pytest.param("ScanOptions", "CS", "ABCDEFGHIJKLMNO\\ABCDEFGHIJKLMNOP", id="a code"),
        pytest.param("ScanOptions", "CS", "FAST ", id="a space more"),
        pytest.param("InstanceNumber", "IS", "2147483648", id="beyond 32 bits"),
        pytest.param("InstanceNumber", "IS", "    ", id="spaces alone"),
    ],
)
@pytest.mark.filterwarnings("ignore:.*value")
def test_a_code_or_number_is_legal_to_both_or_to_neither(
    keyword: str, vr: str, value: str, tmp_path: Path
) -> None:
    made = holding((keyword, "LO", value))  # pydicom writes text as it is
    tag = struct.pack("<HH", made[keyword].tag.group, made[keyword].tag.element)

    written = part10(made).replace(tag + b"LO", tag + vr.encode())

    assert ended(written, tmp_path) == "delivered"


@pytest.mark.parametrize("study_uid", ["1.2.03", "1.2.3", ""])
@pytest.mark.filterwarnings("ignore:Invalid value for VR UI")
def test_a_nameless_patient_is_that_of_the_study(study_uid: str, tmp_path: Path) -> None:
    made = study(PatientID="", PatientName="Doe^Jane", StudyInstanceUID=study_uid)

    assert ended(made, tmp_path) == "delivered"


@pytest.mark.parametrize(
    ("made", "syntax", "code"),
    [
        pytest.param(video(), MPEG2, "pixels-unproven", id="a video"),
        pytest.param(video(BurnedInAnnotation="NO"), MPEG2, "delivered", id="a denying video"),
        pytest.param(picture(SOPClassUID=LABEL_MAP), None, "delivered", id="a label map"),
        pytest.param(
            picture(SOPClassUID=LABEL_MAP[:-1] + "9"), None, "private-sop-class", id="a private one"
        ),
        pytest.param(study(SOPClassUID=AUDIO), None, "audio", id="a voice"),
        pytest.param(study(Rows=1), None, "pixels-missing", id="rows alone"),
        pytest.param(
            holding(("PixelDataProviderURL", "UR", "http://a"), Rows=1),
            None,
            "pixels-missing",
            id="pixels elsewhere",
        ),
        pytest.param(
            holding(("SpectroscopyData", "OF", bytes(8)), SOPClassUID=SPECTROSCOPY, Rows=1),
            None,
            "delivered",
            id="spectra",
        ),
        pytest.param(
            picture(SOPClassUID=SLIDE, SpecimenLabelInImage="YES", BurnedInAnnotation="NO"),
            None,
            "pixels-unproven",
            id="a slide that shows its label",
        ),
        pytest.param(
            picture(SOPClassUID=SLIDE, SpecimenLabelInImage="NO"), None, "delivered", id="tissue"
        ),
        pytest.param(
            picture(PatientName="Perfusion^M", ImageType=["ORIGINAL", "PRIMARY", "PERFUSION"]),
            None,
            "delivered",
            id="a patient called as a term",
        ),
    ],
)
def test_the_gate_is_open_to_both_or_to_neither(
    made: Dataset, syntax: UID | None, code: str, tmp_path: Path
) -> None:
    assert ended(made, tmp_path, syntax) == code


def ended(made: Dataset | bytes, folder: Path, syntax: UID | None = None) -> str:
    """How the object ends, when the oracle agrees."""
    path = folder / "1"
    path.write_bytes(
        made if isinstance(made, bytes) else part10(made, syntax or ExplicitVRLittleEndian)
    )

    outcome = outcome_of(path)

    assert not outcome.wrong, "\n".join(outcome.wrong)
    return outcome.ended
