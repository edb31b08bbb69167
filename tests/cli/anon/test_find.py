"""`anon find`: studies looked up on a server of our own, and what others are told."""

import pytest

from dicomveil.cli.anon.find import CANNOT_LOOK
from tests.cli.anon.desk import Desk
from tests.client.recording import Fault, Recording
from tests.client.requests import get, post_json, requests

CT = {
    "study_instance_uid": "1.2.840.99.1",
    "accession_number": "4711",
    "study_date": "20260102",
    "modality": "CT",
    "files": 120,
}
MR = {"study_instance_uid": "1.2.840.99.2", "accession_number": "4712", "modality": "MR"}


@pytest.fixture
def archive(server: Recording) -> Recording:
    """A server of our own that can look up two studies of one patient."""
    server.api = "/api/v1"
    server.studies = {
        "accession_number:4711": [CT],
        "study_instance_uid:1.2.840.99.2": [MR],
        "patient_id:0012": [CT, MR],
    }
    return server


def test_studies_are_looked_up_by_accession_number_uid_and_patient(
    desk: Desk, archive: Recording
) -> None:
    said = desk.done(
        "find", "accession_number:4711", "study_instance_uid:1.2.840.99.2", "patient_id:0012"
    )

    assert said == (
        "  source  study_instance_uid      accession_number      date  modality      files\n"
        "--------  --------------------  ------------------  --------  ----------  -------\n"
        "       1  1.2.840.99.1                        4711  20260102  CT              120\n"
        "       2  1.2.840.99.2                        4712            MR\n"
        "       3  1.2.840.99.1                        4711  20260102  CT              120\n"
        "       3  1.2.840.99.2                        4712            MR\n"
        "Found 4 studies\n"
    )
    sources = ["accession_number:4711", "study_instance_uid:1.2.840.99.2", "patient_id:0012"]
    assert requests(archive) == [
        get("/"),
        post_json("/api/v1/studies/find", {"sources": sources}),
    ]
    assert archive.jobs == {}


def test_a_source_that_is_not_found_is_named_by_number_and_ends_with_1(
    desk: Desk, archive: Recording
) -> None:
    said = desk.failed("find", "accession_number:4711", "accession_number:planted")

    assert "source 2 (accession_number): nothing found\nFound 1 studies\n" in said
    assert "planted" not in said
    assert archive.jobs == {}
    assert desk.json("find", "accession_number:x", "patient_id:0012") == {
        "studies": [{"asked": 2, **CT}, {"asked": 2, **MR}],
        "not_found": [1],
    }


@pytest.mark.parametrize("api", ["", "/api/v1"], ids=["anonapi's protocol alone", "no archive"])
def test_a_server_that_cannot_look_is_said_to_be_one(
    desk: Desk, server: Recording, api: str
) -> None:
    server.api = api

    said = desk.failed("find", "accession_number:4711", code=CANNOT_LOOK)

    assert "local cannot look up studies" in said
    assert desk.json("find", "patient_id:1") == {"problem": "local cannot look up studies"}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("4711", "source 2: a source needs a type and a colon"),
        ("accession_number:47*", "source 2: * and ? are wild cards"),
        ("folder:study", "source 2: folder is a path, which no archive knows"),
    ],
)
def test_a_source_of_no_accepted_form_reaches_no_server(
    desk: Desk, archive: Recording, source: str, said: str
) -> None:
    assert said in desk.failed("find", "patient_id:0012", source)
    assert archive.asked == []


def test_a_look_up_is_repeated_after_a_broken_connection(desk: Desk, archive: Recording) -> None:
    archive.faults = [Fault("find"), Fault("find", status=503)]

    assert "Found 1 studies" in desk.done("find", "accession_number:4711")


@pytest.mark.parametrize(
    "body", [b"[]", b'{"studies": 1}', b'{"studies": [{}]}', b'{"studies": [{"asked": 2}]}']
)
def test_an_answer_that_names_no_source_is_an_error(
    desk: Desk, archive: Recording, body: bytes
) -> None:
    archive.faults = [Fault("find", status=200, body=body)]

    assert "does not say which source" in desk.failed("find", "accession_number:4711")
