"""The documented workflows with jobs that are there: every request is compared."""

import json

from tests.cli.anon.desk import Desk
from tests.client.recording import Recording
from tests.client.requests import WITH_TOKEN, Request, get, post, requests


def test_the_quick_start(desk: Desk, server: Recording) -> None:
    server.add()
    (desk.home / "AnonWebAPIClientSettings.yml").unlink()

    first = desk.done("settings", "user", "set-username", "z1234")
    desk.done("settings", "user", "set-token", "sometoken-of-32-characters-or-more")
    desk.done("server", "add", "server1", server.url)
    desk.done("server", "activate", "server1")
    status = desk.done("server", "status")
    jobs = desk.done("server", "jobs")

    assert "No settings file found. Creating default settings at" in first
    assert status == f"OK: server1: {server.url} is online and responsive\n"
    assert jobs == (
        f"most recent 1 jobs on server1: {server.url}:\n\n\n"
        "  id  date                 status      down    proc  user\n"
        "----  -------------------  --------  ------  ------  ------\n"
        "   1  2018-10-26T14:56:34  DONE        1155    1155  z1\n"
    )
    assert requests(server) == [
        get("/", user_name="z1234"),
        get("/get_jobs", user_name="z1234"),
    ]


def reset_of(number: str) -> Request:
    """The request that resets a job; the error becomes one space, as with anonapi."""
    return post(
        "/modify_job",
        job_id=number,
        status="ACTIVE",
        files_downloaded="0",
        files_processed="0",
        error=" ",
    )


def ignored_for(number: str, reason: str) -> Request:
    """The request that has a job done in spite of an opt-out."""
    return post(
        "/modify_job",
        job_id=number,
        source_ignore_opt_out="True",
        source_ignore_opt_out_reason=reason,
    )


def test_jobs_by_number(desk: Desk, server: Recording) -> None:
    for _ in range(4):
        server.add("ERROR")

    info = desk.done("job", "info", "1", "3-4")
    desk.done("job", "list", "1,2-3")
    reset = desk.done("job", "reset", "1,2", answer="y\n")
    cancelled = desk.done("job", "cancel", "1", "2", answer="y\n")
    ignored = desk.done("job", "set-opt-out-ignore", "1,2", "signed consent", answer="y\n")

    assert "job 1 on local:\n\n('job_id', 1)\n('date', '2018-10-26T14:56:34')\n" in info
    assert "This will reset the following 2 jobs on local: [1, 2]. Are you sure?" in reset
    assert f"Reset job 1 on local: {server.url}" in reset
    assert f"Cancelled job 2 on local: {server.url}" in cancelled
    assert f"Set opt-out ignore (signed consent) for job 1 on local: {server.url}" in ignored
    assert requests(server) == [
        get("/get_job", job_id="1"),
        get("/get_job", job_id="3"),
        get("/get_job", job_id="4"),
        get("/get_jobs_list", job_ids=["1", "2", "3"]),
        reset_of("1"),
        reset_of("2"),
        post("/cancel_job", job_id="1"),
        post("/cancel_job", job_id="2"),
        ignored_for("1", "Reason: signed consent"),
        ignored_for("2", "Reason: signed consent"),
    ]


def test_a_batch_by_hand(desk: Desk, server: Recording) -> None:
    for status in ("ACTIVE", "ERROR", "DONE"):
        server.add(status)

    desk.done("batch", "init")
    desk.done("batch", "add", "1", "2", "3")
    desk.done("batch", "add", "20-21")
    desk.done("batch", "remove", "20,21")
    desk.done("batch", "cancel-active", "--yes")
    desk.done("batch", "reset-error", "--yes")
    named = desk.done("batch", "status", "--patient-name")
    desk.done("batch", "reset", "--yes")
    desk.done("batch", "cancel", "-y")
    desk.done("batch", "delete")

    assert "anon_name" in named
    assert requests(server) == [
        get("/get_jobs_list", job_ids=["1", "2", "3"]),
        post("/cancel_job", job_id="1"),
        get("/get_jobs_list", job_ids=["1", "2", "3"]),
        reset_of("2"),
        get("/get_jobs_list_extended", job_ids=["1", "2", "3"]),
        *[reset_of(number) for number in "123"],
        *[post("/cancel_job", job_id=number) for number in "123"],
    ]


def test_a_question_that_is_answered_no_changes_nothing(desk: Desk, server: Recording) -> None:
    server.add("ERROR")
    desk.mapping()
    desk.done("batch", "init")
    desk.done("batch", "add", "1")
    server.asked.clear()

    said = [
        desk.done("job", "reset", "1", answer="n\n"),
        desk.done("job", "cancel", "1", answer="\n"),
        desk.done("job", "set-opt-out-ignore", "1", "x", answer="n\n"),
        desk.done("batch", "reset", answer="n\n"),
        desk.done("batch", "cancel", answer="n\n"),
    ]
    created = desk.done("create", "from-mapping", answer="n\n")

    assert [text.splitlines()[-1] for text in said] == [
        "Cancelled",
        "Operation cancelled",
        "Cancelled",
        "User cancelled",
        "User cancelled",
    ]
    assert created.splitlines()[-1] == "Cancelled"
    assert requests(server) == [get("/")]


def test_watching_tells_every_change_until_all_jobs_have_ended(
    desk: Desk, server: Recording
) -> None:
    server.add("DONE")
    server.add("ERROR", error="no space left")

    said = desk.failed("job", "watch", "1", "2")

    assert said == (
        "local sends no events; asking every 5 s\n"
        "job 1 DONE, 1155 of 1155 files\njob 2 ERROR, 1155 of 1155 files: no space left\n"
    )
    assert requests(server) == [get("/"), get("/get_jobs_list", job_ids=["1", "2"])]


def test_watching_by_events_tells_of_the_last_state(desk: Desk, server: Recording) -> None:
    server.api = "/api/v1"
    job = server.jobs[server.add("ACTIVE")]
    server.events = [b"data: " + json.dumps({**job, "status": "DONE"}).encode() + b"\n\n"]

    found = desk.json("job", "watch", "1", "7")

    assert [one["status"] for one in found] == ["DONE"]
    assert requests(server) == [
        get("/"),
        get("/get_jobs_list", job_ids=["1", "7"]),
        Request("GET", "/api/v1/jobs/events?job_ids=1,7", {**WITH_TOKEN}, {}),
    ]
