"""From the manual's first command to delivered jobs, through five kills: the bytes of deid."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pydicom
import pytest
from pydicom.errors import InvalidDicomError

from dicomveil.cli.main import run
from tests.house.tree import ROOT
from tests.real import real_files
from tests.server.live import Live

MANUAL = (ROOT / "docs" / "server.md").read_text("utf-8")
ROWS = 40
KILLS = 5


def block(kind: str, holding: str) -> str:
    """The one block of the manual of this kind that holds this text."""
    (found,) = (
        text for text in re.findall(rf"```{kind}\n(.*?)```", MANUAL, re.DOTALL) if holding in text
    )
    return str(found)


def patients() -> list[list[Path]]:
    """Real files by whom they are about, a few of each, of those that have a patient."""
    by_patient: dict[str, list[Path]] = defaultdict(list)
    for path in real_files():
        try:
            found = pydicom.dcmread(path, stop_before_pixels=True)
            patient = str(found.get("PatientID", "") or "")
        except (InvalidDicomError, OSError, ValueError, NotImplementedError, KeyError, EOFError):
            continue
        if patient and "SOPInstanceUID" in found:
            by_patient[patient].append(path)
    return [files[:4] for _, files in sorted(by_patient.items())]


def laid_out(live: Live) -> str:
    """A mapping with a folder and a selection for each patient, their files on the share."""
    groups = patients()
    rows = []
    for at in range(ROWS // 2):
        folder = live.share / "data" / f"patient{at:02}"
        folder.mkdir(parents=True)
        names = []
        for number, path in enumerate(groups[at % len(groups)]):
            names.append(f"{number}.dcm")
            shutil.copyfile(path, folder / names[-1])
        selection = {"id": str(at), "description": "one", "selected_paths": names[:1]}
        chosen = live.share / "data" / f"chosen{at:02}"
        shutil.copytree(folder, chosen)
        (chosen / "fileselection.txt").write_text(json.dumps(selection), "utf-8")
        rows += [
            f"folder:patient{at:02},Folder{at:02},all",
            f"fileselection:chosen{at:02}/fileselection.txt,Chosen{at:02},one",
        ]
    head = (
        "## Description ##\nforty rows\n\n## Options ##\n"
        r"root_source_path,\\server\share\data" + "\nproject,trial\n"
        r"destination_path,\\server\share\out"
        + "\n\n## Mapping ##\nsource,pseudo_name,description\n"
    )
    return head + "\n".join(rows) + "\n"


def as_the_manual_says(live: Live) -> None:
    """Make the server by the manual's own commands; start it at the last of them."""
    for name in ("data", "out"):
        (live.share / name).mkdir(parents=True, exist_ok=True)
    settings = block("toml", "[server]").replace("/var/lib/dicomveil", str(live.folder / "state"))
    settings = settings.replace("/mnt/share", str(live.share)).replace("8080", "0")
    live.settings.write_text(settings, "utf-8")
    *commands, last = block("sh", "admin init").splitlines()
    assert last == "dicomveil serve"
    for command in commands:
        done = subprocess.run(
            [sys.executable, "-m", *command.split()],
            cwd=live.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        if "admin init" in command:
            key = re.search(r"has key (\w+)", done.stdout)
            assert key is not None
            projects = block("yaml", "sources:").replace("99038927d475de78", key[1])
            (live.folder / "projects.yml").write_text(projects, "utf-8")
        if "token issue" in command:
            live.tokens["anna"] = done.stdout.split()[-1]
    live.start()


def ended(live: Live, numbers: list[int]) -> int:
    jobs = live.ask("GET", "/get_jobs_list", "anna", job_ids=numbers)[1].values()
    return sum(job["status"] in ("DONE", "ERROR") for job in jobs)


def by_hand(live: Live, number: int, place: Path) -> Path:
    """What `dicomveil deid` makes of a job's exported recipe."""
    recipe = place / str(number)
    words = ["admin", "--settings", str(live.settings), "job", "export", str(number), str(recipe)]
    assert run(words) == 0
    *command, _ = json.loads((recipe / "recipe.json").read_text("utf-8"))["command"]
    output = place / f"output{number}"
    assert run([command[1], "--jobs", "1", *command[2:], str(output)]) in (0, 3)
    return output


def objects(folder: Path) -> dict[str, bytes]:
    """What was delivered, by place."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.jsonl"
    }


@pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom's, of what is wrong in real files
@pytest.mark.skipif(sys.platform != "linux", reason="processes are killed as on Linux")
def test_forty_jobs_survive_five_kills_and_are_what_deid_makes_by_hand(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    live = Live(tmp_path / "server")
    live.share.mkdir(parents=True)
    mapping = laid_out(live)
    as_the_manual_says(live)
    numbers = live.upload("/api/v1/mappings", mapping.encode(), "anna")["job_ids"]
    assert len(numbers) == ROWS

    for kill in range(KILLS):
        until = time.monotonic() + 60
        while ended(live, numbers) < kill * ROWS // KILLS and time.monotonic() < until:
            time.sleep(0.01)
        assert live.stop(signal.SIGKILL) == -signal.SIGKILL
        live.start()
    jobs = live.watched(numbers, who="anna")
    tallies = [live.ask("GET", f"/api/v1/jobs/{number}", "anna")[1]["counts"] for number in numbers]
    everything = live.ask("GET", "/api/v1/jobs?limit=1000", "anna")[1]["jobs"]
    live.stop()
    capsys.readouterr()

    done = [number for number in numbers if jobs[number]["status"] == "DONE"]
    assert len(everything) == ROWS
    assert [tally.pop("found") for tally in tallies] == [sum(tally.values()) for tally in tallies]
    assert len(done) >= ROWS // 4, {job["error"] for job in jobs.values()}
    assert sorted(os.listdir(live.share / "out")) == sorted(map(str, done))
    for number in done:
        delivered = objects(live.share / "out" / str(number))
        assert len(delivered) == jobs[number]["files_processed"]
        assert delivered == objects(by_hand(live, number, tmp_path))
