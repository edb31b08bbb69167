"""Mappings that are kept: for their owner alone, sealed, submitted once."""

from pathlib import Path

from tests.server.test_interface import MAPPING
from tests.server.world import World


def kept(server: World, who: str = "z1", mapping: str = MAPPING) -> int:
    """The number of a mapping that is uploaded."""
    answer = server.api(
        "POST", "/mappings/uploads", who, content=mapping.encode(), params={"name": "forty.csv"}
    )
    assert answer.status_code == 200, answer.text
    return int(answer.json()["id"])


def test_an_upload_is_judged_and_nothing_is_created(server: World) -> None:
    number = kept(server)

    shown = server.api("GET", f"/mappings/uploads/{number}").json()

    assert shown["verdict"] == {"rows": 2, "problems": []}
    assert (shown["name"], shown["size"]) == ("forty.csv", len(MAPPING.encode()))
    assert server.api("GET", "/jobs").json()["jobs"] == []


def test_an_upload_is_submitted_once(server: World) -> None:
    number = kept(server)

    first, again = (
        server.api("POST", f"/mappings/uploads/{number}/submit").json() for _ in range(2)
    )
    anew = server.api(
        "POST", f"/mappings/uploads/{number}/submit", headers={"Idempotency-Key": "once more"}
    ).json()

    assert first == again
    assert len(first["job_ids"]) == 2
    assert set(anew["job_ids"]).isdisjoint(first["job_ids"])


def test_a_mapping_with_problems_is_kept_and_makes_no_job(server: World) -> None:
    number = kept(server, mapping=MAPPING.replace("project,first", "project,second"))

    refused = server.api("POST", f"/mappings/uploads/{number}/submit")

    assert refused.status_code == 400
    assert set(refused.json()["errors"]) == {"row 1", "row 2"}


def test_what_is_no_mapping_is_not_kept(server: World) -> None:
    answer = server.api("POST", "/mappings/uploads", content=b"\x00\x01")

    assert answer.status_code == 400
    assert server.api("GET", "/mappings/uploads").json() == {"mappings": []}


def test_a_removed_mapping_is_gone(server: World) -> None:
    number = kept(server)
    server.api("DELETE", f"/mappings/uploads/{number}")

    assert server.api("GET", f"/mappings/uploads/{number}").status_code == 404


def test_a_user_keeps_a_hundred(server: World) -> None:
    for _ in range(100):
        kept(server)

    answer = server.api("POST", "/mappings/uploads", content=MAPPING.encode())

    assert answer.status_code == 429


def test_nothing_of_a_mapping_can_be_read_in_the_database(server: World, tmp_path: Path) -> None:
    kept(server)

    files = b"".join(path.read_bytes() for path in tmp_path.glob("ledger.sqlite*"))

    assert b"PatientA" not in files
    assert b"forty.csv" not in files
