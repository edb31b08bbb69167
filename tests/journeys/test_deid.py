"""Whole runs of `dicomveil deid`, as a user starts them."""

import json
import os
import signal
import stat
import time
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from pydicom import dcmread

from dicomveil.cli.exits import Exit
from tests.journeys.world import PLANTED, World, ct, lines

ODD_NAMES = [
    b'quote" and \\ back',
    b"new\nline",
    b"tab\tand \x1b[31m",
    b"no-utf8-\xff\xfe",
    "ünïcode-名".encode(),
]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def mixed(world: World) -> None:
    """One file of each fate, two of which are delivered."""
    world.put(f"{PLANTED}/1-whole", ct(1))
    world.put(f"{PLANTED}/2-whole.DCM", ct(2))
    world.put(f"{PLANTED}/3-the-same", ct(1))
    world.put(f"{PLANTED}/4-another-of-1", ct(1, fill=7))
    world.put(f"{PLANTED}/5-cut", ct(5)[:-7])
    world.put(f"{PLANTED}/6-letter.txt", f"Dear {PLANTED}".encode())
    world.put(f"{PLANTED}/7-empty", b"")
    world.put(f"{PLANTED}/8-promised.dcm", b"no DICOM at all")


def test_each_file_has_one_fate_and_the_counts_reconcile(world: World) -> None:
    mixed(world)

    done = world.deid("--jobs", "1")

    assert done.returncode == Exit.INCOMPLETE
    assert world.statuses() == [
        "delivered",
        "delivered",
        "duplicate",
        "quarantined",
        "quarantined",
        "skipped",
        "skipped",
        "quarantined",
    ]
    assert world.counts() == {
        "found": 8,
        "delivered": 2,
        "duplicate": 1,
        "skipped": 2,
        "quarantined": 3,
    }
    assert [line["code"] for line in world.quarantine()] == [
        "uid-conflict",
        "truncated",
        "not-dicom",
    ]


def test_all_delivered_ends_with_zero(world: World) -> None:
    world.fill(3)

    assert world.deid().returncode == Exit.DONE


def test_nothing_delivered_is_incomplete(world: World) -> None:
    world.put("letter.txt", b"words")

    assert world.deid().returncode == Exit.INCOMPLETE


def test_a_planted_name_is_nowhere_but_in_the_private_folder(world: World) -> None:
    mixed(world)

    done = world.deid("--json", "--checksum")

    assert PLANTED not in done.stdout + done.stderr
    for name, content in world.public().items():
        assert PLANTED not in name
        assert PLANTED.encode() not in content
    assert PLANTED in (world.private / "quarantine.jsonl").read_text()


def test_the_private_side_is_for_its_owner_alone(world: World) -> None:
    mixed(world)

    world.deid("--crosswalk")

    assert stat.S_IMODE(world.private.stat().st_mode) == 0o700
    assert {
        p.name: stat.S_IMODE(p.stat().st_mode) for p in world.private.iterdir()
    } == dict.fromkeys(
        ["quarantine.jsonl", "skipped.jsonl", "uids.csv", "patients.csv", "files.csv"], 0o600
    )
    assert stat.S_IMODE(world.key.stat().st_mode) == 0o600


def test_the_result_does_not_depend_on_how_many_processes_there_are(tmp_path: Path) -> None:
    one, three = World(tmp_path / "one"), World(tmp_path / "three")
    one.fill(150)
    for number in range(0, 150, 2):
        one.put(f"again/{number}", ct(number))
    one.folder.joinpath("settings/dicomveil").mkdir(parents=True)
    one.key.write_text("ab" * 32)
    one.key.chmod(0o600)
    three.folder.mkdir()

    one.deid("--jobs", "1")
    command = [
        str(three.dst) if part == str(one.dst) else part for part in one.command("--jobs", "3")
    ]
    three_done = one.run(command)

    assert three_done.returncode == Exit.DONE
    assert one.public() == three.public()


def test_a_fifo_in_the_tree_is_passed_by(world: World) -> None:
    world.fill(1)
    os.mkfifo(world.src / "pipe.dcm")

    done = world.deid("--json")

    assert json.loads(done.stdout)["passed_by"] == {"links": 0, "special": 1}
    assert world.counts() == {"found": 1, "delivered": 1}


