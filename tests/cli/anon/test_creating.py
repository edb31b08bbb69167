"""`create from-mapping`: what is checked first, and what becomes of a run that breaks off."""

import subprocess
import sys
import time

from tests.cli.anon.desk import Desk
from tests.client.recording import Fault, Recording
from tests.client.requests import Like, get, post_json, requests

DOCUMENTED = {
    "project": "Wetenschap-Algemeen",
    "destination_path": r"\\server\share\folder",
    "pims_key": "",
}
ROWS = [
    {
        **DOCUMENTED,
        "source": r"folder:\\server\share2\data\example\folder1",
        "pseudo_id": "001",
        "pseudo_name": "Patient1",
        "description": "All files from folder1",
    },
    {
        **DOCUMENTED,
        "source": "study_instance_uid:123.12178",
        "pseudo_id": "002",
        "pseudo_name": "Patient2",
        "description": "A StudyInstanceUID from PACS",
    },
    {
        **DOCUMENTED,
        "source": "accession_number:12345678.1234567",
        "pseudo_id": "003",
        "pseudo_name": "Patient3",
        "description": "An AccessionNumber from PACS",
    },
    {
        **DOCUMENTED,
        "source": r"fileselection:\\server\share2\data\a\fileselection.txt",
        "pseudo_id": "004",
        "pseudo_name": "Patient4",
        "description": "A selection of files in a",
    },
]


def test_only_rows_of_the_pseudonyms_asked_for_are_created(desk: Desk, server: Recording) -> None:
    desk.mapping()

    said = desk.done("create", "from-mapping", "-f", "001", "-f", "Patient3", "--yes")
    none = desk.failed("create", "from-mapping", "-f", "zzz", "--yes")

    assert [one["anonymizedpatientid"] for one in server.forms()] == ["001", "003"]
    assert "matching any of [001,Patient3]" in said
    assert "ERROR: No pseudonyms matching any of [zzz] found in mapping" in none


def test_a_server_of_our_own_checks_all_rows_before_any_is_created(
    desk: Desk, server: Recording
) -> None:
    server.api = "/api/v1"
    server.problems = [{"row": 2, "problem": "you may not use this source"}]
    desk.mapping()

    refused = desk.failed("create", "from-mapping", "--yes")
    server.problems = []
    desk.done("create", "from-mapping", "--yes")

    assert "Error: row 2: you may not use this source" in refused
    numbered = [{"row": at, **row} for at, row in enumerate(ROWS, start=1)]
    check = post_json("/api/v1/jobs/check", {"rows": numbered})
    assert requests(server) == [
        get("/"),
        check,
        get("/"),
        check,
        *[post_json("/api/v1/jobs", row, Idempotency_Key=Like("[0-9a-f]{32}")) for row in ROWS],
    ]
    assert len({one.headers.get("Idempotency-Key") for one in server.asked[-4:]}) == 4


def test_a_new_source_is_refused_where_the_server_does_not_know_it(
    desk: Desk, server: Recording
) -> None:
    desk.mapping(
        "## Description ##\n## Options ##\nproject,P\ndestination_path,\\\\a\\b\n## Mapping ##\n"
        "source,pseudo_id\naccession_number:1,A\nseries_instance_uid:1.2.3,B\n"
    )

    said = desk.failed("create", "from-mapping", "--yes")

    assert "cannot check rows before they are created" in said
    assert "row 2: this server does not know sources of type series_instance_uid" in said
    assert "anonapi does not know this type of source" in said
    assert server.jobs == {}


def test_a_creation_that_broke_off_is_finished_by_repeating_it(
    desk: Desk, server: Recording
) -> None:
    desk.mapping()
    server.faults.append(Fault("create_job", 500, skip=2))

    broken = desk.failed("create", "from-mapping", "--yes")
    finished = desk.done("create", "from-mapping", "--yes")

    assert "Not all rows became jobs; repeat the command" in broken
    assert "created 4 jobs: ['1', '2', '3', '4']" in finished
    assert desk.json("batch", "info")["job_ids"] == [1, 2, 3, 4]
    assert len(server.jobs) == 4
    assert list(desk.folder.glob(".anon_mapping*")) == []


def test_a_killed_creation_is_finished_by_repeating_it(desk: Desk, server: Recording) -> None:
    rows = "".join(f"accession_number:{number},P{number}\n" for number in range(1, 41))
    desk.mapping(
        "## Description ##\n## Options ##\nproject,P\ndestination_path,\\\\a\\b\n## Mapping ##\n"
        f"source,pseudo_id\n{rows}"
    )
    code = "from dicomveil.cli.anon.main import main; main()"
    words = [sys.executable, "-c", code, "create", "from-mapping", "--yes"]
    place = {"HOME": str(desk.home), "PYTHONPATH": ":".join(sys.path), "LC_ALL": "C"}

    for stop in (3, 17, 25):
        with subprocess.Popen(words, env=place, cwd=desk.folder, stdout=subprocess.DEVNULL) as run:
            while len(server.jobs) < stop and run.poll() is None:
                time.sleep(0.001)
            run.kill()
    desk.done("create", "from-mapping", "--yes")

    assert len(server.jobs) == 40
    assert len({job["source_instance_id"] for job in server.jobs.values()}) == 40
    assert desk.json("batch", "info")["job_ids"] == list(range(1, 41))
