"""What becomes of each file of a run, whatever the engine meets."""

import json
import os
import pickle
from pathlib import Path
from threading import Thread

import pytest

from dicomveil.jobs.deid import deidentify_tree
from dicomveil.jobs.fold import Folded
from dicomveil.jobs.plan import Existing
from dicomveil.jobs.pool import here, processes
from dicomveil.jobs.runner import Ended, Outcome
from tests.jobs.stand_in import order, sop

PLANTED = "Zacharias"


def run(folder: Path, workers: int = 1, existing: Existing = Existing.REFUSE) -> Outcome:
    """Carry out the order of `folder`."""
    make = here if workers == 1 else processes
    return deidentify_tree(order(folder, workers=workers, existing=existing), make, _unwatched)


def _unwatched(_folded: Folded) -> None:
    """Nobody looks on."""


def put(folder: Path, name: str, content: bytes) -> None:
    """A file of the order's source."""
    path = folder / "src" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)


def private(folder: Path) -> list[dict[str, object]]:
    """The private report."""
    text = (folder / "private" / "quarantine.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


FATES = {
    "invalid": (b"CUT", ("quarantined", "truncated", 7, "(0010,0010)")),
    "refused": (b"GATE", ("quarantined", "pixels-unproven", None, "(0008,0016)")),
    "a broken disk": (b"DISK", ("failed", "io-error", None, None)),
    "no memory": (b"MEMORY", ("failed", "no-memory", None, None)),
}


@pytest.mark.parametrize(("content", "fate"), FATES.values(), ids=FATES)
def test_what_the_engine_raises_decides_the_fate(
    tmp_path: Path, content: bytes, fate: tuple[str, str, int | None, str | None]
) -> None:
    put(tmp_path, "1", content)

    run(tmp_path)

    (entry,) = private(tmp_path)
    assert (entry["number"], entry["source"]) == (1, str(tmp_path / "src" / "1"))
    assert tuple(entry[member] for member in ("status", "code", "offset", "element")) == fate


def test_the_words_of_an_unexpected_exception_are_nowhere(tmp_path: Path) -> None:
    put(tmp_path, "1", b"BUG " + PLANTED.encode())

    run(tmp_path)

    (entry,) = private(tmp_path)
    assert entry["code"] == "internal"
    assert str(entry["element"]).startswith("ValueError jobs/worker.py:")
    written = [p.read_text() for p in tmp_path.rglob("*.jsonl")]
    assert PLANTED not in "".join(written)


@pytest.mark.parametrize("name", ["promised.dcm", "PROMISED.DCM"])
def test_what_is_not_dicom_but_promises_to_be_is_quarantined(tmp_path: Path, name: str) -> None:
    put(tmp_path, name, b"words")

    run(tmp_path)

    assert [entry["code"] for entry in private(tmp_path)] == ["not-dicom"]


@pytest.mark.parametrize("workers", [2, 3])
def test_a_file_that_kills_its_worker_twice_has_failed_and_the_others_are_delivered(
    tmp_path: Path, workers: int
) -> None:
    for number in range(200):
        put(tmp_path, f"{number:03}", sop(number))
    put(tmp_path, "100", b"DIE")
    put(tmp_path, "150", b"DIE")

    outcome = run(tmp_path, workers)

    assert outcome.ended is Ended.COMPLETE
    assert dict(outcome.tally.statuses) == {"delivered": 198, "failed": 2}
    assert [(e["number"], e["code"]) for e in private(tmp_path)] == [
        (101, "worker-lost"),
        (151, "worker-lost"),
    ]
    assert len(list((tmp_path / "dst").rglob("*.dcm"))) == 198


def test_of_the_same_outputs_the_lowest_number_is_delivered(tmp_path: Path) -> None:
    """Many workers, small chunks: who comes first differs, what is reported does not."""
    for number in range(400):
        put(tmp_path, f"{number:03}", sop(number % 40))

    outcome = run(tmp_path, workers=4)

    manifest = (tmp_path / "dst" / "manifest.jsonl").read_text().splitlines()[1:-1]
    statuses = [json.loads(line)["status"] for line in manifest]
    assert statuses == ["delivered"] * 40 + ["duplicate"] * 360
    assert outcome.tally.as_counts()["duplicate"] == 360


def test_of_two_objects_of_one_uid_the_second_is_quarantined(tmp_path: Path) -> None:
    put(tmp_path, "1", sop(1, "first"))
    put(tmp_path, "2", sop(1, "second"))

    run(tmp_path)

    (output,) = (tmp_path / "dst").rglob("*.dcm")
    assert output.read_bytes() == b"new" + sop(1, "first")
    assert [entry["code"] for entry in private(tmp_path)] == ["uid-conflict"]


def cut_journal(folder: Path, lines: int, torn: bytes = b"") -> None:
    """Put a run that had one chunk back to where its worker had written so many lines."""
    journal = folder / "private" / "journal" / "000000000001.log"
    kept = journal.read_bytes().splitlines(keepends=True)[:lines]
    journal.write_bytes(b"".join(kept) + torn)


def stopped_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of ten files that was killed after its chunk, before anything was tidied up."""
    for number in range(10):
        put(folder, f"{number}", sop(number))
    with monkeypatch.context() as patched:
        patched.setattr("dicomveil.jobs.private.clear_journals", lambda _folder: None)
        patched.setattr("dicomveil.jobs.manifest.Manifest.finish", lambda _self, _tally: None)
        run(folder)


@pytest.mark.parametrize("published", [True, False])
@pytest.mark.parametrize("torn", [b"", b"7\t12\t99"])
def test_only_the_last_line_of_a_killed_worker_is_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, torn: bytes, *, published: bool
) -> None:
    stopped_run(tmp_path, monkeypatch)
    cut_journal(tmp_path, 6, torn)
    for number in range(6 if published or torn else 5, 10):
        (tmp_path / "dst" / "PATIENT" / "1.2" / "1.3" / f"1.5.{number}.dcm").unlink()
    before = {p: p.stat().st_ino for p in (tmp_path / "dst").rglob("*.dcm")}

    outcome = run(tmp_path, existing=Existing.RESUME)

    assert outcome.ended is Ended.COMPLETE
    assert dict(outcome.tally.statuses) == {"delivered": 10}
    after = {p: p.stat().st_ino for p in (tmp_path / "dst").rglob("*.dcm")}
    assert len(after) == 10
    assert {path: after[path] for path in before} == before
    assert list((tmp_path / "private").glob("journal")) == []


def test_passing_names_that_a_kill_left_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped_run(tmp_path, monkeypatch)
    cut_journal(tmp_path, 6)
    (tmp_path / "dst" / ".7.part").write_bytes(b"half")

    run(tmp_path, existing=Existing.RESUME)

    assert not (tmp_path / "dst" / ".7.part").exists()


def test_a_killed_run_can_be_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped_run(tmp_path, monkeypatch)
    cut_journal(tmp_path, 6)
    for number in range(6, 10):
        (tmp_path / "dst" / "PATIENT" / "1.2" / "1.3" / f"1.5.{number}.dcm").unlink()

    outcome = run(tmp_path, existing=Existing.OVERWRITE)

    assert dict(outcome.tally.statuses) == {"delivered": 10}


def test_memory_does_not_grow_with_the_chunks_in_line(tmp_path: Path) -> None:
    """The line is bounded: however many chunks there are, few are submitted ahead."""
    for number in range(600):
        put(tmp_path, f"{number:03}", sop(number))
    sizes: list[int] = []

    deidentify_tree(order(tmp_path), here, lambda folded: sizes.append(folded.count))

    assert sum(sizes) == 600
    assert sizes[0] == 16


def test_a_run_in_a_thread_leaves_signals_alone(tmp_path: Path) -> None:
    put(tmp_path, "1", sop(1))
    outcomes: list[Outcome] = []

    thread = Thread(target=lambda: outcomes.append(run(tmp_path)))
    thread.start()
    thread.join()

    assert [outcome.ended for outcome in outcomes] == [Ended.COMPLETE]


def test_umask_decides_the_mode_of_outputs(tmp_path: Path) -> None:
    put(tmp_path, "1", sop(1))
    before = os.umask(0o027)
    try:
        run(tmp_path)
    finally:
        os.umask(before)

    (output,) = (tmp_path / "dst").rglob("*.dcm")
    assert output.stat().st_mode & 0o777 == 0o640
    assert output.parent.stat().st_mode & 0o777 == 0o750


def test_an_order_says_the_same_in_another_process(tmp_path: Path) -> None:
    """A server's worker gets its orders pickled; a run by hand must have the same first line."""
    asked = order(tmp_path)

    there = pickle.loads(pickle.dumps(asked))  # noqa: S301 - ours

    assert there.header == asked.header
