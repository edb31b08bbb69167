"""The oracle's pseudonyms are those of docs/pseudonyms.md."""

import base64
import hashlib

import pytest
from pydicom.dataset import Dataset

from tests.oracle.claims import EMPTY, Written
from tests.oracle.pseudonyms import normal, uid, word
from tests.oracle.studies import KEY, study, wanted

PATIENT_ID, PATIENT_NAME = 0x00100020, 0x00100010


def by_study() -> Written:
    return Written(word(KEY, "patient-id", b"study\x001.2.3").encode())


def test_a_word_is_ten_bytes_of_keyed_blake2b_in_base32() -> None:
    person = b"accession" + bytes(7)

    hashed = hashlib.blake2b(b"a1", key=KEY, person=person, digest_size=10).digest()

    assert word(KEY, "accession", b"a1") == base64.b32encode(hashed).decode()
    assert len(word(KEY, "accession", b"a1")) == 16


def test_a_uid_is_44_bytes_of_a_version_8_uuid() -> None:
    made = uid(KEY, b"1.2.3")
    number = int(made.removeprefix("2.25."))

    assert len(made) == 44
    assert number >> 76 & 0xF == 8
    assert number >> 62 & 0b11 == 0b10
    assert uid(KEY, b"1.2.3\0") == made != uid(KEY, b"1.2.4")


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("  Doe   J ", "doe j"),
        ("0012", "0012"),
        ("ＡＢ１", "ab1"),
        ("Straße", "strasse"),
    ],
)
def test_the_normal_form_folds_what_is_the_same_to_a_reader(text: str, plain: str) -> None:
    assert normal(text) == plain


def test_a_patient_is_issuer_and_id() -> None:
    made = study(PatientID=" ab 1", IssuerOfPatientID="Ward", PatientName="Doe^J")

    body = wanted(made)

    assert body[PATIENT_ID] == Written(word(KEY, "patient-id", b"id\0ward\0ab 1").encode())
    assert body[PATIENT_NAME] == Written(word(KEY, "patient-name", b"id\0ward\0ab 1").encode())


@pytest.mark.parametrize("made", [study(PatientID=""), study()], ids=["empty", "absent"])
def test_a_nameless_patient_is_that_of_the_study(made: Dataset) -> None:
    assert wanted(made)[PATIENT_ID] == by_study()


def test_without_id_and_study_nobody_is_made_up() -> None:
    empty, absent = study(PatientID=""), study()
    del empty.StudyInstanceUID, absent.StudyInstanceUID

    assert wanted(empty)[PATIENT_ID] == EMPTY
    assert PATIENT_ID not in wanted(absent)


def test_an_item_is_about_its_own_patient_where_it_names_one() -> None:
    other, same = Dataset(), Dataset()
    other.PatientID, other.PatientName, same.PatientName = "7", "Roe^R", "Doe^John"
    made = study(PatientID="1", ReferencedInstanceSequence=[other, same])

    claim = wanted(made)[0x0008114A]

    names = [item[PATIENT_NAME] for item in getattr(claim, "items")]  # noqa: B009 a union
    whole = (b"id\0\x007", b"id\0\x001")
    assert names == [Written(word(KEY, "patient-name", one).encode()) for one in whole]


def test_an_id_is_decoded_by_its_character_set() -> None:
    made = study(SpecificCharacterSet="ISO_IR 100", AccessionNumber="Ä1")

    assert wanted(made)[0x00080050] == Written(word(KEY, "accession", "ä1".encode()).encode())


def test_an_empty_value_stays_empty() -> None:
    body = wanted(study(AccessionNumber="", StudyID="", PatientName=""))

    assert {body[tag] for tag in (0x00080050, 0x00200010, PATIENT_NAME)} == {EMPTY}
