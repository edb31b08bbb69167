"""Given pseudonyms go to the patients they were given to, on both roads, and to nobody else."""

from pathlib import Path

import pydicom
import pytest

from dicomveil.dicom.splice import joined
from dicomveil.engine.cleaner import Cleaner, Options, Templates
from dicomveil.engine.original import BytesOriginal
from dicomveil.engine.person import alike, person_of
from dicomveil.engine.pseudonyms import Given, patient_message
from dicomveil.errors import Refused
from dicomveil.policy.profile import load_profile
from dicomveil.policy.recipe.profile import profile_of
from dicomveil.policy.recipe.reading import read_recipe
from tests.builders import KEY, El
from tests.jobs.estate import ct

RENAMING = "name: study\nextends: basic\nidentity: {patient-id: 'ST-{code:8}'}\n"
ANNA = patient_message("", "4711", "")


def cleaner(given: Given, templates: Templates = Templates.ON) -> Cleaner:
    """An engine that gives one patient these pseudonyms."""
    options = Options(given=((ANNA, given),), templates=templates)
    return Cleaner(load_profile("basic"), KEY, options=options)


def cleaned(engine: Cleaner, data: bytes) -> pydicom.Dataset:
    """The output as pydicom reads it."""
    from io import BytesIO

    done = engine.clean(BytesOriginal(data))
    return pydicom.dcmread(BytesIO(joined(data, done.segments)))


@pytest.mark.parametrize("templates", Templates)
@pytest.mark.parametrize("given", [Given("P1", "One"), Given("odd", "Even name")])
def test_the_patient_gets_what_was_given(templates: Templates, given: Given) -> None:
    engine = cleaner(given, templates)

    outputs = [cleaned(engine, ct("4711", f"1.2.{n}")) for n in range(3)]

    assert {(o.PatientID, str(o.PatientName)) for o in outputs} == {tuple(given)}


def test_the_place_of_an_output_has_no_padding() -> None:
    done = cleaner(Given("odd", "x")).clean(BytesOriginal(ct("4711", "1.2.3")))

    assert done.patient_id == "odd"


def test_an_object_of_another_patient_does_not_leave() -> None:
    with pytest.raises(Refused) as refused:
        cleaner(Given("P1", "One")).clean(BytesOriginal(ct("4712", "1.2.3")))

    assert refused.value.code == "patient-unexpected"


def test_what_is_given_comes_before_what_a_recipe_says() -> None:
    profile = profile_of(read_recipe(RENAMING, "study.yaml", Path()))
    cleans = Cleaner(profile, KEY, options=Options(given=((ANNA, Given("P1", "One")),)))

    output = cleaned(cleans, ct("4711", "1.2.3"))

    assert (output.PatientID, str(output.PatientName)) == ("P1", "One")


def test_uids_stay_those_of_the_key() -> None:
    plain = Cleaner(load_profile("basic"), KEY).clean(BytesOriginal(ct("4711", "1.2.3")))

    given = cleaner(Given("P1", "One")).clean(BytesOriginal(ct("4711", "1.2.3")))

    assert (given.study_uid, given.sop_uid) == (plain.study_uid, plain.sop_uid)


def test_a_person_is_everything_the_object_calls_somebody() -> None:
    person = person_of(BytesOriginal(ct("0047 ", "1.2.3", El(0x00080050, "SH", "A-77"))))

    assert person.identifiers == {"47", "a-77", "planted^zacharias"}
    assert "47" not in repr(person)


@pytest.mark.parametrize("text", ["0047", "47 ", " 47", "00047\0", "4 7".replace(" ", "")])
def test_spellings_that_are_alike(text: str) -> None:
    assert alike(text) == alike("47")


def test_other_numbers_are_not_alike() -> None:
    assert len({alike(text) for text in ("47", "470", "4 7", "47a")}) == 4
