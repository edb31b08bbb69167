"""A substitution on a machine that is short of something: space on its disk, or memory."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.measure import measured
from dicomveil.cli.exits import Exit
from tests.builders import CT, El, part10
from tests.journeys.mounting import mount, mounted

Command = Callable[..., list[str]]
STRUCT = '{"PatientName": "%_name|patientID_PatientName", "PatientID": "%_md5|9_PatientID"}'
FILES = 40
PIXELS = 1 << 16
SMALL = "1m"  # a third of what the outputs need
MOST_MB = 64


def tree(folder: Path, count: int, pixels: int) -> Path:
    """So many files of a patient each, flat."""
    folder.mkdir()
    for number in range(count):
        elements = [
            El(0x00080016, "UI", CT),
            El(0x00080018, "UI", f"1.2.3.{number}"),
            El(0x00080090, "PN", f"Referring^{number}"),
            El(0x00100010, "PN", f"Patient^{number}"),
            El(0x00100020, "LO", f"ID-{number}"),
            El(0x7FE00010, "OW", bytes(pixels)),
        ]
        (folder / f"{number:06}.dcm").write_bytes(part10(elements))
    return folder


def old(source: Path, target: Path, *options: str) -> list[str]:
    """The command line of pfdicom_tagSub, its private side beside the output."""
    program = [sys.executable, "-m", "pfdicom_tagSub", "--relativeDir", "--tagStruct", STRUCT]
    private = ["--private", str(target.with_name(target.name + ".private"))]
    return [*program, "--inputDir", str(source), "--outputDir", str(target), *private, *options]


def new(source: Path, target: Path, *options: str) -> list[str]:
    """The same of `dicomveil tags`."""
    program = [sys.executable, "-m", "dicomveil", "tags"]
    return [*program, str(source), str(target), "--struct", STRUCT, *options]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder but the manifest, hidden ones too."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.name: path.read_bytes() for path in files if path.name != "manifest.jsonl"}


def ran(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("command", [old, new])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_full_disk_leaves_whole_files_alone_and_the_run_can_be_resumed(
    tmp_path: Path, command: Command, jobs: str
) -> None:
    source = tree(tmp_path / "in", FILES, PIXELS)
    calm, target = tmp_path / "calm", tmp_path / "out"
    assert ran(command(source, calm, "--jobs", "1")).returncode == Exit.DONE
    target.mkdir()

    with mounted(target, SMALL):
        full = ran(command(source, target, "--jobs", jobs))
        left = contents(target)
        mount(target, "-o", "remount,size=64m")
        done = ran(command(source, target, "--jobs", jobs, "--resume"))
        after = contents(target)

    wanted = contents(calm)
    assert full.returncode == Exit.INCOMPLETE
    assert "No space left" in full.stderr
    assert "--resume" in full.stderr
    assert 0 < len(left) < FILES
    assert left.items() <= wanted.items()
    assert done.returncode == Exit.DONE, done.stderr
    assert after == wanted


@pytest.mark.parametrize("command", [old, new])
def test_no_space_for_the_first_file_is_said_before_anything_is_written(
    tmp_path: Path, command: Command
) -> None:
    source = tree(tmp_path / "in", 1, 2 << 20)
    target = tmp_path / "out"
    target.mkdir()

    with mounted(target, SMALL):
        refused = ran(command(source, target))
        left = contents(target)

    assert refused.returncode not in {Exit.DONE, Exit.INTERRUPTED}
    assert "no space" in refused.stderr.lower()
    assert left == {}


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_memory_does_not_grow_with_the_tree(tmp_path: Path, jobs: str) -> None:
    """More patients than are remembered, in one folder."""
    few = tree(tmp_path / "few", 300, 256)
    many = tree(tmp_path / "many", 6000, 256)
    log = str(tmp_path / "log")

    small = measured(old(few, tmp_path / "one", "--jobs", jobs), log=log)
    large = measured(old(many, tmp_path / "other", "--jobs", jobs), log=log)

    assert (small.code, large.code) == (Exit.DONE, Exit.DONE)
    assert len(contents(tmp_path / "other")) == 6000
    assert large.peak_mb < MOST_MB
    assert large.peak_mb < small.peak_mb + 12
