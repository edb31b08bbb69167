"""A job's place in its destination: whole or absent, whenever an attempt is killed."""

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from dicomveil.job_errors import JobRefused
from dicomveil.jobs.berth import Berth
from dicomveil.jobs.model import Output

JOB = 7


@contextmanager
def berth(folder: Path, attempt: int = 1) -> Iterator[Berth]:
    with closing(Berth(os.fsencode(folder), b"out", JOB, attempt)) as opened:
        yield opened


def put(folder: Path, name: str, text: str) -> None:
    (folder / "out" / name).mkdir(parents=True)
    (folder / "out" / name / "object").write_text(text)


def found(folder: Path) -> dict[str, str]:
    """What lies in the destination: names, and which output is in each."""
    return {
        path.name: (path / "object").read_text() if (path / "object").exists() else ""
        for path in sorted((folder / "out").iterdir())
    }


def test_staging_is_named_after_job_and_attempt_and_closed_to_others(tmp_path: Path) -> None:
    with berth(tmp_path, 3) as here:
        here.stage()

    staged = tmp_path / "out" / ".dicomveil-7.3.staged"
    assert staged.stat().st_mode & 0o777 == 0o700


def test_a_later_attempt_takes_up_the_latest_of_the_earlier_ones(tmp_path: Path) -> None:
    put(tmp_path, ".dicomveil-7.1.staged", "one")
    put(tmp_path, ".dicomveil-7.3.staged", "three")
    put(tmp_path, ".dicomveil-8.3.staged", "another job's")

    with berth(tmp_path, 5) as here:
        here.take_up()

    assert found(tmp_path) == {
        ".dicomveil-7.5.staged": "three",
        ".dicomveil-8.3.staged": "another job's",
    }


def test_an_attempt_that_lost_its_job_can_neither_add_nor_publish(tmp_path: Path) -> None:
    put(tmp_path, "7", "earlier")
    with berth(tmp_path, 1) as late, berth(tmp_path, 2) as newer:
        path = late.stage()
        newer.take_up()

        with pytest.raises(FileNotFoundError):
            late.publish(Output.THERE)
        with pytest.raises(FileNotFoundError):
            os.open(path + b"/object", os.O_CREAT | os.O_WRONLY)

    assert found(tmp_path) == {".dicomveil-7.2.staged": "", "7": "earlier"}


KILLED: dict[str, tuple[tuple[str, ...], str]] = {
    "before it was begun": (("7", ".dicomveil-7.2.staged"), "earlier"),
    "between the two renames": ((".dicomveil-7.replaced", ".dicomveil-7.2.staged"), "earlier"),
    "after both": (("7", ".dicomveil-7.replaced"), "new"),
}


def killed(folder: Path, names: tuple[str, ...], final: str) -> None:
    """What an attempt that was killed while it published leaves."""
    contents: dict[str, Callable[[], str]] = {
        "7": lambda: final,
        ".dicomveil-7.2.staged": lambda: "new",
        ".dicomveil-7.replaced": lambda: "earlier",
    }
    for name in names:
        put(folder, name, contents[name]())


@pytest.mark.parametrize(("names", "final"), KILLED.values(), ids=KILLED)
def test_what_is_discarded_leaves_one_whole_output(
    tmp_path: Path, names: tuple[str, ...], final: str
) -> None:
    killed(tmp_path, names, final)

    with berth(tmp_path, 3) as here:
        here.discard()

    assert found(tmp_path) == {"7": final}


@pytest.mark.parametrize(("names", "final"), KILLED.values(), ids=KILLED)
def test_the_next_attempt_publishes_over_whatever_was_left(
    tmp_path: Path, names: tuple[str, ...], final: str
) -> None:
    killed(tmp_path, names, final)

    with berth(tmp_path, 3) as here:
        here.take_up()
        (Path(os.fsdecode(here.stage())) / "object").write_text("newest")
        here.publish(Output.BEGUN)

    assert found(tmp_path) == {"7": "newest"}


def test_a_name_that_is_taken_by_a_stranger_is_left_alone(tmp_path: Path) -> None:
    put(tmp_path, "7", "theirs")

    with berth(tmp_path) as here:
        here.stage()
        with pytest.raises(JobRefused):
            here.publish(Output.NONE)
        here.discard()

    assert found(tmp_path) == {"7": "theirs"}
