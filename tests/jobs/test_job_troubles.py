"""Jobs in trouble: limits of a day, files that kill, attempts that end while they publish."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from dicomveil.jobs.dispatcher import Crew, Dispatcher
from dicomveil.jobs.ledger import Word
from dicomveil.jobs.master import Master
from dicomveil.jobs.model import Counts, Limits
from dicomveil.jobs.states import Event, State
from dicomveil.serving import open_house
from tests.builders import El
from tests.jobs.estate import Estate, ct, staged, wait_until
from tests.jobs.poison import POISON, poisoned


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    made = Estate(tmp_path)
    yield made
    made.house.close()


def again(tmp_path: Path, **recipe: object) -> Estate:
    """An estate of another project."""
    return Estate(tmp_path / "other", "", **recipe)


def size_of(estate: Estate) -> int:
    """The bytes of everything below `in`."""
    return sum(path.stat().st_size for path in (estate.share / "in").rglob("*.dcm"))


def test_a_job_waits_when_the_days_limit_is_used_up(tmp_path: Path) -> None:
    estate = again(tmp_path, limits=Limits(objects_a_day=2))
    estate.fill("a", "4711")
    estate.run(estate.submit())
    number = estate.submit()

    estate.run_until_waiting(number)

    assert "day" in estate.job(number).error
    assert not estate.output(number).exists()


def test_bytes_of_a_day_are_counted_and_the_next_job_waits(tmp_path: Path) -> None:
    estate = again(tmp_path)
    estate.fill("a", "4711")
    bound = Limits(bytes_a_day=size_of(estate) + 1)
    recipe = replace(estate.recipe, limits=bound)
    estate.house.registry.change_project("trial", recipe, "test")
    (first,) = estate.run(estate.submit())

    number = estate.submit()

    assert first.counts.bytes == size_of(estate)
    assert "1 are left of this day" in estate.run_until_waiting(number).error
    assert not estate.output(number).exists()
    assert staged(estate) == []


BEYOND = {"objects": Limits(objects_a_day=1), "bytes": Limits(bytes_a_day=10)}


@pytest.mark.parametrize("limits", BEYOND.values(), ids=BEYOND)
def test_a_job_that_no_day_has_room_for_is_refused(tmp_path: Path, limits: Limits) -> None:
    estate = again(tmp_path, limits=limits)
    estate.fill("a", "4711")

    (job,) = estate.run(estate.submit())

    assert (job.state, job.code) == (State.FAILED, "over-limit")
    assert "a day" in job.error
    assert list((estate.share / "out").iterdir()) == []


def test_a_job_that_would_overshoot_midway_is_stopped_and_goes_on_another_day(
    tmp_path: Path,
) -> None:
    estate = again(tmp_path, limits=Limits(objects_a_day=2001))
    estate.fill("a", "4711", count=2000)
    estate.fill("b", "4712")
    number = estate.submit("folder:a")
    dispatcher = estate.house.dispatcher()
    dispatcher.start()
    try:
        wait_until(lambda: bool(staged(estate)))
        other = estate.submit("folder:b")
        (claim,) = estate.house.ledger.claim("another server")
        for word in (
            Word(event=Event.FETCHED),
            Word(event=Event.VERIFIED),
            Word(event=Event.DELIVERED, counts=Counts(found=2, delivered=2)),
        ):
            estate.house.ledger.record(claim, word)
        wait_until(lambda: estate.job(number).state in (State.WAITING, State.DONE))
    finally:
        dispatcher.stop()
    stopped = estate.job(number)
    nothing = not estate.output(number).exists()
    recipe = replace(estate.recipe, limits=Limits(objects_a_day=4000))
    estate.house.registry.change_project("trial", recipe, "test")  # as another day would be
    estate.house.ledger.act(number, Event.PAUSED, "test")
    estate.house.ledger.act(number, Event.RESUMED, "test")

    (job,) = estate.run(number)

    assert claim.job.id == other
    assert (stopped.state, nothing) == (State.WAITING, True)
    assert "stopped: it has 2000 objects, and 1999 are left of this day" in stopped.error
    assert (job.state, job.counts.delivered) == (State.DONE, 2000)
    assert staged(estate) == []


def test_a_file_that_kills_its_worker_twice_is_left_out_and_the_job_goes_on(
    estate: Estate,
) -> None:
    estate.fill("a", "4711", count=9)
    estate.put("a/5.dcm", ct("4711", "1.2.840.5", El(0x00204000, "LT", POISON.decode())))
    number = estate.submit()
    bench = replace(estate.house.bench(), make=poisoned)
    dispatcher = Dispatcher(bench, Crew("test", 1), hold=estate.house.hold)
    dispatcher.start()
    try:
        wait_until(lambda: estate.job(number).ended is not None)
    finally:
        dispatcher.stop()

    job = estate.job(number)
    (item,) = estate.house.ledger.items(number)
    assert (job.state, job.counts.found, job.counts.delivered, job.counts.failed) == (
        State.DONE,
        9,
        8,
        1,
    )
    assert (item.status, item.code, item.count, len(item.examples)) == (
        "failed",
        "worker-lost",
        1,
        1,
    )
    assert len(estate.delivered(number)) == 8
    private = (estate.house.private / str(number) / "quarantine.jsonl").read_text()
    assert "5.dcm" in private
    assert staged(estate) == []


@pytest.mark.parametrize("moment", ["before", "between", "after"])
def test_a_job_that_fails_while_it_was_being_published_leaves_no_staging(
    estate: Estate, moment: str
) -> None:
    estate.fill("a", "4711")
    (first,) = estate.run(estate.submit())
    earlier = [path.read_bytes() for path in estate.delivered(first.id)]
    estate.house.ledger.act(first.id, Event.RESET, "test")
    (claim,) = estate.house.ledger.claim("another server")
    for event in (Event.FETCHED, Event.VERIFIED):
        estate.house.ledger.record(claim, Word(event=event))
    out = estate.output(first.id).parent
    new = out / f".dicomveil-{first.id}.{claim.attempt}.staged"
    new.mkdir()
    (new / "whole").write_text("the new output")
    if moment in ("between", "after"):
        estate.output(first.id).rename(out / f".dicomveil-{first.id}.replaced")
    if moment == "after":
        new.rename(estate.output(first.id))
    estate.house.ledger.release("another server")  # it was killed there
    for path in (estate.share / "in" / "a").iterdir():
        path.unlink()

    (job,) = estate.run(first.id)

    assert job.state is State.FAILED
    assert [path.name for path in out.iterdir()] == [str(first.id)]
    found = [path.read_bytes() for path in estate.delivered(first.id)]
    assert found == ([] if moment == "after" else earlier)


def test_pseudonyms_stay_when_the_keys_are_wrapped_by_another_master_key(tmp_path: Path) -> None:
    estate = Estate(tmp_path)
    estate.fill("a", "4711")
    (before,) = estate.run(estate.submit())
    master = Master("env:MASTER", {"MASTER": "1a" * 32})
    estate.house.wrap_keys(master, "test")
    estate.house.close()

    secret = tmp_path / "master"
    secret.write_text("1a" * 32)
    secret.chmod(0o600)
    estate.house = open_house(replace(estate.settings, master_key=f"file:{secret}"))
    (after,) = estate.run(estate.submit())

    assert [path.name for path in estate.delivered(after.id)] == [
        path.name for path in estate.delivered(before.id)
    ]
    assert after.state is State.DONE
    estate.house.close()
