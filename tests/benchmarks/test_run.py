"""The benchmark runs end to end, and says what it did not count."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.contest import Sample, Share
from benchmarks.figures import OURS_1, Figure, Samples, Wanted
from benchmarks.measure import Cost, measured
from benchmarks.run import dicomveil, main

PROJECT = Path(__file__).parents[2]
WORKER = """
import os, time
if os.fork() == 0:
    held = bytearray(80 << 20)
    until = time.process_time() + 0.2
    while time.process_time() < until: pass
"""


def sample(contestant: str, wall: float, *, delivered: int = 10, number: int = 1) -> Sample:
    cost = Cost(wall, wall, 20.0, 0)
    return Sample("ct", contestant, Share.WHOLE, number, 10, delivered, cost)


def test_a_worker_that_nobody_waited_for_is_counted(tmp_path: Path) -> None:
    cost = measured([sys.executable, "-c", WORKER], log=str(tmp_path / "log"))

    assert cost.cpu >= 0.2
    assert cost.peak_mb >= 80


def test_a_process_is_not_charged_for_the_memory_of_the_benchmark(tmp_path: Path) -> None:
    held = bytearray(200 << 20)

    cost = measured(["true"], log=str(tmp_path / "log"))

    assert cost.peak_mb < 40 < len(held) >> 20


def test_ratios_are_taken_within_a_round() -> None:
    runs = [
        *(sample("cp -r", wall, number=n) for n, wall in ((1, 1.0), (2, 2.0))),
        *(sample(OURS_1, wall, number=n) for n, wall in ((1, 1.5), (2, 2.0))),
    ]

    assert Samples(runs).wall_ratio("ct", OURS_1, "cp -r") == (1.5, 1.0)


def test_a_run_that_did_not_deliver_everything_is_no_figure() -> None:
    runs = [sample("cp -r", 1.0), sample(OURS_1, 0.1, delivered=9)]

    assert Samples(runs).wall_ratio("ct", OURS_1, "cp -r") == ()


@pytest.mark.parametrize(
    ("wanted", "values", "verdict"),
    [
        pytest.param(Wanted.AT_MOST, (1.0, 1.5, 9.0), "met", id="the median is judged"),
        pytest.param(Wanted.AT_MOST, (3.0,), "missed by 2.00x", id="too much"),
        pytest.param(Wanted.AT_LEAST, (0.5,), "missed by 3.00x", id="too little"),
        pytest.param(Wanted.AT_LEAST, (), "not measured", id="nothing ran"),
    ],
)
def test_a_verdict_is_met_or_says_by_how_much(
    wanted: Wanted, values: tuple[float, ...], verdict: str
) -> None:
    assert Figure("", "x", wanted, 1.5, values).verdict == verdict


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a quick run without peers saved, with what it printed and left behind."""
    work = tmp_path_factory.mktemp("bench")
    saved = work / "out.json"
    command = [sys.executable, "-m", "benchmarks", "--quick", "--no-peers"]
    places = ["--work", str(work), "--json", str(saved)]
    done = subprocess.run([*command, *places], cwd=PROJECT, capture_output=True, check=True)
    left = sorted(path.name for path in work.iterdir())
    record: dict[str, Any] = json.loads(saved.read_text("utf-8"))
    return record | {"printed": done.stdout.decode(), "left": left}


def test_a_quick_run_goes_from_end_to_end(quick: dict[str, Any]) -> None:
    copies = [run for run in quick["samples"] if run["contestant"] == "cp -r"]

    assert {run["corpus"] for run in copies} == {"ct", "hdr", "big", "tags"}
    assert all(run["delivered"] == run["files"] for run in copies)
    assert "verdicts mean nothing" in quick["printed"]


def test_a_run_leaves_nothing_but_its_record(quick: dict[str, Any]) -> None:
    assert quick["left"] == ["out.json"]


def test_dicomveil_delivers_every_generated_file(quick: dict[str, Any]) -> None:
    if not answers():
        pytest.skip("`dicomveil deid` is not there yet")

    ours = [run for run in quick["samples"] if run["contestant"].startswith("dicomveil")]

    assert {run["corpus"] for run in ours} == {"ct", "hdr", "big", "many"}
    assert [run for run in ours if run["delivered"] != run["files"]] == []


def answers() -> bool:
    program = dicomveil()
    if program is None:
        return False
    return (
        subprocess.run([*program, "deid", "--help"], capture_output=True, check=False).returncode
        == 0
    )


def test_the_help_says_what_can_be_asked(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    assert ended.value.code == 0
    assert "2 % of everything" in capsys.readouterr().out
