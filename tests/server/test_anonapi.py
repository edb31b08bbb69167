"""The unmodified anonapi 2.1.2, as it is published, and our `anon` work with a live server."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from tests.published import interpreter
from tests.server.live import SHARE, Live, running
from tests.server.test_fetched import slices
from tests.servers.network import Network
from tests.servers.orthanc import Orthanc

Command = Callable[..., str]
MAPPING = rf"""## Description ##
One row for each kind of source

## Options ##
root_source_path,{SHARE}\data
project,first
destination_path,{SHARE}\out

## Mapping ##
source,pseudo_id,pseudo_name,description,pims_key
folder:a,001,Patient1,all of a,
fileselection:b/fileselection.txt,002,Patient2,some of b,
accession_number:12345678.1234567,003,Patient3,from a PACS,
study_instance_uid:1.2.840.99,004,Patient4,from a PACS,
folder:e,,,by its pseudonym key,4567
accession_number:00000000.0000000,006,Patient6,which no PACS has,
"""
SELECTION = """description: some of b
id: 8f0c5ca3-0f5c-4d0a-8d2c-0d6a3b7c9e11
selected_paths:
- 0.dcm
"""


@pytest.fixture(scope="module")
def live(
    network: Network, started_orthanc: Orthanc, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Live]:
    """A server beside a PACS, in a network of their own: all that is started here is in it."""
    table = f'kind = "dicomweb"\naddress = "{started_orthanc.web}"'
    with network.inside(), running(tmp_path_factory.mktemp("live"), {"pacs": table}) as server:
        started_orthanc.clear()
        started_orthanc.upload(slices("12345678.1234567", "1.2.840.98"))
        started_orthanc.upload(slices("98", "1.2.840.99", count=2))
        for name in "abe":
            server.study(name)
        (server.share / "data/b/fileselection.txt").write_text(SELECTION, "utf-8")
        yield server


@pytest.fixture(scope="module", params=["anonapi", "anon"])
def program(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[str], dict[str, str]]:
    """How one of the two clients is started; made outside the network, which has no registry."""
    if request.param == "anonapi":
        python = interpreter(request.config, tmp_path_factory)
        entry = "from anonapi.cli.entrypoint import cli; cli()"
        return [str(python), "-W", "ignore", "-c", entry], {}
    entry = "from dicomveil.cli.anon.main import main; main()"
    return [sys.executable, "-c", entry], {"PYTHONPATH": str(Path(__file__).parents[2] / "src")}


@pytest.fixture(scope="module")
def client(
    program: tuple[list[str], dict[str, str]],
    live: Live,
    tmp_path_factory: pytest.TempPathFactory,
) -> Command:
    """One of the two clients, at a desk of its own."""
    words, more = program
    home = tmp_path_factory.mktemp("desk")

    def run(*given: str, answer: str = "y\n", code: int | None = 0) -> str:
        done = subprocess.run(
            [*words, *given],
            cwd=home,
            env={"HOME": str(home), "LC_ALL": "C", "PATH": os.environ["PATH"], **more},
            input=answer,
            capture_output=True,
            text=True,
            check=False,
        )
        assert code in (None, done.returncode), done.stdout + done.stderr
        return done.stdout

    run("server", "add", "live", f"{live.url}/p01/")
    run("server", "activate", "live")
    run("settings", "user", "set-username", "z1")
    settings = home / "AnonWebAPIClientSettings.yml"
    content = yaml.safe_load(settings.read_text("utf-8"))
    settings.write_text(yaml.safe_dump({**content, "user_token": live.tokens["z1"]}), "utf-8")
    (home / "anon_mapping.csv").write_text(MAPPING, "utf-8")
    run("map", "activate")
    return run


@pytest.fixture(scope="module")
def numbers(client: Command, live: Live) -> list[int]:
    """The jobs that the client created from the mapping, all ended."""
    said = client("create", "from-mapping")
    found = [int(number) for number in re.findall(r"Created job with id (\d+)", said)]
    assert len(found) == 6, said
    live.watched(found)
    return found


def test_the_server_is_online(client: Command) -> None:
    assert "is online and responsive" in client("server", "status")


def test_every_row_of_the_mapping_becomes_a_job(numbers: list[int], client: Command) -> None:
    shown = client("job", "list", *map(str, numbers))

    assert [f"{number}" in shown for number in numbers] == [True] * 6


def test_folders_selections_and_pseudonym_keys_are_delivered(
    numbers: list[int], live: Live
) -> None:
    folder, selection, _, _, keyed, _ = numbers

    assert [len(live.outputs(number)) for number in (folder, selection, keyed)] == [2, 1, 2]
    assert "Patient" not in str(live.outputs(keyed))


def test_studies_of_a_pacs_are_delivered(numbers: list[int], live: Live) -> None:
    _, _, accession, study, _, _ = numbers

    assert [len(live.outputs(number)) for number in (accession, study)] == [3, 2]


def test_each_job_ends_as_it_should(numbers: list[int], live: Live) -> None:
    statuses = {number: job["status"] for number, job in live.watched(numbers).items()}

    assert statuses == dict(zip(numbers, [*["DONE"] * 5, "ERROR"], strict=True))


def test_recent_jobs_are_listed(numbers: list[int], client: Command) -> None:
    assert str(numbers[0]) in client("server", "jobs")


def test_a_job_is_told_in_full(numbers: list[int], client: Command) -> None:
    said = client("job", "info", str(numbers[0]))

    assert "DONE" in said
    assert "all of a" in said
    assert "Patient1" in said


def test_a_batch_is_told(numbers: list[int], client: Command) -> None:
    said = client("batch", "status")

    assert re.search(r"DONE +5 ", said)
    assert re.search(r"ERROR +1 ", said)
    assert str(numbers[0]) in said


def test_the_errors_of_a_batch_are_told(numbers: list[int], client: Command) -> None:
    said = client("batch", "show-error")

    assert f"Error while pre-processing job {numbers[5]}" in said


def test_a_job_is_reset_and_ends_again(numbers: list[int], client: Command, live: Live) -> None:
    said = client("job", "reset", str(numbers[0]))

    assert f"Reset job {numbers[0]}" in said
    assert live.watched(numbers)[numbers[0]]["status"] == "DONE"
    assert len(live.outputs(numbers[0])) == 2


def test_an_opt_out_is_ignored(numbers: list[int], client: Command, live: Live) -> None:
    said = client("job", "set-opt-out-ignore", str(numbers[2]), "signed")

    assert "Set opt-out ignore" in said
    _, job = live.ask("GET", "/get_job", job_id=numbers[2])
    assert job["source_ignore_opt_out_reason"] == "signed"


def test_a_job_is_cancelled(client: Command, live: Live) -> None:
    if not (live.share / "data" / "very many").exists():
        live.study("very many", files=2000)  # so that it is not done before it is cancelled
    fields = {
        "source_type": "PATH",
        "source_path": rf"{SHARE}\data\very many",
        "destination_path": rf"{SHARE}\out",
        "project_name": "first",
        "anonymizedpatientid": "1",
    }
    number = live.ask("POST", "/create_job", **fields)[1]["job_id"]
    live.ask("POST", f"/api/v1/jobs/{number}/cancel", json={})

    said = client("job", "cancel", str(number))

    assert f"Cancelled job {number}" in said


def test_a_number_of_no_job_is_told(client: Command) -> None:
    client("job", "info", "99999", code=1)


def test_another_user_name_is_refused(client: Command) -> None:
    client("settings", "user", "set-username", "manager")
    try:
        said = client("server", "jobs", code=None)
    finally:
        client("settings", "user", "set-username", "z1")

    assert "z1" not in said
