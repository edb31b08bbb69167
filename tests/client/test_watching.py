"""Jobs are followed by events where a server sends them, and by asking where it does not."""

import json
from typing import Any

import pytest

from dicomveil.client.connection import Access, Connection
from dicomveil.client.settings import Server
from dicomveil.client.watching import watch
from tests.client.recording import TOKEN, Recording


def event(kept: Recording, number: int, **changes: Any) -> bytes:
    """One event as a server sends it."""
    return b"data: " + json.dumps({**kept.jobs[number], **changes}).encode() + b"\n\n"


def watched(server: Recording, ids: list[int], pauses: list[dict[str, Any]]) -> list[str]:
    """What is told of the jobs; with each pause the next changes are made to the first job."""

    def pause() -> None:
        server.jobs[ids[0]].update(pauses.pop(0))

    with Connection(Server("local", server.url), Access("z1", TOKEN)) as connection:
        told = watch(connection, server.api, ids, pause)
        return [f"{job.id} {job.status} {job.get('files_processed')}" for job in told]


def asked(server: Recording) -> list[str]:
    return [one.path.strip("/").split("/")[-1] for one in server.asked]


@pytest.fixture
def own(server: Recording) -> Recording:
    """A server of our own with two jobs that wait."""
    server.api = "/api/v1"
    server.add("ACTIVE", files_processed=0)
    server.add("ACTIVE", files_processed=0)
    return server


def test_events_are_told_until_every_job_has_ended(own: Recording) -> None:
    own.events = [
        b": begun\n\n"
        + event(own, 1, status="UPLOADED", files_processed=5)
        + event(own, 1, status="UPLOADED", files_processed=5)  # nothing new
        + event(own, 2, status="ERROR")
        + event(own, 1, status="DONE", files_processed=9)
        + event(own, 1, status="never read")
    ]

    told = watched(own, [1, 2], [])

    assert told == ["1 ACTIVE 0", "2 ACTIVE 0", "1 UPLOADED 5", "2 ERROR 0", "1 DONE 9"]
    assert asked(own) == ["get_jobs_list", "events?job_ids=1-2"]


def test_what_a_broken_stream_swallowed_is_asked_for(own: Recording) -> None:
    own.events = [event(own, 1, status="UPLOADED")[:-30], event(own, 2, status="DONE")]

    told = watched(own, [1, 2], [{"status": "DONE"}])

    assert told == ["1 ACTIVE 0", "2 ACTIVE 0", "1 DONE 0", "2 DONE 0"]
    assert asked(own) == ["get_jobs_list", "events?job_ids=1-2"] * 2


@pytest.mark.parametrize("text", [b"data: {\n\n", b"data: 5\n\n", b"event: x\n\n", b""])
def test_a_stream_of_nonsense_is_left_for_asking(own: Recording, text: bytes) -> None:
    own.events = [text]

    assert watched(own, [1], [{"status": "DONE"}]) == ["1 ACTIVE 0", "1 DONE 0"]


def test_jobs_that_were_not_asked_for_are_not_told(own: Recording) -> None:
    own.events = [event(own, 2, status="DONE") + event(own, 1, status="DONE")]

    assert watched(own, [1], []) == ["1 ACTIVE 0", "1 DONE 0"]


def test_a_server_without_events_is_asked_again_and_again(own: Recording) -> None:
    told = watched(own, [1], [{"files_processed": 3}, {"status": "DONE"}])

    assert told == ["1 ACTIVE 0", "1 ACTIVE 3", "1 DONE 3"]


def test_anonapis_own_server_is_never_asked_for_events(own: Recording) -> None:
    own.api = ""

    assert watched(own, [1], [{"status": "DONE"}]) == ["1 ACTIVE 0", "1 DONE 0"]
    assert asked(own) == ["get_jobs_list", "get_jobs_list"]


def test_more_jobs_than_a_url_can_name_are_asked_for(own: Recording) -> None:
    ids = [1, *range(1001, 2001, 2)]

    watched(own, ids, [{"status": "DONE"}])

    assert asked(own) == ["get_jobs_list", "get_jobs_list"]
