"""A recipe of deid becomes one of dicomveil that reads; what it cannot do is listed and removed."""

from pathlib import Path

import pytest

from dicomveil.policy.conversion.draft import Converted
from dicomveil.policy.conversion.scripts import convert_script
from dicomveil.policy.recipe.reading import read_recipe


def converted(header: str, rest: str = "") -> Converted:
    found = convert_script(f"FORMAT dicom\n\n%header\n{header}\n{rest}", "study")
    read_recipe(found.text, "study.yaml", Path())
    return found


def lines(found: Converted) -> list[str]:
    return [line.strip() for line in found.text.splitlines() if not line.startswith("#")]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("KEEP Modality", "Modality: keep"),
        ("BLANK PatientSex", "PatientSex: empty"),
        ("REMOVE PatientSex # why", "PatientSex: remove"),
        ("REPLACE StudyDescription A study", 'StudyDescription: {replace: "A study"}'),
        ("BLANK endswith:Comments", '"regex:(?i).*(?:Comments)": empty'),
        ("BLANK startswith:PatientBirth", '"regex:(?i)(?:PatientBirth).*": empty'),
        ("REMOVE contains:Physician|Operator", '"regex:(?i).*(?:Physician|Operator).*": remove'),
        ("REMOVE select:group:32", "(0032,xxxx): remove"),
        ("BLANK select:VR:TM", '"vr:TM": empty'),
        ("KEEP (0010,0040)", "(0010,0040): keep"),
        ('KEEP (0019,"ACME",0c)', '(0019,"ACME",0C): keep'),
        (
            "REMOVE RequestAttributesSequence__0__AccessionNumber",
            "RequestAttributesSequence/AccessionNumber: remove",
        ),
        ("REMOVE ALL", "unlisted: remove"),
        ("KEEP ALL", "unlisted: keep"),
    ],
)
def test_a_line_becomes_a_rule(line: str, rule: str) -> None:
    found = converted(line)

    assert rule in lines(found)
    assert found.left == ()


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("REPLACE PatientID var:id", "PatientID: {pseudonym: patient-id}"),
        ("REPLACE StudyInstanceUID func:new", "StudyInstanceUID: uid"),
        ("REPLACE StudyDescription func:new", "StudyDescription: remove"),
        ("REMOVE StudyDescription func:is_name", "StudyDescription: remove"),
        ("JITTER StudyDate var:days", "StudyDate: shift-date"),
        ("ADD StudyDescription X", 'StudyDescription: {replace: "X"}'),
    ],
)
def test_what_is_not_the_same_is_listed(line: str, rule: str) -> None:
    found = converted(line)

    assert rule in lines(found)
    assert [left.line for left in found.left] == [4]


@pytest.mark.parametrize(
    "line",
    [
        "ADD PatientIdentityRemoved YES",
        "BLANK ALL",
        "REMOVE ALL func:is_name",
        "KEEP except:Manufacturer",
        "KEEP NoSuchKeyword",
        "DELETE PatientName",
        "KEEP",
        "BLANK contains:(",
    ],
)
def test_what_cannot_be_selected_is_listed(line: str) -> None:
    assert [left.line for left in converted(line).left] == [4]


def test_nothing_is_simply_kept_where_a_line_cannot_be_converted() -> None:
    found = converted("KEEP ALL\nREMOVE except:Manufacturer")

    assert "unlisted: by-review" in lines(found)


def test_a_recipe_never_has_the_name_of_a_profile() -> None:
    found = convert_script("FORMAT dicom\n%header\nKEEP Modality\n", "basic")

    assert "name: basic-converted" in lines(found)


def test_of_two_lines_for_one_field_deids_own_precedence_decides() -> None:
    found = converted("KEEP PatientSex\nREMOVE PatientSex")

    assert "PatientSex: keep" in lines(found)


def test_a_group_of_fields_is_written_out() -> None:
    found = converted(
        "BLANK fields:people", "%fields people\nFIELD PatientName\nFIELD OperatorsName"
    )

    assert {"PatientName: empty", "OperatorsName: empty"} <= set(lines(found))


def test_a_blacklist_becomes_quarantine() -> None:
    found = converted(
        "KEEP Modality",
        "%filter blacklist\nLABEL Saved # by hand\ncontains ImageType SAVE|DOSE\n"
        "+ equals Modality CT\nempty StudyDate\nmissing Rows\n+ contains Modality C.*T\n"
        "%filter graylist\nLABEL Corners\ncoordinates 0,0,1,1\n%values x\nFIELD PatientID\n",
    )

    assert [line for line in lines(found) if line.startswith("- ")] == [
        "- quarantine: {ImageType: {contains: [SAVE, DOSE]}, Modality: {equals: [CT]}}",
        "- quarantine: {StudyDate: {is: empty}}",
    ]
    assert [left.line for left in found.left] == [10, 13, 16]


def test_expressions_that_may_meet_are_told_apart_or_left_out() -> None:
    found = converted("KEEP contains:PatientSex\nKEEP startswith:PatientSex\nKEEP Modality")

    assert "Modality: keep" in lines(found)
