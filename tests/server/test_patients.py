"""What the interface tells of patients: the opt-out register, pseudonym keys, names of files."""

from typing import Any

import pytest

from dicomveil.jobs.states import Event
from tests.server.world import World


def audited(server: World, what: str) -> list[dict[str, Any]]:
    """The entries of the audit that say this."""
    entries = server.api("GET", "/audit", "auditor", params={"limit": 1000}).json()["entries"]
    return [one for one in entries if one["what"] == what]


# -- opt-outs ------------------------------------------------------------------------------------


def test_patients_who_refuse_are_entered_counted_and_taken_out(server: World) -> None:
    added = server.api("POST", "/opt-outs", "admin", json={"patients": ["4711", "4712", "4711"]})
    again = server.api("POST", "/opt-outs", "admin", json={"patients": [" 4711 "]})
    gone = server.api("POST", "/opt-outs/remove", "admin", json={"patient": "4712"})

    assert added.json() == {"count": 2, "new": 2}
    assert again.json() == {"count": 2, "new": 0}
    assert gone.json() == {"found": True}
    assert server.api("GET", "/opt-outs", "admin").json() == {"count": 1}
    assert server.api("GET", "/opt-outs/patients", "admin").json() == {"patients": ["4711"]}


def test_a_csv_file_of_patients_is_entered_whole(server: World) -> None:
    answer = server.api("POST", "/opt-outs/import", "admin", content=b"patient_id\n1\n2\n")

    assert answer.json() == {"count": 2, "new": 2}


@pytest.mark.parametrize(
    ("contents", "says"),
    [
        pytest.param(b"name\nJones\n", "row 1", id="another column"),
        pytest.param(b"patient_id\n1\n \n", "row 3", id="an empty number"),
        pytest.param(b"patient_id\n\xff\n", "UTF-8", id="another encoding"),
    ],
)
def test_a_file_that_is_none_enters_nobody(server: World, contents: bytes, says: str) -> None:
    answer = server.api("POST", "/opt-outs/import", "admin", content=contents)

    assert answer.status_code == 400
    assert says in answer.text
    assert "Jones" not in answer.text
    assert server.api("GET", "/opt-outs", "admin").json() == {"count": 0}


def test_reading_the_register_is_audited_without_a_number(server: World) -> None:
    server.api("POST", "/opt-outs", "admin", json={"patients": ["4711"]})
    server.api("GET", "/opt-outs/patients", "admin")

    (read,) = audited(server, "opt-outs read")
    assert read["who"] == "admin"
    assert "4711" not in server.api("GET", "/audit", "auditor").text


# -- who a pseudonym is --------------------------------------------------------------------------


def test_a_pseudonym_is_looked_up_and_the_look_audited(server: World) -> None:
    server.pseudonym_key("4567")

    answer = server.api("POST", "/pims-keys/4567/reidentify", "manager", json={"pseudonym": "P1"})

    assert answer.json() == {"patient_id": "4711", "issuer": "HOSP"}
    (entry,) = audited(server, "re-identified")
    assert (entry["who"], entry["on"], entry["facts"]["found"]) == (
        "manager",
        "pims key 4567",
        True,
    )
    assert "P1" not in str(entry["facts"])


def test_a_look_that_finds_nobody_is_audited_too(server: World) -> None:
    server.pseudonym_key("4567")

    answer = server.api("POST", "/pims-keys/4567/reidentify", "manager", json={"pseudonym": "P2"})

    assert answer.status_code == 404
    assert [entry["facts"]["found"] for entry in audited(server, "re-identified")] == [False]


@pytest.mark.parametrize("who", ["z1", "auditor", "outsider"])
def test_nobody_else_learns_whether_a_pseudonym_is_there(server: World, who: str) -> None:
    server.pseudonym_key("4567")

    said = [
        server.api("POST", "/pims-keys/4567/reidentify", who, json={"pseudonym": one})
        for one in ("P1", "P2")
    ]

    assert said[0].status_code == said[1].status_code in (403, 404)
    assert said[0].text == said[1].text
    assert "4711" not in said[0].text


def test_keys_are_listed_to_members_of_their_projects(server: World) -> None:
    server.pseudonym_key("4567")

    listed = {
        who: [one["name"] for one in server.api("GET", "/pims-keys", who).json()["keys"]]
        for who in ("admin", "z1", "z2", "stranger")
    }

    assert listed == {"admin": ["4567"], "z1": ["4567"], "z2": [], "stranger": []}


# -- names of files ------------------------------------------------------------------------------


def test_names_of_files_that_failed_a_job_are_for_those_who_may_see_them(server: World) -> None:
    number = server.asked("z1")["job_id"]
    server.ended(number, Event.REFUSED, code="not-dicom-found", details="Jones.txt\nnotes.doc")

    told = {
        who: server.api("GET", f"/jobs/{number}", who).json()["details"]
        for who in ("z1", "manager", "admin", "z2", "auditor")
    }

    names = ["Jones.txt", "notes.doc"]
    assert told == {"z1": names, "manager": names, "admin": names, "z2": None, "auditor": None}


# -- the document --------------------------------------------------------------------------------


def test_every_answer_is_described_by_its_members(server: World) -> None:
    """No route answers with an object that could hold anything."""
    document = server.client.get("/api/v1/openapi.json").json()
    loose = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            contents = operation["responses"].get("200", {}).get("content", {})
            schema = contents.get("application/json", {"schema": {"$ref": ""}})["schema"]
            if "$ref" not in schema and (path, method) != ("/api/v1/studies/find", "post"):
                loose.append((method, path, schema))

    assert not loose
    assert len(document["paths"]) > 30
