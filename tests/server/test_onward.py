"""Outputs that are sent to a real PACS besides their folder: all of them, or the job says so."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.live import SHARE, Live, running
from tests.server.test_fetched import in_detail, place
from tests.servers.orthanc import Orthanc
from tests.servers.samba import PASSWORD, USER, Samba

AWAY = "http://127.0.0.1:9"
START = Callable[..., Live]


@pytest.fixture
def start(orthanc: Orthanc, tmp_path: Path) -> Iterator[START]:
    """Start a server whose project sends to a PACS that is there, and to others."""
    begun = []

    def begin(*others: str, **recipe: Any) -> Live:
        tables = {"research": place(orthanc.web)} | {name: place(AWAY) for name in others}
        context = running(tmp_path, tables, places=(), onward=tuple(tables), **recipe)
        begun.append(context)
        live = context.__enter__()
        live.study("a", 3)
        return live

    yield begin
    for context in begun:
        context.__exit__(None, None, None)


def asked_for(live: Live) -> int:
    """The number of a job over the study."""
    fields = {
        "source_type": "PATH",
        "source_path": rf"{SHARE}\data\a",
        "destination_path": rf"{SHARE}\out",
        "project_name": "first",
        "anonymizedpatientid": "P1",
    }
    return int(live.ask("POST", "/create_job", **fields)[1]["job_id"])


def held(orthanc: Orthanc) -> list[bytes]:
    """Everything that the PACS has."""
    return sorted(map(orthanc.file, orthanc.instances()))


def written(live: Live, number: int) -> list[bytes]:
    """Everything in the job's folder."""
    return sorted(path.read_bytes() for path in live.outputs(number))


def in_state(live: Live, number: int, state: str) -> dict[str, Any]:
    """The job once it is in this state."""
    until = time.monotonic() + 90
    while in_detail(live, number)["state"] != state:
        assert time.monotonic() < until, in_detail(live, number)
        time.sleep(0.1)
    return in_detail(live, number)


def test_an_output_is_sent_as_it_was_written(start: START, orthanc: Orthanc) -> None:
    live = start()

    number = asked_for(live)

    assert live.watched([number])[number]["status"] == "DONE"
    assert held(orthanc) == written(live, number) != []
    items = live.ask("GET", f"/api/v1/jobs/{number}/items")[1]["items"]
    assert [(one["status"], one["code"], one["count"]) for one in items] == [
        ("sent", "research", 3)
    ]


def test_what_is_there_already_counts(start: START, orthanc: Orthanc) -> None:
    live = start()
    number = asked_for(live)
    live.watched([number])
    before = held(orthanc)

    live.ask("POST", f"/api/v1/jobs/{number}/retry", json={})

    assert live.watched([number])[number]["status"] == "DONE"
    assert held(orthanc) == before != []


def test_a_place_that_is_away_makes_it_partly_delivered_until_it_is_back(
    start: START, orthanc: Orthanc
) -> None:
    live = start("away")
    number = asked_for(live)

    waiting = in_state(live, number, "waiting")

    assert (waiting["code"], live.outputs(number)) == ("partly-delivered", [])
    assert "3 of 3 objects are at research; 0 of 3 objects are at away" in waiting["error"]
    assert len(held(orthanc)) == 3

    tables = live.folder / "places.toml"
    tables.write_text(tables.read_text("utf-8").replace(AWAY, orthanc.web), "utf-8")
    in_state(live, number, "done")
    assert held(orthanc) == written(live, number)


def test_a_place_that_stays_away_ends_the_job(start: START) -> None:
    live = start("away", retries=0)

    number = asked_for(live)

    job = live.watched([number])[number]
    assert (job["status"], live.outputs(number)) == ("ERROR", [])
    assert "partly delivered: 3 of 3 objects are at research" in job["error"]


def of_a_share(samba: Samba, folder: Path) -> str:
    """The share's table in places.toml."""
    secret = folder / "secret"
    secret.write_text(PASSWORD)
    secret.chmod(0o600)
    return f"""kind = "smb"
address = '{samba.unc}'
port = {samba.port}
user = "{USER}"
secret_file = "{secret}"
"""


def test_a_share_gets_the_whole_folder_of_the_job(samba: Samba, tmp_path: Path) -> None:
    table = of_a_share(samba, tmp_path)
    with running(tmp_path / "live", {"hospital": table}, places=(), onward=("hospital",)) as live:
        live.study("a", 3)
        number = asked_for(live)
        live.watched([number])
        before = samba.held()
        live.ask("POST", f"/api/v1/jobs/{number}/retry", json={})
        status = live.watched([number])[number]["status"]

    folder = live.share / "out" / str(number)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert status == "DONE"
    assert (
        before
        == samba.held()
        == {f"{number}/{path.relative_to(folder)}": path.read_bytes() for path in files}
    )


def test_nothing_is_sent_of_a_job_that_is_refused(start: START, orthanc: Orthanc) -> None:
    live = start()
    (live.share / "data/a/notes.txt").write_text("about the patient")

    number = asked_for(live)

    assert live.watched([number])[number]["status"] == "ERROR"
    assert held(orthanc) == []
