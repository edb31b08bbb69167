"""What `dicomveil deid` refuses, imports and shows."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dicomveil.cli.exits import Exit
from tests.journeys.world import PLANTED, World, ct

NEVER = {"pydicom", "pydantic", "sqlalchemy", "fastapi", "rich", "numpy"}


@pytest.fixture
def world(tmp_path: Path) -> World:
    built = World(tmp_path)
    built.fill(2)
    return built


def everything(world: World) -> dict[str, bytes]:
    """Every file of the test's folder."""
    return {
        str(path.relative_to(world.folder)): path.read_bytes()
        for path in world.folder.rglob("*")
        if path.is_file()
    }


def to(world: World, destination: Path, *options: str) -> list[str]:
    """The command line with another DST."""
    return [str(destination) if p == str(world.dst) else p for p in world.command(*options)]


def with_source(world: World, source: Path, *options: str) -> list[str]:
    """The command line with another SRC."""
    return [str(source) if p == str(world.src) else p for p in world.command(*options)]


def a_key(world: World, place: Path, mode: int = 0o600, text: str = "ab" * 32) -> list[str]:
    """The command line with a key of this kind."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    place.chmod(mode)
    return world.command("--key-file", str(place))


def a_full_dst(world: World) -> list[str]:
    """A DST that holds something else."""
    world.dst.mkdir()
    (world.dst / "notes.txt").write_text("mine")
    return world.command()


def a_foreign_dst(world: World) -> list[str]:
    """A DST to be overwritten that is no output of ours."""
    return [*a_full_dst(world), "--overwrite"]


def a_dst_file(world: World) -> list[str]:
    """A DST that is a file."""
    world.dst.write_text("mine")
    return world.command()


def a_full_private_folder(world: World) -> list[str]:
    """A private folder that holds something else."""
    world.private.mkdir()
    (world.private / "notes.txt").write_text("mine")
    return world.command()


def twins(world: World) -> list[str]:
    """Two SRC of one name in a layout that keeps names apart by them."""
    for parent in ("a", "b"):
        world.put(f"{parent}/same/1", ct(1))
    command = world.command("--layout", "mirror")
    command[4:5] = [str(world.src / "a" / "same"), str(world.src / "b" / "same")]
    return command


def a_source_in_dst(world: World) -> list[str]:
    """A SRC that is one file of DST."""
    file = world.put("x", ct(1))
    return [*world.command()[:4], str(file), str(world.src), "--private", str(world.folder / "p")]


REFUSED: dict[str, Callable[[World], list[str]]] = {
    "DST inside SRC": lambda w: to(w, w.src / "out"),
    "DST is SRC": lambda w: to(w, w.src),
    "SRC inside DST": lambda w: to(w, w.folder),
    "SRC is a file inside DST": a_source_in_dst,
    "DST not empty": a_full_dst,
    "DST is a file": a_dst_file,
    "overwrites what is not ours": a_foreign_dst,
    "resumes nothing": lambda w: w.command("--resume"),
    "private folder inside SRC": lambda w: w.command("--private", str(w.src / "p")),
    "private folder inside DST": lambda w: w.command("--private", str(w.dst / "p")),
    "private folder around SRC": lambda w: w.command("--private", str(w.folder)),
    "private folder not empty": a_full_private_folder,
    "unknown profile": lambda w: w.command("--profile", "lenient"),
    "no SRC": lambda w: with_source(w, w.folder / "nowhere"),
    "SRC is no file": lambda w: with_source(w, Path("/dev/null")),
    "no key": lambda w: w.command("--key-file", str(w.folder / "nowhere")),
    "a key for others": lambda w: a_key(w, w.folder / "key", 0o640),
    "a short key": lambda w: a_key(w, w.folder / "key", text="ab" * 31),
    "a long key": lambda w: a_key(w, w.folder / "key", text="ab" * 65),
    "a key inside SRC": lambda w: a_key(w, w.src / "key"),
    "a key that is a folder": lambda w: w.command("--key-file", str(w.src)),
    "two SRC of one name": twins,
}


@pytest.mark.parametrize("command_of", REFUSED.values(), ids=REFUSED)
def test_refused_before_anything_is_written(
    world: World, command_of: Callable[[World], list[str]]
) -> None:
    command = command_of(world)
    before = everything(world)

    done = world.run(command)

    assert done.returncode == Exit.REFUSED, done.stderr
    assert everything(world) == before
    assert PLANTED not in done.stdout + done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "options",
    [
        ["--layout", "keep"],
        ["--layout", "flat"],
        ["--jobs", "0"],
        ["--resume", "--overwrite"],
        ["--rezume"],
    ],
)
def test_a_wrong_command_line_ends_with_usage(world: World, options: list[str]) -> None:
    done = world.deid(*options)

    assert done.returncode == Exit.USAGE
    assert not world.dst.exists()


DIFFERENT = {
    "options": ["--accept-pixels"],
    "layout": ["--layout", "mirror"],
    "key": ["--key-file", "{folder}/other"],
}


@pytest.mark.parametrize(("named", "options"), DIFFERENT.items(), ids=DIFFERENT)
def test_a_resume_that_differs_is_refused_and_says_in_what(
    world: World, named: str, options: list[str]
) -> None:
    world.deid()
    other = world.folder / "other"
    other.write_text("cd" * 32)
    other.chmod(0o600)
    before = everything(world)

    done = world.deid("--resume", *(option.format(folder=world.folder) for option in options))

    assert done.returncode == Exit.REFUSED
    assert f"the {named} differs" in done.stderr
    assert everything(world) == before


def interrupted(world: World) -> None:
    """Let it look as if the run had been killed before it could tidy up: its journal is there."""
    world.deid("--jobs", "1")
    manifest = world.dst / "manifest.jsonl"
    manifest.write_bytes(b"".join(manifest.read_bytes().splitlines(keepends=True)[:-1]))
    journal = world.private / "journal"
    journal.mkdir()
    entries = []
    for line, path in zip(world.manifest()[1:], sorted(world.src.rglob("IM*")), strict=True):
        found = path.stat()
        public = f'"size":{line["size"]},"sop_class":"{line["sop_class"]}"'
        fields = [line["number"], found.st_size, found.st_mtime_ns, "delivered", ""]
        fields += [json.dumps(str(path)), "", "", json.dumps(line["path"]), public, ""]
        entries.append("\t".join(map(str, fields)) + "\n")
    (journal / "000000000001.log").write_text("".join(entries) + "end\n")


def test_a_run_whose_files_are_all_done_only_needs_its_end(world: World) -> None:
    interrupted(world)
    outputs = world.outputs()

    done = world.deid("--resume")

    assert done.returncode == Exit.DONE, done.stderr
    assert world.outputs() == outputs
    assert world.counts() == {"found": 2, "delivered": 2}


@pytest.mark.parametrize(
    "change",
    [
        lambda w: next(w.src.rglob("IM00001")).write_bytes(ct(1) + b"\0"),
        lambda w: os.utime(next(w.src.rglob("IM00001")), ns=(1, 1)),
        lambda w: next(w.src.rglob("IM00001")).unlink(),
        lambda w: next(w.src.rglob("IM00001")).rename(w.src / "other"),
    ],
    ids=["longer", "later", "gone", "renamed"],
)
def test_a_resume_with_a_changed_source_is_refused_by_number(
    world: World, change: Callable[[World], object]
) -> None:
    interrupted(world)
    change(world)
    before = everything(world)

    done = world.deid("--resume")

    assert done.returncode == Exit.REFUSED
    assert "file 2 " in done.stderr
    assert PLANTED not in done.stderr
    assert everything(world) == before


def test_a_resume_with_another_private_folder_is_refused(world: World) -> None:
    interrupted(world)
    before = everything(world)

    done = world.deid("--resume", "--private", str(world.folder / "elsewhere"))

    assert done.returncode == Exit.REFUSED
    assert "no journal" in done.stderr
    assert everything(world) == before


def test_a_resume_without_an_output_that_was_delivered_is_refused(world: World) -> None:
    interrupted(world)
    next(world.dst.rglob("*.dcm")).unlink()

    done = world.deid("--resume")

    assert done.returncode == Exit.REFUSED
    assert "gone from DST" in done.stderr


def test_no_space_for_the_first_file_is_refused(world: World) -> None:
    if os.geteuid() != 0:
        pytest.skip("a small file system can be mounted by root alone")
    world.put("0", ct(1, pixels=512 * 4000))
    small = world.folder / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        done = world.run(to(world, small / "out"))
        left = list(small.iterdir())
    finally:
        subprocess.run(["umount", small], check=True)

    assert done.returncode == Exit.REFUSED
    assert "no space" in done.stderr
    assert left == []


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_deid_imports_nothing_heavy_on_ascii_files(world: World, jobs: str) -> None:
    program = (
        "import sys\nfrom dicomveil.cli.main import run\n"
        f"run({world.command('--jobs', jobs)[3:]!r})\nprint(*sys.modules)"
    )

    done = world.run([sys.executable, "-c", program])

    assert world.counts() == {"found": 2, "delivered": 2}
    assert set(done.stdout.split()) & NEVER == set()


def on_a_terminal(world: World, *options: str) -> str:
    """What a run shows on a terminal."""
    shown, terminal = pty.openpty()
    with subprocess.Popen(
        world.command(*options), env=world.environment, stderr=terminal, stdout=subprocess.PIPE
    ):
        os.close(terminal)
        pieces = []
        while True:
            try:
                pieces.append(os.read(shown, 4096))
            except OSError:  # Linux ends a terminal so
                break
    os.close(shown)
    return b"".join(pieces).decode()


def test_a_terminal_has_a_bar(world: World) -> None:
    said = on_a_terminal(world)

    assert "2/2" in said
    assert "files/s" in said


def test_paths_are_shown_on_request_and_on_a_terminal_alone(world: World) -> None:
    world.put("cut.dcm", ct(3)[:-7])

    silent = on_a_terminal(world)
    shown = on_a_terminal(world, "--show-paths", "--overwrite")
    logged = world.deid("--show-paths", "--overwrite")

    assert "cut.dcm" not in silent
    assert "cut.dcm" in shown
    assert "cut.dcm" not in logged.stderr


def test_the_key_is_made_once_and_its_place_is_said(world: World) -> None:
    first = world.deid()
    key = world.key.read_bytes()
    second = world.deid("--overwrite")

    assert f"A new key was made; keep it safe: {world.key}" in first.stderr
    assert f"The key: {world.key}" in second.stderr
    assert world.key.read_bytes() == key
    assert len(key.strip()) == 64
