"""Ages above 89 years are told as 90: in the patient's age, in private ages, in reports."""

from io import BytesIO

import pydicom
import pytest
from pydicom import Dataset
from pydicom.data import get_testdata_file
from pydicom.dataset import FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import UID, ComprehensiveSRStorage, ExplicitVRLittleEndian

import dicomveil
from dicomveil.engine.ages import capped, is_rare
from dicomveil.policy.profile import Profile, load_profile
from tests.builders import CT, KEY, El, part10

PROFILES = [
    pytest.param(dicomveil.load_profile("basic", ["retain-patient-characteristics"]), id="option"),
    pytest.param(load_profile("research"), id="research"),
    pytest.param(load_profile("tcia"), id="tcia"),
]
AGE = 0x00101010


def cleaned(age: str, profile: Profile) -> bytes:
    found = get_testdata_file("CT_small.dcm")
    assert isinstance(found, str)
    original = pydicom.dcmread(found)
    original.add_new(AGE, "AS", age)
    written = BytesIO()
    original.save_as(written)
    data = written.getvalue()
    return dicomveil.joined(dicomveil.deidentify(data, profile, KEY), data)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("age", "after"),
    [
        ("089Y", "089Y"),
        ("090Y", "090Y"),
        ("091Y", "090Y"),
        ("999Y", "090Y"),
        ("003M", "003M"),
        ("999M", "999M"),
        ("103W", "103W"),
        ("100D", "100D"),
        ("", ""),
    ],
)
def test_an_age_above_89_leaves_as_90_and_any_other_as_it_is(
    age: str, after: str, profile: Profile
) -> None:
    assert pydicom.dcmread(BytesIO(cleaned(age, profile))).PatientAge == after


@pytest.mark.parametrize("age", ["93", "093y", "93Y", "about 93"])
@pytest.mark.filterwarnings("ignore:Invalid value")
def test_what_is_no_age_does_not_stay(age: str) -> None:
    output = cleaned(age, load_profile("research"))

    assert not pydicom.dcmread(BytesIO(output)).get("PatientAge")


def test_without_the_option_no_age_stays() -> None:
    assert "PatientAge" not in pydicom.dcmread(BytesIO(cleaned("050Y", load_profile("basic"))))


@pytest.mark.parametrize(
    ("value", "after"),
    [
        (b"091Y\\045Y", b"090Y\\045Y"),
        (b"091Y ", b"090Y "),
        (b"091Y\0\0", b"090Y\0\0"),
        (b"91Y ", None),
    ],
)
def test_each_age_of_a_value_is_judged_and_padding_stays(value: bytes, after: bytes | None) -> None:
    assert capped(value) == after


@pytest.mark.parametrize(
    ("number", "unit", "rare"),
    [
        (89.9, "a", False),
        (90, "a", True),
        (900, "mo", False),
        (1080, "mo", True),
        (32_000, "d", False),
        (33_000, "d", True),
        (91, "no such unit", True),
        (float("nan"), "a", True),
    ],
)
def test_a_measured_age_is_judged_in_its_unit(number: float, unit: str, rare: bool) -> None:
    assert is_rare(number, unit) is rare


@pytest.mark.parametrize(("age", "stays"), [("77", True), ("93", False)])
def test_a_reports_item_of_a_rare_age_goes(age: str, stays: bool) -> None:
    report = report_of(age)
    options = ["retain-patient-characteristics", "clean-structured-content"]
    profile = dicomveil.load_profile("basic", options)

    output = dicomveil.joined(dicomveil.deidentify(report, profile, KEY), report)

    items = pydicom.dcmread(BytesIO(output)).get("ContentSequence", ())  # none: it goes too
    ages = [item.MeasuredValueSequence[0].NumericValue for item in items]
    assert [str(one) for one in ages] == ([age] if stays else [])


def report_of(age: str) -> bytes:
    """A structured report with one item, the subject's age in years."""
    item = Dataset()
    item.RelationshipType, item.ValueType = "HAS OBS CONTEXT", "NUM"
    item.ConceptNameCodeSequence = coded("121033", "DCM", "Subject Age")
    value = Dataset()
    value.NumericValue = age
    value.MeasurementUnitsCodeSequence = coded("a", "UCUM", "Year")
    item.MeasuredValueSequence = Sequence([value])
    report = Dataset()
    report.SOPClassUID, report.SOPInstanceUID = ComprehensiveSRStorage, UID("1.2.3.4")
    report.StudyInstanceUID, report.SeriesInstanceUID = "1.2.3", "1.2.3.3"
    report.PatientID, report.PatientName, report.Modality = "P1", "Doe^Jane", "SR"
    report.ValueType, report.ContinuityOfContent = "CONTAINER", "SEPARATE"
    report.ConceptNameCodeSequence = coded("126000", "DCM", "Imaging Measurement Report")
    report.ContentSequence = Sequence([item])
    written = BytesIO()
    report.file_meta = FileMetaDataset()
    report.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    pydicom.dcmwrite(written, report, enforce_file_format=True)
    return written.getvalue()


def coded(value: str, scheme: str, meaning: str) -> Sequence:
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return Sequence([code])


def test_an_age_in_another_vr_goes() -> None:
    data = part10(
        [
            El(0x00080016, "UI", CT),
            El(0x00080018, "UI", "1.2.3.4"),
            El(0x00100020, "LO", "P1"),
            El(AGE, "IS", "93"),
        ]
    )

    output = dicomveil.joined(dicomveil.deidentify(data, load_profile("research"), KEY), data)

    assert "PatientAge" not in pydicom.dcmread(BytesIO(output))
