"""An encapsulated document leaves only where the recipe puts another in its place."""

import json
import struct
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import (
    UID,
    EncapsulatedCDAStorage,
    EncapsulatedPDFStorage,
    EncapsulatedSTLStorage,
    ExplicitVRLittleEndian,
)

import dicomveil
from dicomveil.errors import BadRecipe, Leak, Refused
from dicomveil.policy.documents import LARGEST, DocumentKind, kind_of_document
from dicomveil.policy.profile import Profile
from tests.builders import KEY
from tests.engine.roads import roads_of
from tests.journeys.world import World, ct

PDF = b"%PDF-1.4\n% nothing to see here\n%%EOF\n\n"
CDA = b'<?xml version="1.0"?>\n<!-- none -->\n<ClinicalDocument xmlns="urn:hl7-org:v3"/>\n'
STL = b"blank".ljust(80, b"\0") + struct.pack("<L", 1) + bytes(50)
NAMED = b"%PDF-1.4 of Secretname %%EOF "
CONTENT = {EncapsulatedPDFStorage: PDF, EncapsulatedCDAStorage: CDA, EncapsulatedSTLStorage: STL}
RULE = "  EncapsulatedDocument: {document: blank}\n"


def document(sop_class: UID = EncapsulatedPDFStorage, **elements: object) -> bytes:
    """An object around a document that names its patient."""
    made = Dataset()
    made.SOPClassUID, made.SOPInstanceUID = sop_class, UID("1.2.3.4")
    made.StudyInstanceUID, made.SeriesInstanceUID = "1.2.3", "1.2.3.3"
    made.PatientName, made.PatientID, made.Modality = "Secretname^Jane", "PID12345", "DOC"
    made.BurnedInAnnotation = "YES"
    made.DocumentTitle = "Letter about Secretname"
    made.EncapsulatedDocument = NAMED
    made.MIMETypeOfEncapsulatedDocument = "application/pdf"
    made.EncapsulatedDocumentLength = len(NAMED)
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    written = BytesIO()
    pydicom.dcmwrite(written, made, enforce_file_format=True)
    return written.getvalue()


def recipe(folder: Path, blank: bytes = PDF, rules: str = RULE) -> Path:
    """A recipe that puts `blank` in the place of documents."""
    (folder / "blank").write_bytes(blank)
    path = folder / "study.yaml"
    path.write_text(f"name: study\nextends: basic\nrules:\n{rules}", "utf-8")
    return path


def replacing(folder: Path, blank: bytes = PDF, rules: str = RULE) -> Profile:
    return dicomveil.load_profile(recipe(folder, blank, rules))


def cleaned(data: bytes, profile: Profile) -> Dataset:
    return pydicom.dcmread(
        BytesIO(dicomveil.joined(dicomveil.deidentify(data, profile, KEY), data))
    )


@pytest.mark.parametrize("sop_class", CONTENT, ids=lambda uid: UID(uid).name)
def test_the_recipes_document_stands_in_the_place_of_the_old_one(
    sop_class: UID, tmp_path: Path
) -> None:
    blank = CONTENT[sop_class]

    output = cleaned(document(sop_class), replacing(tmp_path, blank))

    kind = kind_of_document(blank)
    assert kind is not None
    assert output.EncapsulatedDocument == blank + b"\0" * (len(blank) & 1)
    assert output.EncapsulatedDocumentLength == len(blank)
    assert output.MIMETypeOfEncapsulatedDocument == kind.mime_type
    assert output.BurnedInAnnotation == "NO"
    assert "Secretname" not in str(output)


def test_without_such_a_rule_a_document_is_kept_back() -> None:
    for name in ("basic", "research", "tcia"):
        with pytest.raises(Refused) as refused:
            cleaned(document(), dicomveil.load_profile(name))

        assert refused.value.code == "encapsulated-document"


