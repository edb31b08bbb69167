"""The protocol of anonapi, sentence by sentence, as its client relies on it."""

from pathlib import Path
from urllib.parse import urlencode

import pytest

from dicomveil.server.callers import Window
from dicomveil.server.documentation import CALLS
from dicomveil.server.views import CORE
from tests.server.world import ASKED, FORM, SHARE, World, world

EXTENDED = {
    *CORE,
    "destination_id",
    "destination_name",
    "destination_path",
    "destination_network",
    "destination_status",
    "destination_type",
    "source_id",
    "source_instance_id",
    "source_status",
    "source_type",
    "source_anonymizedpatientid",
    "source_anonymizedpatientname",
    "source_pims_keyfile_id",
    "source_name",
    "source_path",
    "source_protocol",
    "source_subject",
}
TOKEN = {"Authorization": "Token token-of-z1"}


# -- statuses ------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/nothing", "/get_job/1", "//", "/get_jobsx"])
@pytest.mark.parametrize("headers", [{}, TOKEN], ids=["nobody", "a user"])
def test_an_unknown_get_is_404_with_documentation(
    server: World, path: str, headers: dict[str, str]
) -> None:
    answer = server.client.get(path, headers=headers)

    assert answer.status_code == 404
    assert answer.json()["documentation"]["api"] == "/api/v1"


@pytest.mark.parametrize("path", ["/", "/nothing", "/createjob"])
def test_an_unknown_post_is_400_with_errors(server: World, path: str) -> None:
    answer = server.client.post(path, headers=TOKEN)

    assert answer.status_code == 400
    assert "documentation" not in answer.json()
    assert answer.json()["errors"]


@pytest.mark.parametrize("function", CALLS)
def test_a_wrong_method_is_405(server: World, function: str) -> None:
    right = CALLS[function].method

    for method in {"GET", "POST", "PUT", "DELETE", "PATCH"} - {right}:
        answer = server.client.request(method, f"/{function}", headers=TOKEN)

        assert answer.status_code == 405
        assert answer.headers["Allow"] == right


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="none"),
        pytest.param({"Authorization": "Token wrong"}, id="unknown"),
        pytest.param({"Authorization": "Bearer token-of-z1"}, id="another kind"),
        pytest.param({"Authorization": "Token"}, id="empty"),
        pytest.param({"Authorization": "Token " + "x" * 10_000}, id="very long"),
    ],
)
@pytest.mark.parametrize("function", CALLS)
def test_without_its_token_a_call_is_401(
    server: World, function: str, headers: dict[str, str]
) -> None:
    answer = server.client.request(CALLS[function].method, f"/{function}", headers=headers)

    assert answer.status_code == 401


def test_the_token_alone_says_who_asks(server: World) -> None:
    assert server.client.get("/get_jobs", headers=TOKEN).status_code == 200
    assert server.client.get("/get_jobs?user_name=z1", headers=TOKEN).status_code == 200
    assert server.client.get("/get_jobs?user_name=manager", headers=TOKEN).status_code == 401


def test_every_answer_is_json(server: World) -> None:
    for method, path in (("GET", "/"), ("POST", "/x"), ("PUT", "/get_job"), ("GET", "/get_job")):
        answer = server.client.request(method, path)

        assert answer.headers["Content-Type"] == "application/json"
        assert isinstance(answer.json(), dict)


def test_no_call_is_redirected(server: World) -> None:
    for path in ("/get_jobs/", "http://127.0.0.1//get_jobs", "/get_jobs"):
        answer = server.client.get(path, headers=TOKEN, follow_redirects=False)

        assert answer.status_code == 200


# -- parameters ----------------------------------------------------------------------------------


def test_the_body_of_a_get_has_its_parameters(server: World) -> None:
    job = server.asked()

    assert server.call("GET", "get_job", job_id=job["job_id"])[1] == job


def test_so_has_its_query(server: World) -> None:
    job = server.asked()

    answer = server.client.get(f"/get_job?job_id={job['job_id']}", headers=TOKEN)

    assert answer.json() == job


def test_ten_thousand_ids_in_one_body_are_answered(server: World) -> None:
    job = server.asked()

    status, jobs = server.call("GET", "get_jobs_list", job_ids=list(range(10_000)))

    assert (status, list(jobs)) == (200, [str(job["job_id"])])