@pytest.mark.parametrize("name", ODD_NAMES, ids=ascii)
def test_an_odd_name_is_reported_as_it_is(world: World, name: bytes) -> None:
    world.put(name, ct(1)[:-7])

    done = world.deid("--crosswalk")

    (entry,) = world.quarantine()
    assert done.returncode == Exit.INCOMPLETE
    assert os.fsencode(str(entry["source"])) == os.fsencode(world.src) + b"/" + name


@pytest.mark.parametrize("name", ODD_NAMES, ids=ascii)
@pytest.mark.parametrize("layout", ["keep", "mirror"])
def test_an_odd_name_is_placed_by_every_layout(world: World, name: bytes, layout: str) -> None:
    world.put(b"folder/" + name, ct(1))

    done = world.deid("--layout", layout, "--accept-names", "--crosswalk")

    assert done.returncode == Exit.DONE
    delivered = [os.fsencode(path) for path in world.outputs()]
    assert (delivered == [b"folder/" + name]) is (layout == "keep")


def test_mirror_keeps_the_shape_and_no_name(world: World) -> None:
    for path in ("a/b/1", "a/b/2", "a/3", "c/b/4"):
        world.put(path, ct(int(path[-1])))

    world.deid("--layout", "mirror")

    parts = [Path(path).parts for path in world.outputs()]
    assert sorted(map(len, parts)) == [2, 3, 3, 3]
    assert len({part[0] for part in parts}) == 2
    assert len({part[:2] for part in parts if len(part) == 3}) == 2
    assert all(len(Path(part[-1]).stem) == 16 and part[-1].endswith(".dcm") for part in parts)


def test_the_crosswalk_has_every_changed_uid_once_and_in_order(world: World) -> None:
    world.fill(3)

    world.deid("--crosswalk")

    uids = (world.private / "uids.csv").read_text().splitlines()
    patients = (world.private / "patients.csv").read_text().splitlines()
    files = (world.private / "files.csv").read_text().splitlines()
    assert uids[0] == patients[0] == "id_old,id_new"
    assert uids[1:] == sorted(set(uids[1:]))
    assert len(uids) == 1 + 3 + 1 + 1  # instances, series, study
    assert patients[1].startswith("4711-planted,")
    assert len(files) == 4
    new = {row.split(",")[1] for row in uids[1:]}
    assert all(Path(path).stem in new for path in world.outputs())


def test_a_checksum_is_that_of_the_output(world: World) -> None:
    world.put("one", ct(1, pixels=512_000))

    world.deid("--checksum")

    line = world.manifest()[1]
    output = world.dst / str(line["path"])
    assert line["sha256"] == sha256(output.read_bytes()).hexdigest()
    assert line["size"] == output.stat().st_size


def test_a_rehearsal_writes_nothing_and_says_the_same(world: World) -> None:
    mixed(world)

    done = world.deid("--dry-run", "--json")

    assert [p.name for p in world.folder.iterdir()] == ["hospital"]
    said = json.loads(done.stdout)
    assert said["rehearsal"] is True
    assert said["codes"] == {"truncated": 1, "not-dicom": 1}
    assert said["counts"]["found"] == 8
    assert done.returncode == Exit.INCOMPLETE


