"""Each row becomes one job, whatever happens to the connection."""

from pathlib import Path

import pytest

from dicomveil.client.connection import Access, Connection
from dicomveil.client.creation import (
    KeyedCreator,
    LookingCreator,
    OnRefusal,
    create_all,
    says_the_same,
)
from dicomveil.client.jobs import Job
from dicomveil.client.journal import Journal, Outcome, keyed
from dicomveil.client.settings import Server
from dicomveil.errors import Unreadable
from dicomveil.mapping.mapping_file import parse_mapping
from dicomveil.mapping.requests import JobRequest, requests_of
from dicomveil.mapping.shares import Shares
from tests.client.recording import TOKEN, Fault, Recording

RUN = "run key"


def requests(rows: str) -> tuple[JobRequest, ...]:
    options = "project,P\ndestination_path,\\\\s\\out\nroot_source_path,\\\\s\\in\n"
    text = f"## Description ##\n## Options ##\n{options}## Mapping ##\nsource,pseudo_id,project\n"
    return requests_of(parse_mapping((text + rows).encode(), "m.csv"), {}, Shares()).requests


THREE = requests("accession_number:1,A,\nfolder:f,B,\nstudy_instance_uid:1.2,C,\n")


def created(
    server: Recording,
    record: Path,
    asked: tuple[JobRequest, ...] = THREE,
    on_refusal: OnRefusal = OnRefusal.STOP,
) -> tuple[Outcome, ...]:
    """What one run of the command would create."""
    access = Access("z1", TOKEN, timeout=2.0)
    with Connection(Server("local", server.url), access, lambda _: None) as connection:
        journal = Journal(record, "run")
        journal.begin(max(server.jobs, default=0))
        creator = KeyedCreator(connection, server.api) if server.api else LookingCreator(connection)
        told: list[Outcome] = []
        outcomes = create_all(keyed(asked, RUN), creator, journal, on_refusal, told.append)
        assert tuple(told) == outcomes
        return outcomes


def states(outcomes: tuple[Outcome, ...]) -> list[str]:
    return [f"{outcome.state} {outcome.job_id or ''}".strip() for outcome in outcomes]


def test_each_row_becomes_one_job(server: Recording, tmp_path: Path) -> None:
    assert states(created(server, tmp_path / "r")) == ["created 1", "created 2", "created 3"]
    assert [one.path for one in server.asked] == ["/create_job"] * 3


def test_a_job_whose_answer_was_lost_is_found_and_not_sent_again(
    server: Recording, tmp_path: Path
) -> None:
    server.add("DONE", source_instance_id="accession_number:1")
    server.faults.append(Fault("create_job", after=True))

    outcomes = created(server, tmp_path / "r")

    assert states(outcomes) == ["created 2", "created 3", "created 4"]
    assert len(server.jobs) == 4


def test_a_job_is_found_when_many_others_came_after_it(server: Recording, tmp_path: Path) -> None:
    server.faults += [Fault("create_job", after=True), *[Fault("get_jobs") for _ in range(4)]]
    first = created(server, tmp_path / "r")
    for _ in range(70):
        server.add()

    second = created(server, tmp_path / "r")

    assert states(first)[0] == "sent, answer lost"
    assert states(second) == ["created 1", "created 72", "created 73"]


def test_a_request_that_was_never_carried_out_is_sent_again(
    server: Recording, tmp_path: Path
) -> None:
    server.faults.append(Fault("create_job", after=False))

    assert states(created(server, tmp_path / "r")) == ["created 1", "created 2", "created 3"]


def test_a_run_after_a_broken_one_creates_what_is_missing_and_nothing_twice(
    server: Recording, tmp_path: Path
) -> None:
    server.faults.append(Fault("create_job", after=True, skip=1))
    server.faults += [Fault("get_jobs") for _ in range(4)]

    first = created(server, tmp_path / "r")
    server.asked.clear()
    second = created(server, tmp_path / "r")

    assert states(first) == ["created 1", "sent, answer lost", "not created"]
    assert states(second) == ["created 1", "created 2", "created 3"]
    assert sum(one.path == "/create_job" for one in server.asked) == 1


def test_two_rows_that_ask_the_same_are_two_jobs(server: Recording, tmp_path: Path) -> None:
    twice = requests("accession_number:1,A,\naccession_number:1,A,\n")
    server.faults += [Fault("create_job", after=True) for _ in range(2)]

    assert states(created(server, tmp_path / "r", twice)) == ["created 1", "created 2"]
    assert len(server.jobs) == 2


def test_the_first_refusal_stops_and_says_the_servers_reason(
    server: Recording, tmp_path: Path
) -> None:
    rows = requests("accession_number:1,A,\naccession_number:2,B,closed\naccession_number:3,C,\n")

    outcomes = created(server, tmp_path / "r", rows)

    assert states(outcomes) == ["created 1", "refused", "not created"]
    assert "not connected to given project_name" in outcomes[1].reason
    assert len(server.asked) == 2


def test_keeping_going_leaves_out_the_refused_row_alone(server: Recording, tmp_path: Path) -> None:
    rows = requests("accession_number:1,A,\naccession_number:2,B,closed\naccession_number:3,C,\n")

    outcomes = created(server, tmp_path / "r", rows, OnRefusal.KEEP_GOING)

    assert states(outcomes) == ["created 1", "refused", "created 2"]


def test_a_server_of_our_own_gets_the_same_key_again(server: Recording, tmp_path: Path) -> None:
    server.api = "/api/v1"
    server.faults.append(Fault("jobs", after=True))

    outcomes = created(server, tmp_path / "r")

    assert states(outcomes) == ["created 1", "created 2", "created 3"]
    assert len(server.asked) == 4
    assert len(server.jobs) == 3


def test_a_record_holds_neither_identifier_nor_pseudonym(server: Recording, tmp_path: Path) -> None:
    rows = requests("accession_number:4711000,Pseudo9,\n")

    created(server, tmp_path / "r", rows)

    record = (tmp_path / "r").read_text("utf-8")
    assert "4711000" not in record
    assert "Pseudo9" not in record


def test_every_cut_of_a_record_is_read_or_refused(server: Recording, tmp_path: Path) -> None:
    created(server, tmp_path / "r")
    whole = (tmp_path / "r").read_bytes()
    first = whole.index(b"\n")

    for cut in range(first + 1, len(whole)):
        (tmp_path / "r").write_bytes(whole[:cut])
        assert Journal(tmp_path / "r", "run").job_ids <= {1, 2, 3}


@pytest.mark.parametrize(
    "text", ["nonsense\n\n", '{"run": "another", "newest_before": 0}\n', "[]\n"]
)
def test_a_record_of_something_else_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "r").write_text(text, encoding="utf-8")

    with pytest.raises(Unreadable, match="--anew"):
        Journal(tmp_path / "r", "run")


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"source_path": "\\\\s\\in\\f\\"}, True),
        ({"source_path": "folder://s/in/f"}, True),
        ({"source_path": "\\\\s\\in\\g"}, False),
        ({"source_anonymizedpatientid": "X"}, False),
        ({"project_name": "Q"}, False),
    ],
)
def test_a_job_is_known_again_however_its_server_writes_paths(
    changes: dict[str, str], same: bool
) -> None:
    job = {
        "source_path": "folder:\\\\s\\in\\f",
        "project_name": "P",
        "destination_path": "\\\\s\\out\\",
        "description": None,
        "source_anonymizedpatientid": "B",
        "source_anonymizedpatientname": "B",
    }

    assert says_the_same(Job({**job, **changes}), THREE[1]) is same
