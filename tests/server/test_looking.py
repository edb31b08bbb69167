"""Studies are looked for at a real PACS, by those who may, and a list becomes a mapping."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
import yaml
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.server.live import SHARE, Live, running
from tests.server.test_fetched import ACCESSION, PATIENT, STUDY, place, slices
from tests.servers.orthanc import Orthanc

OTHER = f"{STUDY}.9"
OPTIONS = rf"""## Description ##
What was found

## Options ##
project,first
destination_path,{SHARE}\out

## Mapping ##
source,pseudo_id,pseudo_name
"""


@pytest.fixture
def live(orthanc: Orthanc, tmp_path: Path) -> Iterator[Live]:
    """A server whose project reads a PACS of two studies of one patient."""
    orthanc.upload(slices())
    orthanc.upload(slices("other", OTHER, count=2))
    with running(tmp_path / "live", {"pacs": place(orthanc.web)}) as server:
        yield server


def looked(live: Live, path: str = "places/pacs/studies", **content: Any) -> list[dict[str, Any]]:
    """The studies that the server tells of."""
    found = live.ask("POST", f"/api/v1/{path}", "manager", json=content)[1]["studies"]
    return sorted(found, key=lambda one: (one["asked"], one["study_instance_uid"]))


@pytest.mark.parametrize("path", ["places/pacs/studies", "studies/find"])
def test_each_source_is_answered_by_the_studies_that_equal_it(live: Live, path: str) -> None:
    found = looked(
        live,
        path,
        sources=[f"accession_number:{ACCESSION}", "patient_id:0", f"patient_id:{PATIENT}"],
    )

    assert [(one["asked"], one["study_instance_uid"], one["files"]) for one in found] == [
        (1, STUDY, 3),
        (3, STUDY, 3),
        (3, OTHER, 2),
    ]
    assert (found[0]["study_date"], found[0]["modality"]) == ("20260102", "CT")


@pytest.mark.parametrize(
    ("date", "count"), [("20260102", 2), ("20260101-20260131", 2), ("20260103-", 0)]
)
def test_dates_narrow_a_source(live: Live, date: str, count: int) -> None:
    assert len(looked(live, sources=[f"patient_id:{PATIENT}"], dates=[date])) == count


@pytest.mark.parametrize("source", ["accession_number:2026*", "folder:zq", "patient_id:a\\b"])
def test_what_matches_loosely_is_refused_by_the_number_of_its_source(
    live: Live, source: str
) -> None:
    with pytest.raises(HTTPError) as refused:
        looked(live, sources=[f"patient_id:{PATIENT}", source])

    said = refused.value.read().decode()
    assert refused.value.code == 400
    assert "source 2" in said
    assert source.partition(":")[2] not in said


def test_looking_needs_a_permission_and_is_audited(live: Live) -> None:
    with pytest.raises(HTTPError) as refused:
        live.ask("POST", "/api/v1/studies/find", json={"sources": [f"patient_id:{PATIENT}"]})
    looked(live, sources=[f"patient_id:{PATIENT}"])

    entries = live.ask("GET", "/api/v1/audit", "admin")[1]["entries"]
    (entry,) = [one for one in entries if one["what"] == "studies looked for"]
    assert refused.value.code == 403
    assert (entry["who"], entry["on"], entry["facts"]["questions"]) == ("manager", "place pacs", 1)
    assert PATIENT not in str(entries) + live.log()


def test_a_place_of_no_project_of_ones_own_is_not_there(live: Live) -> None:
    with pytest.raises(HTTPError) as refused:
        looked(live, "places/other/studies", sources=[])

    assert refused.value.code == 404


def excel(path: Path) -> Path:
    """A list of patients with dates, as a spreadsheet."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.append(["Original patient ID", "Study date"])
    sheet.append([PATIENT, "20260101-20260131"])
    sheet.append(["nobody", ""])
    book.save(path)
    return path


def csv(path: Path) -> Path:
    """The same as text."""
    path.write_text(f"original patient ID,study date\n{PATIENT},2026-01-02\nnobody,\n")
    return path


class Desk:
    """A folder in which `anon` is used, with a mapping that has no rows yet."""

    def __init__(self, folder: Path, live: Live) -> None:
        """Tell it of the server."""
        self.folder = folder
        folder.mkdir()
        self.anon("server", "add", "live", live.url)
        self.anon("server", "activate", "live")
        self.anon("settings", "user", "set-username", "manager")
        settings = folder / "AnonWebAPIClientSettings.yml"
        content = yaml.safe_load(settings.read_text("utf-8"))
        token = live.tokens["manager"]
        settings.write_text(yaml.safe_dump({**content, "user_token": token}), "utf-8")
        self.mapping.write_text(OPTIONS, "utf-8")
        self.anon("map", "activate")

    @property
    def mapping(self) -> Path:
        """The active mapping."""
        return self.folder / "anon_mapping.csv"

    def anon(self, *given: str, code: int = 0) -> str:
        """What a command says."""
        entry = "from dicomveil.cli.anon.main import main; main()"
        environment = {"HOME": str(self.folder), "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", entry, *given],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], **environment},
            input="y\n",
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout


@pytest.mark.parametrize("write", [excel, csv])
def test_a_list_becomes_a_mapping_whose_jobs_are_done(
    live: Live, tmp_path: Path, write: Callable[[Path], Path]
) -> None:
    listed = write(tmp_path / ("list.xlsx" if write is excel else "list.csv"))
    desk = Desk(tmp_path / "desk", live)

    said = desk.anon("find", "--input-file", str(listed), "--place", "pacs", "--add", code=1)
    desk.anon("create", "from-mapping")

    assert "source 2 (patient_id): nothing found" in said
    assert desk.mapping.read_text("utf-8").count("study_instance_uid:") == 2
    _, jobs = live.ask("GET", "/get_jobs", "manager")
    ended = live.watched([int(number) for number in jobs], who="manager")
    assert [job["status"] for job in ended.values()] == ["DONE", "DONE"]