def test_links_are_passed_by_and_followed_only_inside_src(world: World) -> None:
    world.put("a/1", ct(1))
    outside = world.folder / "outside"
    outside.write_bytes(ct(2))
    (world.src / "a" / "circle").symlink_to(world.src)
    (world.src / "b").symlink_to(outside)
    (world.src / "c").symlink_to("a/1")
    (world.src / "dangling").symlink_to("nowhere")

    ignored = json.loads(world.deid("--json").stdout)
    followed = json.loads(world.deid("--json", "--overwrite", "--follow-links").stdout)

    assert (ignored["counts"]["found"], ignored["passed_by"]["links"]) == (1, 4)
    assert (followed["counts"]["delivered"], followed["counts"]["duplicate"]) == (1, 1)
    assert followed["passed_by"]["links"] == 3


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_ctrl_c_ends_with_a_summary_and_can_be_resumed(world: World, jobs: str) -> None:
    """A terminal sends it to every process of the run."""
    world.fill(1500)
    run = world.start("--jobs", jobs, "--json")
    wait_for_output(world)

    os.killpg(run.pid, signal.SIGINT)
    told, said = run.communicate(timeout=60)

    assert run.returncode == Exit.INTERRUPTED
    assert "--resume" in said
    assert "Traceback" not in said
    counts = json.loads(told)["counts"]
    assert 0 < counts["delivered"] == counts["found"] == len(world.outputs()) < 1500
    assert world.deid("--resume").returncode == Exit.DONE
    assert world.counts() == {"found": 1500, "delivered": 1500}


def test_a_resumed_complete_run_says_so_and_ends_alike(world: World) -> None:
    mixed(world)
    first = world.deid()
    before = world.public()

    again = world.deid("--resume")

    assert again.returncode == first.returncode
    assert "complete already" in again.stderr
    assert world.public() == before


def test_overwrite_replaces_the_whole_of_an_earlier_output(world: World) -> None:
    world.fill(3)
    world.deid("--layout", "mirror")

    done = world.deid("--overwrite")

    assert done.returncode == Exit.DONE
    assert len(world.outputs()) == 3
    assert all("2.25." in path for path in world.outputs())


def test_overwrite_removes_nothing_beside_a_foreign_file(world: World) -> None:
    world.fill(3)
    world.deid()
    (world.dst / "notes.txt").write_text("mine")
    before = world.public()

    done = world.deid("--overwrite")

    assert done.returncode == Exit.REFUSED
    assert world.public() == before


def test_several_sources_are_numbered_on(world: World) -> None:
    world.put("a/1", ct(1))
    world.put("b/1", ct(2))
    command = world.command()
    command[4:5] = [str(world.src / "a"), str(world.src / "b" / "1")]

    done = world.run(command)

    assert done.returncode == Exit.DONE
    assert [line.get("number") for line in world.manifest()] == [None, 1, 2, None]


def test_the_manifest_says_what_the_run_was(world: World) -> None:
    world.fill(1)

    world.deid("--no-verify", "--accept-pixels")

    header = world.manifest()[0]
    assert set(header) == {"dicomveil", "profile", "options", "layout", "key"}
    assert header["options"] == {
        "pixels": "accepted",
        "verify": "off",
        "checksum": "none",
        "alignment": "none",
        "crosswalk": "none",
        "links": "ignored",
    }


def wait_for_output(world: World) -> None:
    """Until the first chunks have been reported."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        manifest = world.dst / "manifest.jsonl"
        if manifest.exists() and len(manifest.read_bytes().splitlines()) > 20:
            return
        time.sleep(0.005)
    raise AssertionError("the run did not begin")


def test_the_skipped_report_tells_which_numbers_were_skipped(world: World) -> None:
    mixed(world)

    world.deid()

    skipped = lines(world.private / "skipped.jsonl")
    assert [(line["number"], line["code"]) for line in skipped] == [
        (3, ""),
        (6, "text"),
        (7, "empty"),
    ]


@pytest.mark.parametrize("how", [("--jobs", "1"), ("--jobs", "2", "--reflink")])
def test_bits_of_overlays_are_cleared_on_the_way_to_the_output(
    world: World, how: tuple[str, ...]
) -> None:
    slices = [dcmread(BytesIO(ct(number, fill=0xFF, pixels=1 << 18))) for number in range(3)]
    for number, one in enumerate(slices):
        one.BitsStored, one.HighBit = 12, 11
        one.add_new(0x60000010, "US", 512)
        one.add_new(0x60000011, "US", 256)
        one.add_new(0x60000102, "US", 13)
        written = BytesIO()
        one.save_as(written)
        world.put(f"{number}.dcm", written.getvalue())

    done = world.deid(*how)

    assert done.returncode == Exit.DONE
    for content in world.outputs().values():
        assert dcmread(BytesIO(content)).PixelData == b"\xff\xdf" * (1 << 17)