def test_a_body_that_is_not_utf_8_is_400(server: World) -> None:
    answer = server.client.request(
        "GET", "/get_job", content=b"job_id=\xff", headers={**TOKEN, "Content-Type": FORM}
    )

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["body"])


def test_ten_megabytes_of_parameters_are_400(server: World) -> None:
    answer = server.client.post(
        "/create_job",
        content=b"description=" + b"x" * 10_000_000,
        headers={**TOKEN, "Content-Type": FORM},
    )

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["request"])


# -- looking -------------------------------------------------------------------------------------


def test_a_new_job_is_active_without_counts_or_error(server: World) -> None:
    job = server.asked()

    assert job["status"] == "ACTIVE"
    assert type(job["job_id"]) is int
    assert (job["files_downloaded"], job["files_processed"], job["error"]) == (None, None, None)
    assert (job["priority"], job["user_name"], job["project_name"]) == (0, "z1", "first")


def test_dates_have_no_zone_and_no_fractions(server: World) -> None:
    date = server.asked()["date"]

    assert len(date) == len("2018-10-26T14:56:34")
    assert date[10] == "T"


def test_lists_have_the_ten_fields_by_number(server: World) -> None:
    number = server.asked()["job_id"]

    for function, more in (("get_jobs", {}), ("get_jobs_list", {"job_ids": [number]})):
        status, jobs = server.call("GET", function, **more)

        assert status == 200
        assert {name: set(job) for name, job in jobs.items()} == {str(number): set(CORE)}


def test_the_long_list_has_all_fields(server: World) -> None:
    number = server.asked()["job_id"]

    _, jobs = server.call("GET", "get_jobs_list_extended", job_ids=[number])

    assert set(jobs[str(number)]) >= EXTENDED


@pytest.mark.parametrize("ids", [[], [99], ["-1"], ["x", "", " "], [10**30]])
@pytest.mark.parametrize("function", ["get_jobs_list", "get_jobs_list_extended"])
def test_numbers_of_no_job_are_left_out(server: World, function: str, ids: list[object]) -> None:
    assert server.call("GET", function, job_ids=ids) == (200, {})


def test_the_newest_fifty_jobs_are_listed(server: World) -> None:
    numbers = [server.asked()["job_id"] for _ in range(52)]

    _, jobs = server.call("GET", "get_jobs")

    assert sorted(map(int, jobs)) == numbers[2:]


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("447783", "Job with id 447783 does not exist"),
        ("", "Required parameter job_id not supplied"),
        ("x", "A job's number is accepted"),
        ("9" * 40, "A job's number is accepted"),
    ],
)
@pytest.mark.parametrize("function", ["get_job", "cancel_job", "modify_job"])
def test_a_number_of_no_job_is_400(server: World, function: str, number: str, says: str) -> None:
    status, content = server.call(CALLS[function].method, function, job_id=number, priority=1)

    if function != "modify_job":
        assert (status, content) == (400, {"errors": {"job_id": says}})
    assert status == 400


# -- creating ------------------------------------------------------------------------------------


def test_a_folder_becomes_a_path_job(server: World) -> None:
    job = server.asked()

    assert set(job) >= EXTENDED
    assert job["source_type"] == "PATH"
    assert job["source_path"] == ASKED["source_path"]
    assert job["destination_path"] == ASKED["destination_path"]
    assert job["source_anonymizedpatientid"] == "P1"
    assert job["description"] == "all of a"


def test_an_accession_number_becomes_a_pacs_job(server: World) -> None:
    job = server.asked(
        source_type="WADO", source_path="", source_instance_id="accession_number:12345678.1234567"
    )

    assert (job["source_type"], job["source_name"]) == ("WADO", "IDC_WADO")
    assert job["source_instance_id"] == "accession_number:12345678.1234567"
    assert job["source_path"] is None


def test_a_study_keeps_its_bare_uid(server: World) -> None:
    job = server.asked(source_type="WADO", source_path="", source_instance_id="1.2.3")

    assert job["source_instance_id"] == "1.2.3"


def test_a_pseudonym_key_of_the_project_stands_for_pseudonyms(server: World) -> None:
    plain = {"anonymizedpatientid": "", "anonymizedpatientname": "", "project_name": "held"}

    assert server.asked(**plain, pims_keyfile_id="4567")["source_pims_keyfile_id"] == "4567"
    status, refused = server.call("POST", "create_job", **ASKED | plain, pims_keyfile_id="99")
    assert (status, list(refused["errors"])) == (400, ["pims_keyfile_id"])


