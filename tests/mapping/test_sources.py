"""Source identifiers: what is accepted and what is refused."""

import pytest

from dicomveil.errors import BadIdentifier
from dicomveil.mapping.sources import SourceType, parse_source

ACCEPTED = [
    ("folder:mydata/experiment1", SourceType.FOLDER, "mydata/experiment1"),
    (r"folder:\\server\share\a", SourceType.FOLDER, r"\\server\share\a"),
    (
        "fileselection:mydata/patient1/fileselection.txt",
        SourceType.FILE_SELECTION,
        "mydata/patient1/fileselection.txt",
    ),
    ("study_instance_uid:123.1217.23234.2323", SourceType.STUDY, "123.1217.23234.2323"),
    ("accession_number:12345678.1234567", SourceType.ACCESSION, "12345678.1234567"),
    ("accession_number: 12 ", SourceType.ACCESSION, "12"),
    ("accession_number:0012", SourceType.ACCESSION, "0012"),
    ("series_instance_uid:1.2.3", SourceType.SERIES, "1.2.3"),
    ("patient_id:0012345", SourceType.PATIENT, "0012345"),
    ("Accession_Number:7", SourceType.ACCESSION, "7"),
]
REFUSED = [
    "secret",
    "foldr:secret",
    "base:secret",
    "accession_number:",
    "accession_number:   ",
    "accession_number:secret*",
    "accession_number:secre?",
    "accession_number:sec\\ret",
    "accession_number:secretsecretsecret",
    "study_instance_uid:secret",
    "study_instance_uid:1.02.3",
    "study_instance_uid:1..2",
    "study_instance_uid:1",
    "study_instance_uid:1.2.",
    "study_instance_uid:" + "1." * 40 + "1",
    "series_instance_uid:*",
    "patient_id:" + "secret" * 11,
    "patient_id:sec\tret",
    "folder:../secret",
    "folder:a\\..\\secret",
    "folder:secret/*",
    "fileselection:",
]


@pytest.mark.parametrize(("text", "kind", "value"), ACCEPTED)
def test_a_source_of_an_accepted_form_is_read(text: str, kind: SourceType, value: str) -> None:
    source = parse_source(text)

    assert (source.type, source.value) == (kind, value)


@pytest.mark.parametrize("text", REFUSED)
def test_a_source_of_another_form_is_refused_with_the_forms_and_without_its_value(
    text: str,
) -> None:
    with pytest.raises(BadIdentifier) as refusal:
        parse_source(text)

    message = str(refusal.value)
    assert ":" in message
    assert "secret" not in message
    assert "write" in message or "use" in message or "like" in message


def test_a_source_shows_its_type_and_not_its_value_in_a_repr() -> None:
    source = parse_source("patient_id:4711")

    assert "4711" not in repr(source)
    assert str(source) == "patient_id:4711"
