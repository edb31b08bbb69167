"""An institution that stays loses the names of the object's own people, and nothing else."""

import io

import pydicom
import pytest

from dicomveil.dicom.splice import joined
from dicomveil.engine.cleaner import Cleaner
from dicomveil.policy.options import Option
from dicomveil.policy.profile import load_profile
from tests.builders import KEY, El, beginning, part10
from tests.engine.roads import slice_of
from tests.real import corpus, needs_corpus


def institution_of(data: bytes) -> str:
    """The Institution Name of the object as it leaves with the institution's identity."""
    profile = load_profile("basic", [Option.INSTITUTION_IDENTITY])
    segments = Cleaner(profile, KEY).clean(beginning(data, len(data))).segments
    return str(pydicom.dcmread(io.BytesIO(joined(data, segments))).InstitutionName)


@needs_corpus
def test_a_real_file_whose_institution_holds_the_patients_name_is_delivered() -> None:
    folder = corpus()
    assert folder is not None
    data = (folder / "fo-dicom" / "GH1308.dcm").read_bytes()
    name = str(pydicom.dcmread(io.BytesIO(data)).PatientName)

    left = institution_of(data)

    assert left
    assert name not in left


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Secretname Memorial Hospital", "Memorial Hospital"),
        ("St. Mary 12.3.2019 Hospital", "St. Mary 12.3.2019 Hospital"),
        ("Jane Secretname", ""),
    ],
)
def test_the_name_goes_and_the_rest_stays(said: str, left: str) -> None:
    assert institution_of(part10(slice_of(1, El(0x00080080, "LO", said)))) == left
