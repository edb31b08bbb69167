"""What the protocol of anonapi changes of a job, and for whom."""

import pytest

from dicomveil.jobs.states import Event
from dicomveil.server.documentation import CALLS
from tests.server.world import ASKED, SHARE, World

RESET = {"status": "ACTIVE", "files_downloaded": 0, "files_processed": 0, "error": " "}


def test_a_failed_job_is_reset(server: World) -> None:
    number = server.asked()["job_id"]
    server.ended(number, Event.REFUSED, code="x", error="told")
    assert server.call("GET", "get_job", job_id=number)[1]["error"] == "told"

    status, job = server.call("POST", "modify_job", job_id=number, **RESET)

    assert (status, job["status"], job["error"]) == (200, "ACTIVE", None)
    assert job["files_processed"] is None


def test_an_active_job_stays_active_when_it_is_reset(server: World) -> None:
    number = server.asked()["job_id"]

    status, job = server.call("POST", "modify_job", job_id=number, **RESET)

    assert (status, job["status"]) == (200, "ACTIVE")


@pytest.mark.parametrize("call", ["cancel_job", "modify_job"])
def test_a_job_is_cancelled(server: World, call: str) -> None:
    number = server.asked()["job_id"]
    more = {"status": "INACTIVE"} if call == "modify_job" else {}

    for _ in range(2):  # what is cancelled already stays so
        status, job = server.call("POST", call, job_id=number, **more)

        assert (status, job["status"]) == (200, "INACTIVE")


def test_a_job_that_is_done_is_not_cancelled(server: World) -> None:
    number = server.asked()["job_id"]
    server.ended(number, Event.DELIVERED)

    status, content = server.call("POST", "cancel_job", job_id=number)

    assert (status, list(content["errors"])) == (400, ["status"])


def test_a_done_job_has_its_counts(server: World) -> None:
    number = server.asked()["job_id"]
    server.ended(number, Event.DELIVERED)

    _, job = server.call("GET", "get_job", job_id=number)

    assert (job["status"], job["files_downloaded"], job["files_processed"]) == ("DONE", 3, 2)


def test_ignoring_an_opt_out_needs_its_own_permission(server: World) -> None:
    number = server.asked()["job_id"]
    ignore = {"source_ignore_opt_out": "True", "source_ignore_opt_out_reason": "Reason: signed"}

    refused, content = server.call("POST", "modify_job", job_id=number, **ignore)
    allowed, job = server.call("POST", "modify_job", "manager", job_id=number, **ignore)

    assert (refused, list(content["errors"])) == (400, ["user_name"])
    assert (allowed, job["source_ignore_opt_out_reason"]) == (200, "signed")


def test_source_and_destination_change_while_no_attempt_has_begun(server: World) -> None:
    number = server.asked()["job_id"]
    path = rf"{SHARE}\data\b"

    status, job = server.call("POST", "modify_job", job_id=number, source_path=path)
    assert (status, job["source_path"]) == (200, f"folder:{path}")

    server.ended(number, Event.REFUSED, code="x", error="told")
    for name in ("source_path", "destination_path"):
        status, content = server.call("POST", "modify_job", job_id=number, **{name: ASKED[name]})
        assert status == 400, content


def test_a_changed_source_is_checked_against_the_project_now(server: World) -> None:
    number = server.asked()["job_id"]

    for name, path in (("source_path", rf"{SHARE}\secret"), ("destination_path", r"\\a\b")):
        status, content = server.call("POST", "modify_job", job_id=number, **{name: path})

        assert (status, list(content["errors"])) == (400, [name])


@pytest.mark.parametrize("name", ["date", "job_status", "owner", "source_status"])
def test_a_field_beyond_the_table_is_not_changed(server: World, name: str) -> None:
    number = server.asked()["job_id"]

    status, content = server.call("POST", "modify_job", job_id=number, **{name: "x"})

    assert (status, list(content["errors"])) == (400, [name])


def test_somebody_elses_job_is_changed_by_those_who_may(server: World) -> None:
    number = server.asked()["job_id"]

    assert server.call("POST", "cancel_job", "z2", job_id=number)[0] == 400
    assert server.call("POST", "cancel_job", "manager", job_id=number)[0] == 200


def test_a_job_of_another_project_is_as_one_that_does_not_exist(server: World) -> None:
    mine = server.asked()["job_id"]
    absent = mine + 1

    for function in ("get_job", "cancel_job", "modify_job"):
        more = {"description": "x"} if function == "modify_job" else {}
        answers = [
            server.call(CALLS[function].method, function, "outsider", job_id=number, **more)
            for number in (mine, absent)
        ]
        said = [
            (status, str(content).replace(str(number), "N"))
            for (status, content), number in zip(answers, (mine, absent), strict=True)
        ]
        assert said[0] == said[1]
    for function in ("get_jobs_list", "get_jobs_list_extended"):
        assert server.call("GET", function, "outsider", job_ids=[mine]) == (200, {})
    assert server.call("GET", "get_jobs", "outsider") == (200, {})


def test_what_identifies_is_for_the_owner_and_those_who_may(server: World) -> None:
    number = server.asked()["job_id"]

    shown = {
        who: server.call("GET", "get_job", who, job_id=number)[1] for who in ("z1", "z2", "manager")
    }

    assert [shown[who]["source_path"] is None for who in shown] == [False, True, False]
    assert [shown[who]["description"] is None for who in shown] == [False, True, False]
    assert server.call("GET", "get_jobs", "z2")[1][str(number)]["description"] is None
