"""A run that is killed, starved or robbed of a worker loses nothing and leaves nothing behind."""

import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from dicomveil.cli.exits import Exit
from tests.journeys.mounting import mount, mounted
from tests.journeys.world import World, ct

FILES = 2000
KILLS = 10


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "killed")


def undisturbed(world: World, folder: Path, *options: str) -> World:
    """The same order carried out without a disturbance, beside it."""
    other = World(folder)
    shutil.copytree(world.folder / "settings", folder / "settings")
    command = [str(other.dst) if p == str(world.dst) else p for p in world.command(*options)]
    assert world.run(command).returncode == Exit.DONE
    return other


def journal_lines(world: World) -> int:
    """How many files the journals speak of."""
    folder = world.private / "journal"
    try:
        return sum(path.read_bytes().count(b"\n") for path in folder.glob("*.log"))
    except FileNotFoundError:
        return 0


def children_of(pid: int) -> list[int]:
    """The processes that this one started."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    return [int(child) for child in listed.split()]


def finished(world: World) -> dict[Path, tuple[int, int]]:
    """Every output, and what tells whether it was made again: its inode and time."""
    found = {path: path.stat() for path in world.dst.rglob("*.dcm")}
    return {path: (stat.st_ino, stat.st_mtime_ns) for path, stat in found.items()}


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_killed_run_resumes_to_what_an_undisturbed_one_gives(
    world: World, tmp_path: Path, jobs: str
) -> None:
    """A fifth of the files have the output of others, and folders interleave."""
    world.fill(FILES)
    for number in range(0, FILES, 5):
        world.put(f"again/{number}", ct(number))
    dice = random.Random()
    seed = dice.randrange(1 << 32)
    print("moments drawn by", seed)  # noqa: T201 - pytest shows it with a failure
    moments = sorted(random.Random(seed).sample(range(FILES + FILES // 5), KILLS))
    resume: list[str] = []
    made: dict[Path, tuple[int, int]] = {}
    for moment in moments:
        run = world.start("--jobs", jobs, "--crosswalk", *resume)
        while run.poll() is None and journal_lines(world) < moment:
            time.sleep(0.001)
        run.kill()
        run.communicate()
        resume = ["--resume"] if (world.dst / "manifest.jsonl").exists() else []
        made |= finished(world)

    done = world.deid("--jobs", jobs, "--crosswalk", *resume)

    assert done.returncode == Exit.DONE, done.stderr
    now = finished(world)
    assert {path: now[path] for path in made} == made  # what was finished was not done again
    other = undisturbed(world, tmp_path / "calm", "--jobs", jobs, "--crosswalk")
    assert world.public() == other.public()
    for table in ("uids.csv", "patients.csv", "files.csv", "quarantine.jsonl", "skipped.jsonl"):
        assert (world.private / table).read_bytes() == (other.private / table).read_bytes()
    assert {path.name for path in world.private.iterdir()} == {
        path.name for path in other.private.iterdir()
    }


def test_workers_end_when_their_parent_is_killed(world: World) -> None:
    world.fill(3000)
    run = world.start("--jobs", "2")
    while journal_lines(world) < 10:
        time.sleep(0.001)
    workers = children_of(run.pid)

    run.kill()
    run.communicate()

    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert workers
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


RULES = "".join(f'  "(0018,90{number:02x})": remove\n' for number in range(256))


@pytest.mark.parametrize("rules", ["", RULES], ids=["a preset", "a long recipe"])
def test_the_run_goes_on_when_a_worker_is_killed(world: World, tmp_path: Path, rules: str) -> None:
    world.fill(2000)
    recipe = tmp_path / "ours.yaml"
    recipe.write_text(f"name: ours\nextends: basic\nrules:\n{rules}")
    profile = ("--profile", str(recipe)) if rules else ()
    run = world.start("--jobs", "2", *profile)
    while run.poll() is None and journal_lines(world) < 50:
        time.sleep(0.001)

    os.kill(children_of(run.pid)[0], signal.SIGKILL)
    _, said = run.communicate(timeout=60)

    assert run.returncode == Exit.DONE, said
    assert world.public() == undisturbed(world, tmp_path / "calm", *profile).public()


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_full_disk_ends_the_run_which_can_be_resumed(world: World, jobs: str) -> None:
    world.fill(40)
    world.put("large", ct(99, pixels=512 * 4000))
    world.dst.mkdir()
    with mounted(world.dst, "1m"):
        full = world.deid("--jobs", jobs)
        reported = len(world.outputs())
        mount(world.dst, "-o", "remount,size=64m")
        done = world.deid("--jobs", jobs, "--resume")
        counts = world.counts()

    assert full.returncode == Exit.INCOMPLETE
    assert "No space left" in full.stderr
    assert reported <= 40
    assert done.returncode == Exit.DONE, done.stderr
    assert counts == {"found": 41, "delivered": 41}


def test_what_may_not_be_read_has_failed(world: World) -> None:
    world.fill(1)
    world.put("locked", ct(2)).chmod(0)
    world.put("shut/inside", ct(3)).parent.chmod(0)

    done = world.run([*without_roots_powers(), *world.command()])
    (world.src / "shut").chmod(0o700)

    assert done.returncode == Exit.INCOMPLETE, done.stderr
    assert world.counts() == {"found": 3, "delivered": 1, "failed": 2}
    assert {line["code"] for line in world.quarantine()} == {"unreadable"}


def without_roots_powers() -> list[str]:
    """What a command begins with so that it may not read everything, even as root."""
    if os.geteuid() != 0:
        return []
    lowered = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    if subprocess.run([*lowered, "true"], capture_output=True, check=False).returncode:
        pytest.skip("root cannot lay down its powers here")
    return lowered
