"""A patient whose name is a piece of a word is not betrayed, and the word is not held back."""

import pytest

from dicomveil.dicom.splice import joined
from dicomveil.engine.cleaner import Cleaner, Options, Templates
from dicomveil.errors import Leak
from dicomveil.policy.options import Option
from dicomveil.policy.profile import load_profile
from tests.builders import KEY, El, beginning, part10
from tests.engine.roads import slice_of

NAME, DESCRIPTION, IMAGE_TYPE = 0x00100010, 0x0008103E, 0x00080008


def output(*elements: El, templates: Templates) -> bytes:
    """The third of three files of a patient Corona with these elements, texts cleaned."""
    profile = load_profile("basic", [Option.CLEAN_DESCRIPTORS])
    cleaner = Cleaner(profile, KEY, options=Options(templates=templates))
    for number in (1, 2, 3):
        data = part10(slice_of(number, El(NAME, "PN", "Corona^Ann"), *elements))
        out = joined(data, cleaner.clean(beginning(data, len(data))).segments)
    return out


@pytest.mark.parametrize("templates", Templates)
@pytest.mark.parametrize(
    ("text", "left"),
    [
        pytest.param("T2 CORONAL 3mm", b"T2 CORONAL 3mm", id="a word of the vocabulary"),
        pytest.param("MrCorona coronal", b"Mr coronal", id="glued to a title"),
        pytest.param("coronal for CORONA", b"coronal for ", id="the name beside it"),
        pytest.param("CORONAX17 head", b"X17 head", id="in an identifier"),
    ],
)
def test_the_word_stays_and_the_name_goes(text: str, left: bytes, templates: Templates) -> None:
    out = output(El(DESCRIPTION, "LO", text), templates=templates)

    assert left + b" " * (len(left) & 1) in out
    assert b"corona" not in out.lower().replace(b"coronal", b"")


@pytest.mark.parametrize("templates", Templates)
def test_a_name_glued_in_a_code_is_a_leak(templates: Templates) -> None:
    glued = El(IMAGE_TYPE, "CS", "ORIGINAL\\PRIMARY\\XCORONA")

    with pytest.raises(Leak):
        output(glued, templates=templates)