def test_a_path_that_is_not_unc_is_told_what_to_write(server: World) -> None:
    status, content = server.call("POST", "create_job", **ASKED | {"source_path": "/data/a"})

    assert status == 400
    assert r"\\server\share" in content["errors"]["source_path"]


def test_a_project_that_one_is_not_in_is_as_one_that_does_not_exist(server: World) -> None:
    for name in ("second", "nothing"):
        status, content = server.call("POST", "create_job", **ASKED | {"project_name": name})

        assert status == 400
        assert content["errors"] == {
            "AnonymizeInputException": "given user_name `z1` is not connected to given "
            f"project_name {name}"
        }


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("source_path", rf"{SHARE}\secret\a"),
        ("source_path", r"\\other\share\data\a"),
        ("source_path", rf"{SHARE}\data2"),
        ("destination_path", rf"{SHARE}\data"),
        ("destination_path", rf"{SHARE}\outside"),
    ],
)
def test_paths_outside_the_projects_roots_are_refused(server: World, name: str, path: str) -> None:
    status, content = server.call("POST", "create_job", **ASKED | {name: path})

    assert (status, list(content["errors"])) == (400, [name])


def test_a_role_that_only_looks_creates_nothing(server: World) -> None:
    status, content = server.call("POST", "create_job", "auditor", **ASKED)

    assert (status, list(content["errors"])) == (400, ["user_name"])


# -- prefixes ------------------------------------------------------------------------------------


def test_a_prefix_shows_its_projects_alone(tmp_path: Path) -> None:
    windows = {"": Window(), "/p01": Window(), "/p02": Window(frozenset({"held"}))}
    made = world(tmp_path, windows)
    number = made.asked()["job_id"]

    assert made.call("GET", "p01/get_job", job_id=number)[0] == 200
    assert made.call("GET", "p01//get_job", job_id=number)[0] == 200
    assert made.call("GET", "p02/get_job", job_id=number)[0] == 400
    assert made.call("GET", "p02/get_jobs") == (200, {})
    assert made.call("POST", "p02/create_job", **ASKED)[0] == 400
    assert made.client.get("/p01/").status_code == 404
    assert "documentation" in made.client.get("/p02").json()


# -- logs ----------------------------------------------------------------------------------------


def test_logs_hold_no_value(server: World) -> None:
    server.asked(description="Jansen")
    server.client.get("/Jansen?job_id=Jansen", headers=TOKEN)
    server.client.post(
        "/modify_job", content=urlencode({"job_id": 1, "Jansen": 1}).encode(), headers=TOKEN
    )

    assert "Jansen" not in server.log.getvalue()
    assert {one["route"] for one in server.log.events("request")} == {
        "create_job",
        "modify_job",
        "unknown",
    }


# -- lists that are asked for again and again ----------------------------------------------------


def test_a_list_asked_again_says_what_changed(server: World) -> None:
    """What was written of a job before is used as long as the job is as it was."""
    number = server.asked("z1")["job_id"]
    before = server.call("GET", "get_jobs_list", "z1", job_ids=number)[1][str(number)]
    server.call("POST", "modify_job", "z1", job_id=number, description="something else")
    server.call("POST", "cancel_job", "z1", job_id=number)
    after = server.call("GET", "get_jobs_list", "z1", job_ids=number)[1][str(number)]

    assert (before["status"], before["description"]) == ("ACTIVE", "all of a")
    assert (after["status"], after["description"]) == ("INACTIVE", "something else")


def test_what_was_written_for_the_owner_is_not_shown_to_others(server: World) -> None:
    """z2 may know of the job and not of its description, whoever asked before."""
    number = server.asked("z1")["job_id"]

    seen = [
        server.call("GET", "get_jobs_list", who, job_ids=number)[1][str(number)]["description"]
        for who in ("z1", "z2", "z1", "manager", "auditor", "z2")
    ]

    assert seen == ["all of a", None, "all of a", "all of a", None, None]


def test_a_list_is_as_its_jobs_are_alone(server: World) -> None:
    numbers = [server.asked("z1", description=f'"{at}" \\ é')["job_id"] for at in range(3)]
    listed = server.call("GET", "get_jobs_list", "z1", job_ids=numbers)[1]

    alone = {str(at): server.call("GET", "get_job", "z1", job_id=at)[1] for at in numbers}
    assert listed == {at: {name: job[name] for name in CORE} for at, job in alone.items()}