@pytest.mark.parametrize("sop_class", [EncapsulatedCDAStorage, EncapsulatedSTLStorage])
def test_a_document_of_another_kind_is_kept_back(sop_class: UID, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        cleaned(document(sop_class), replacing(tmp_path, PDF))

    assert refused.value.code == "encapsulated-document"


@pytest.mark.parametrize("rule", ["dummy", "empty", "keep", "remove"])
def test_no_other_action_lets_a_document_leave(rule: str, tmp_path: Path) -> None:
    profile = replacing(tmp_path, rules=f"  EncapsulatedDocument: {rule}\n")

    with pytest.raises(Refused):
        cleaned(document(), profile)


def test_an_object_that_lost_its_document_is_kept_back(tmp_path: Path) -> None:
    lost = pydicom.dcmread(BytesIO(document()))
    del lost.EncapsulatedDocument
    written = BytesIO()
    lost.save_as(written)

    with pytest.raises(Refused):
        cleaned(written.getvalue(), replacing(tmp_path))


def test_a_condition_says_whose_documents_are_replaced(tmp_path: Path) -> None:
    case = "{when: {Modality: DOC}, action: {document: blank}}"
    rules = f"  EncapsulatedDocument:\n    - {case}\n    - remove\n"
    profile = replacing(tmp_path, rules=rules)

    assert cleaned(document(), profile).EncapsulatedDocument.startswith(b"%PDF")
    with pytest.raises(Refused):
        cleaned(document(Modality="OT"), profile)


def test_a_document_that_names_the_patient_does_not_leave(tmp_path: Path) -> None:
    with pytest.raises(Leak):
        cleaned(document(), replacing(tmp_path, NAMED))


def test_other_objects_keep_what_they_say_of_themselves(tmp_path: Path) -> None:
    data = document(UID("1.2.840.10008.5.1.4.1.1.88.11"), BurnedInAnnotation="NO")
    plain = pydicom.dcmread(BytesIO(data))
    for keyword in (
        "EncapsulatedDocument",
        "EncapsulatedDocumentLength",
        "MIMETypeOfEncapsulatedDocument",
    ):
        delattr(plain, keyword)
    plain.BurnedInAnnotation = "YES"
    written = BytesIO()
    plain.save_as(written)

    with pytest.raises(Refused) as refused:
        cleaned(written.getvalue(), replacing(tmp_path))

    assert refused.value.code == "pixels-unproven"


def test_the_profiles_digest_is_that_of_its_document(tmp_path: Path) -> None:
    digests = {replacing(tmp_path, blank).digest for blank in (PDF, PDF + b"\n", CDA)}

    assert len(digests) == 3


def test_the_codes_of_the_basic_profile_are_claimed(tmp_path: Path) -> None:
    assert replacing(tmp_path).codes == dicomveil.load_profile("basic").codes


def test_both_roads_put_the_document_in(tmp_path: Path) -> None:
    files = [
        document(SOPInstanceUID=UID(f"1.2.3.4.{number}"), EncapsulatedDocument=NAMED * (number + 1))
        for number in range(8)
    ]

    roads = roads_of(files, profile=replacing(tmp_path))

    assert roads.differences == []
    assert all(cleaned(one, roads.profile).EncapsulatedDocument.startswith(PDF) for one in files)


def test_a_run_delivers_documents_by_a_recipe(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.put("1.dcm", document())
    world.put("2.dcm", document(EncapsulatedCDAStorage, SOPInstanceUID=UID("1.2.3.5")))
    world.put("3.dcm", ct(3))

    world.deid("--profile", str(recipe(tmp_path)), "--jobs", "2")

    assert world.statuses() == ["delivered", "quarantined", "delivered"]
    assert all(b"Secretname" not in content for content in world.public().values())
    assert json.loads((world.dst / "manifest.jsonl").read_text().splitlines()[0])


@pytest.mark.parametrize(
    ("rules", "blank", "problem"),
    [
        ("  EncapsulatedDocument: {document: nowhere}\n", PDF, "cannot be read"),
        (RULE, b"just words", "no kind"),
        (RULE, b"", "no kind"),
        (RULE, STL[:-1], "no kind"),
        (RULE, PDF.ljust(LARGEST + 1), "too large"),
        ("  EncapsulatedDocument: document\n", PDF, "needs to know more"),
        ("  ImageComments: {document: blank}\n", PDF, "VR is LT"),
        ("  ICCProfile: {document: blank}\n", PDF, "stands in for a document"),
        ("  (0042,00xx): {document: blank}\n", PDF, "stands in for a document"),
        ("  '*/EncapsulatedDocument': {document: blank}\n", PDF, "stands in for a document"),
    ],
)
def test_a_recipe_says_what_is_wrong_with_its_document(
    rules: str, blank: bytes, problem: str, tmp_path: Path
) -> None:
    with pytest.raises(BadRecipe, match=r"study\.yaml, line 4: .*" + problem):
        replacing(tmp_path, blank, rules)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, DocumentKind.PDF),
        (CDA, DocumentKind.CDA),
        (b"\xef\xbb\xbf<cda:ClinicalDocument/>", DocumentKind.CDA),
        (STL, DocumentKind.STL),
        (b"<html><body>ClinicalDocument</body></html>", None),
        (b"PK\3\4", None),
    ],
)
def test_a_document_is_told_by_its_bytes(content: bytes, kind: DocumentKind | None) -> None:
    assert kind_of_document(content) is kind
