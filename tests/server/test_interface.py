"""The interface /api/v1: what our own client and the page use."""

import json
from typing import Any

import pytest
from fastapi.routing import APIRoute

from dicomveil.server.api import access, routers
from dicomveil.server.documentation import API
from tests.server.world import SHARE, World

ROW: dict[str, Any] = {
    "source": rf"folder:{SHARE}\data\a",
    "project": "first",
    "destination_path": rf"{SHARE}\out",
    "pseudo_id": "P1",
    "pseudo_name": "P1",
    "description": "all of a",
    "pims_key": "",
}
MAPPING = rf"""## Description ##
Forty patients

## Options ##
root_source_path,{SHARE}\data
project,first
destination_path,{SHARE}\out

## Mapping ##
source,pseudo_name,description
folder:a,PatientA,one
folder:b,PatientB,two
"""


def created(server: World, who: str = "z1", **changed: Any) -> dict[str, Any]:
    answer = server.api("POST", "/jobs", who, json={**ROW, **changed})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


# -- access --------------------------------------------------------------------------------------


def test_every_route_of_the_interface_is_in_the_table_of_access() -> None:
    routes = {
        (method, route.path)
        for router in routers()
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
        if route.path.startswith(API)
    }

    assert routes == set(access.TABLE) | access.OPEN


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Token wrong"}], ids=["none", "wrong"])
@pytest.mark.parametrize(("method", "path"), access.TABLE)
def test_nobody_gets_nothing(
    server: World, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = server.client.request(method, path.replace("{number}", "1"), headers=headers)

    assert answer.status_code == 401


def test_a_bearer_token_is_a_token(server: World) -> None:
    answer = server.client.get(f"{API}/jobs", headers={"Authorization": "Bearer token-of-z1"})

    assert answer.status_code == 200


def test_an_unknown_path_is_404_and_a_wrong_method_405(server: World) -> None:
    assert server.api("GET", "/nothing").status_code == 404
    assert server.api("DELETE", "/jobs").status_code == 405
    assert "errors" in server.api("DELETE", "/jobs").json()


# -- jobs ----------------------------------------------------------------------------------------


def test_a_row_becomes_a_job(server: World) -> None:
    job = created(server)

    assert job["status"] == "ACTIVE"
    assert job["state"] == "queued"
    assert job["source_path"] == ROW["source"]
    assert job["counts"]["found"] == 0


def test_the_same_key_gives_the_same_job(server: World) -> None:
    key = {"Idempotency-Key": "k1"}

    jobs = [server.api("POST", "/jobs", json=ROW, headers=key).json() for _ in range(3)]
    another = server.api("POST", "/jobs", json=ROW, headers={"Idempotency-Key": "k2"}).json()

    assert len({job["job_id"] for job in jobs}) == 1
    assert another["job_id"] != jobs[0]["job_id"]


def test_a_key_stands_for_one_request(server: World) -> None:
    key = {"Idempotency-Key": "k1"}
    server.api("POST", "/jobs", json=ROW, headers=key)

    answer = server.api("POST", "/jobs", json={**ROW, "pseudo_id": "P2"}, headers=key)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == ["Idempotency-Key"]


@pytest.mark.parametrize(
    ("changed", "status", "name"),
    [
        ({"source": "folder:/data"}, 400, "source"),
        ({"source": "nothing"}, 400, "source"),
        ({"destination_path": "x"}, 400, "destination_path"),
        ({"project": "second"}, 400, "AnonymizeInputException"),
        ({"pseudo_id": "", "pseudo_name": ""}, 400, "pseudo_id"),
        ({"description": "a\0b"}, 400, "description"),
        ({"priority": 1000}, 422, "body.priority"),
        ({"wrong": 1}, 422, "body.wrong"),
        ({"opt_out_reason": "signed"}, 403, "user_name"),
    ],
)
def test_what_cannot_be_a_job_is_refused_by_its_part(
    server: World, changed: dict[str, Any], status: int, name: str
) -> None:
    answer = server.api("POST", "/jobs", json={**ROW, **changed})

    assert (answer.status_code, list(answer.json()["errors"])) == (status, [name])


def test_a_refusal_does_not_repeat_what_was_sent(server: World) -> None:
    answer = server.api("POST", "/jobs", json={**ROW, "priority": "Jansen", "Jansen": 1})

    assert "body.priority" in answer.json()["errors"]
    assert "Jansen" not in json.dumps(list(answer.json()["errors"].values()))


def test_rows_are_checked_and_nothing_is_created(server: World) -> None:
    rows = [{"row": 1, **ROW}, {"row": 2, **ROW, "source": rf"folder:{SHARE}\secret"}]

    answer = server.api("POST", "/jobs/check", json={"rows": rows})

    assert [one["row"] for one in answer.json()["problems"]] == [2]
    assert server.api("GET", "/jobs").json()["jobs"] == []


def test_a_list_goes_on_where_it_ended(server: World) -> None:
    numbers = [created(server)["job_id"] for _ in range(5)]

    first = server.api("GET", "/jobs?limit=3").json()
    rest = server.api("GET", f"/jobs?limit=3&before={first['next']}").json()

    listed = [job["job_id"] for page in (first, rest) for job in page["jobs"]]
    assert listed == numbers[::-1]
    assert rest["next"] is None


def test_a_list_is_filtered(server: World) -> None:
    mine, theirs = created(server)["job_id"], created(server, "z2")["job_id"]
    held = created(server, project="held", pims_key="4567")["job_id"]
    server.api("POST", f"/jobs/{mine}/cancel")

    def numbers(query: str) -> set[int]:
        return {job["job_id"] for job in server.api("GET", f"/jobs?{query}").json()["jobs"]}

    assert numbers("state=cancelled") == {mine}
    assert numbers("state=cancelled&state=held") == {mine, held}
    assert numbers("mine=true") == {mine, held}
    assert numbers("project=held") == {held}
    assert numbers("project=second") == set()
    assert numbers("") == {mine, theirs, held}


def test_a_job_is_paused_resumed_cancelled_and_done_again(server: World) -> None:
    number = created(server)["job_id"]

    def state_after(what: str) -> str:
        answer = server.api("POST", f"/jobs/{number}/{what}")
        return str(answer.json()["state"]) if answer.status_code == 200 else answer.text

    assert state_after("pause") == "paused"
    assert state_after("resume") == "queued"
    assert state_after("cancel") == "cancelled"
    assert state_after("retry") == "queued"


def test_what_cannot_happen_now_is_409(server: World) -> None:
    number = created(server)["job_id"]

    assert server.api("POST", f"/jobs/{number}/resume").status_code == 409


def test_a_second_person_approves(server: World) -> None:
    number = created(server, "manager", project="held", pims_key="4567")["job_id"]

    assert server.api("POST", f"/jobs/{number}/approve", "manager").status_code == 403
    assert server.api("POST", f"/jobs/{number}/approve", "z1").status_code == 403
    assert server.api("POST", f"/jobs/{number}/approve", "admin").json()["state"] == "queued"


def test_priority_and_description_are_amended(server: World) -> None:
    number = created(server)["job_id"]

    answer = server.api("PATCH", f"/jobs/{number}", json={"priority": 7, "description": "x"})

    assert (answer.json()["priority"], answer.json()["description"]) == (7, "x")


def test_a_job_of_another_project_is_404_as_one_that_is_not_there(server: World) -> None:
    number = created(server)["job_id"]

    for path in ("", "/items"):
        mine = server.api("GET", f"/jobs/{number}{path}", "outsider")
        absent = server.api("GET", f"/jobs/{number + 1}{path}", "outsider")
        assert (mine.status_code, absent.status_code) == (404, 404)
        assert mine.text.replace(str(number), "N") == absent.text.replace(str(number + 1), "N")


def test_a_batch_counts_its_jobs_for_its_owner(server: World) -> None:
    number = server.api("POST", "/batches", json={"name": "study"}).json()["id"]
    created(server, batch=number)

    assert server.api("GET", f"/batches/{number}").json()["statuses"]["ACTIVE"] == 1
    assert len(server.api("GET", f"/jobs?batch={number}").json()["jobs"]) == 1
    assert server.api("GET", f"/batches/{number}", "z2").status_code == 404
    assert server.api("POST", "/jobs", "z2", json={**ROW, "batch": number}).status_code == 400


# -- mappings ------------------------------------------------------------------------------------


def test_a_mapping_is_checked(server: World) -> None:
    answer = server.api("POST", "/mappings/check", content=MAPPING.encode())

    assert answer.json() == {"rows": 2, "problems": []}
    assert server.api("GET", "/jobs").json()["jobs"] == []


def test_the_problems_of_a_mapping_are_told_by_row(server: World) -> None:
    text = MAPPING.replace("folder:b", r"folder:\\other\share\b")

    answer = server.api("POST", "/mappings/check", content=text.encode())

    assert [one["row"] for one in answer.json()["problems"]] == [2]


def test_a_mapping_is_submitted_whole(server: World) -> None:
    key = {"Idempotency-Key": "m1"}

    answers = [
        server.api("POST", "/mappings", content=MAPPING.encode(), headers=key) for _ in range(2)
    ]

    numbers = answers[0].json()["job_ids"]
    assert len(numbers) == 2
    assert answers[1].json()["job_ids"] == numbers
    shown = [server.api("GET", f"/jobs/{number}").json()["description"] for number in numbers]
    assert shown == ["one", "two"]


def test_a_mapping_with_one_bad_row_makes_no_job(server: World) -> None:
    text = MAPPING.replace("folder:b", "folder:..")

    answer = server.api("POST", "/mappings", content=text.encode())

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["row 2"])
    assert server.api("GET", "/jobs").json()["jobs"] == []


