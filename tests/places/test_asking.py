"""What may be asked, and that an answer is held to it."""

import pytest

from dicomveil.errors import BadIdentifier, NothingFound, PlaceRefuses, SeveralFound
from dicomveil.places.asking import Hits, answered, checked, to_fetch
from dicomveil.places.place import Asked, SeriesFound, StudyFound

CT = SeriesFound("1.2.3.1", "CT", "Thorax 1.0", 3)
SR = SeriesFound("1.2.3.2", "SR", "Dose", 1)
STUDY = StudyFound("1.2.3", "A1", "P1", "Doe^Jane", "20240131", "Thorax", (CT, SR))


@pytest.mark.parametrize(
    "asked",
    [
        Asked(accession_number="1234"),
        Asked(study_instance_uid="1.2.840.99"),
        Asked(series_instance_uid="1.2.3.04"),
        Asked(patient_id="Müller 7"),
        Asked(below="in/a*b"),
        Asked(patient_id="1", modality="CT", sop_class="1.2.840.10008.5.1.4.1.1.2"),
        Asked(patient_id="1", series_description="Thorax (1.0)", study_date="20240101-"),
        Asked(patient_id="1", study_date="-20240101"),
        Asked(patient_id="1", study_date="20240101-20240201"),
    ],
    ids=lambda asked: "+".join(name for name, value in asked._asdict().items() if value),
)
def test_what_names_one_thing_may_be_asked(asked: Asked) -> None:
    assert checked(asked) is asked


@pytest.mark.parametrize("value", ["*", "12*", "1?3", "a\\b", "a\nb", "a\0", "\x1b$B", " ", " 1"])
@pytest.mark.parametrize("field", ["accession_number", "patient_id"])
def test_a_value_that_could_match_more_is_refused_and_not_repeated(field: str, value: str) -> None:
    with pytest.raises(BadIdentifier) as refused:
        checked(Asked()._replace(**{field: f"SECRET{value}" if value.strip() == value else value}))

    assert field in str(refused.value)
    assert "SECRET" not in str(refused.value)


@pytest.mark.parametrize(
    "asked",
    [
        Asked(),
        Asked(modality="CT"),
        Asked(accession_number="1", patient_id="1"),
        Asked(patient_id="1" * 65),
        Asked(study_instance_uid="../../etc"),
        Asked(study_instance_uid="1.2.3/4"),
        Asked(study_instance_uid="1..2"),
        Asked(study_instance_uid="1." * 32 + "1"),
        Asked(series_instance_uid="1.2.3\0"),
        Asked(patient_id="1", sop_class="CT"),
        Asked(patient_id="1", modality="C*"),
        Asked(patient_id="1", modality="ct"),
        Asked(patient_id="1", series_description="*"),
        Asked(patient_id="1", study_date="2024"),
        Asked(patient_id="1", study_date="-"),
        Asked(patient_id="1", study_date="2024010120240201"),
        Asked(below="a\nb"),
    ],
)
def test_what_names_nothing_or_too_much_is_refused(asked: Asked) -> None:
    with pytest.raises(BadIdentifier):
        checked(asked)


@pytest.mark.parametrize(
    "asked",
    [
        Asked(accession_number="A2"),
        Asked(study_instance_uid="1.2.3.4"),
        Asked(series_instance_uid="1.2.3"),
        Asked(patient_id="P10"),
    ],
)
def test_an_answer_that_is_not_what_was_asked_is_an_error(asked: Asked) -> None:
    with pytest.raises(PlaceRefuses, match="not asked for"):
        answered("pacs", asked, [STUDY])


def test_a_hit_that_differs_by_capitals_is_none() -> None:
    assert answered("pacs", Asked(accession_number="a1"), [STUDY]) == ()


@pytest.mark.parametrize("uid", ["../../etc", "1.2\0", "1." * 32 + "1", ""])
def test_an_answer_with_a_hostile_uid_is_an_error(uid: str) -> None:
    asked = Asked(accession_number="A1")

    for study in (
        STUDY._replace(study_instance_uid=uid),
        STUDY._replace(series=(CT._replace(series_instance_uid=uid),)),
    ):
        with pytest.raises(PlaceRefuses, match="UID"):
            answered("pacs", asked, [study])


@pytest.mark.parametrize(
    ("narrowing", "left"),
    [
        ({}, (CT, SR)),
        ({"modality": "CT"}, (CT,)),
        ({"series_description": "Dose"}, (SR,)),
        ({"study_date": "20240131"}, (CT, SR)),
        ({"study_date": "20240101-20240131"}, (CT, SR)),
        ({"study_date": "20240201-"}, None),
        ({"study_date": "-20240130"}, None),
        ({"modality": "MR"}, None),
    ],
)
def test_what_narrows_is_applied_even_where_the_place_ignored_it(
    narrowing: dict[str, str], left: tuple[SeriesFound, ...] | None
) -> None:
    found = answered("pacs", Asked(patient_id="P1", **narrowing), [STUDY])

    assert found == (() if left is None else (STUDY._replace(series=left),))


def test_a_series_alone_is_left_of_its_study() -> None:
    (found,) = answered("pacs", Asked(series_instance_uid=SR.series_instance_uid), [STUDY])

    assert found.series == (SR,)


def test_no_hit_and_several_hits_are_two_errors() -> None:
    asked, other = Asked(accession_number="A1"), STUDY._replace(study_instance_uid="1.2.4")

    with pytest.raises(NothingFound):
        to_fetch("pacs", asked, [], Hits.ANY)
    with pytest.raises(SeveralFound, match="2 studies"):
        to_fetch("pacs", asked, [STUDY, other], Hits.ONE)

    assert to_fetch("pacs", asked, [STUDY, other], Hits.ANY) == (STUDY, other)
    assert to_fetch("pacs", Asked(patient_id="P1"), [STUDY, other], Hits.ONE) == (STUDY, other)
