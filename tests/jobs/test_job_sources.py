"""What jobs read: their own folder or selection, beneath the project's root, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dicomveil.jobs.states import Event, State
from tests.jobs.estate import Estate, ct, wait_until

SELECTION = "id: 1\ndescription: some\nselected_paths:\n"


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    made = Estate(tmp_path)
    yield made
    made.house.close()


def test_a_selection_delivers_the_files_it_lists_and_no_others(estate: Estate) -> None:
    estate.fill("a", "4711", count=3)
    estate.put("a/notes.txt", b"beside the selection")
    estate.put("a/fileselection.txt", f"{SELECTION}- 1.dcm\n- 3.dcm\n".encode())

    (job,) = estate.run(estate.submit(r"fileselection:a\fileselection.txt"))

    assert (job.state, job.counts.found, job.counts.delivered) == (State.DONE, 2, 2)


BAD_SELECTIONS = {
    "a missing file": f"{SELECTION}- 1.dcm\n- 9.dcm\n",
    "a folder": f"{SELECTION}- 1.dcm\n- deep\n",
    "a file outside": f"{SELECTION}- ../b/1.dcm\n",
    "a link": f"{SELECTION}- link.dcm\n",
    "no YAML": "{{{",
}


@pytest.mark.parametrize("text", BAD_SELECTIONS.values(), ids=BAD_SELECTIONS)
def test_a_selection_is_refused_that_lists(estate: Estate, text: str) -> None:
    estate.fill("a", "4711")
    estate.fill("a/deep", "4711")
    estate.fill("b", "4711")
    (estate.share / "in/a/link.dcm").symlink_to(estate.share / "in/b/1.dcm")
    estate.put("a/fileselection.txt", text.encode())

    (job,) = estate.run(estate.submit(r"fileselection:a\fileselection.txt"))

    assert (job.state, job.code) == (State.FAILED, "selection-unusable")


def test_a_share_that_is_away_is_tried_again(estate: Estate) -> None:
    estate.fill("a", "4711")
    number = estate.submit()
    away = estate.share.rename(estate.share.parent / "away")
    waiting = estate.run_until_waiting(number)
    away.rename(estate.share)

    estate.house.ledger.act(number, Event.RESET, "test")
    (job,) = estate.run(number)

    assert (waiting.code, waiting.tries) == ("io-error", 1)
    assert job.state is State.DONE


def test_a_link_out_of_the_projects_root_is_never_read(estate: Estate, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "1.dcm").write_bytes(ct("4711", "1.2.3"))
    (estate.share / "in" / "a").symlink_to(elsewhere)

    (job,) = estate.run(estate.submit())

    assert (job.state, job.code) == (State.FAILED, "source-missing")


def test_a_destination_is_never_reached_by_a_link(estate: Estate, tmp_path: Path) -> None:
    estate.fill("a", "4711")
    (estate.share / "out" / "x").symlink_to(tmp_path)

    number = estate.submit()
    dispatcher = estate.house.dispatcher()
    dispatcher.start()
    try:
        wait_until(lambda: estate.job(number).tries > 0 or estate.job(number).ended is not None)
    finally:
        dispatcher.stop()

    assert estate.job(number).state is not State.DONE
    assert not (tmp_path / str(number)).exists()


def test_an_accession_number_has_no_place_to_come_from(estate: Estate) -> None:
    (job,) = estate.run(estate.submit("accession_number:12345"))

    assert (job.state, job.code) == (State.FAILED, "no-place")
    assert "12345" not in job.error


def test_a_selection_that_changes_while_the_job_runs_fails_it(estate: Estate) -> None:
    estate.fill("a", "4711", count=300)
    names = "".join(f"- {number}.dcm\n" for number in range(1, 301))
    path = estate.put("a/fileselection.txt", f"{SELECTION}{names}".encode())
    number = estate.submit(r"fileselection:a\fileselection.txt")
    dispatcher = estate.house.dispatcher()
    dispatcher.start()
    try:
        wait_until(lambda: bool(estate.house.ledger.plan(number)))
        path.write_text(f"{SELECTION}- 1.dcm\n")
        wait_until(lambda: estate.job(number).ended is not None)
    finally:
        dispatcher.stop()

    assert (estate.job(number).state, estate.job(number).code) == (
        State.FAILED,
        "selection-changed",
    )
    assert not estate.output(number).exists()