@pytest.mark.parametrize(
    "contents", [b"", b"PK\x03\x04", b"\xff\xfe", b"source\nfolder:a", b"\0" * 100]
)
def test_what_is_no_mapping_is_400(server: World, contents: bytes) -> None:
    answer = server.api("POST", "/mappings/check", content=contents)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["mapping"])


# -- health --------------------------------------------------------------------------------------


def test_life_is_open_and_details_are_near(server: World) -> None:
    server.troubles["key"] = "the key 1234 is missing"

    assert server.client.get("/health/live").json() == {"status": "alive"}
    assert "1234" in server.client.get("/health/ready").text
    far = server.client.get("/health/ready", headers={"X-Forwarded-For": "10.0.0.1"})
    assert (far.status_code, far.json()) == (503, {"status": "not ready"})


def test_meters_are_for_this_machine_or_a_token(server: World) -> None:
    created(server)
    far = {"X-Forwarded-For": "10.0.0.1"}

    assert 'dicomveil_jobs{state="queued"} 1.0' in server.client.get("/metrics").text
    assert server.client.get("/metrics", headers=far).status_code == 401
    token = {"Authorization": "Token token-of-admin"}
    assert server.client.get("/metrics", headers=far | token).status_code == 200


def test_the_meters_name_routes_and_no_paths(server: World) -> None:
    server.client.get("/Jansen")

    text = server.client.get("/metrics").text

    assert "Jansen" not in text
    assert 'route="unknown"' in text


# -- what stands on the wire ---------------------------------------------------------------------


def test_every_answer_forbids_what_comes_from_elsewhere(server: World) -> None:
    for path in ("/", "/health/live", f"{API}/jobs", f"{API}/openapi.json"):
        headers = server.client.get(path).headers

        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"


def test_openapi_describes_every_route(server: World) -> None:
    paths = server.client.get(f"{API}/openapi.json").json()["paths"]

    described = {(method.upper(), path) for path, ways in paths.items() for method in ways}
    assert described >= set(access.TABLE)
