"""`deid --dicomdir`: an index of the outputs, made of them alone."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.fileset import FileSet

from dicomveil.cli.exits import Exit
from tests.journeys.world import PLANTED, World, ct
from tests.real import corpus, needs_corpus

FILE_ID = re.compile(r"[A-Z0-9_]{1,8}(\\[A-Z0-9_]{1,8}){0,7}")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def listed(world: World) -> dict[str, str]:
    """The path below DST of every object that the DICOMDIR lists, and its instance UID."""
    found = FileSet(world.dst / "DICOMDIR")
    paths: dict[str, str] = {
        str(Path(one.path).relative_to(world.dst)): one.SOPInstanceUID for one in found
    }
    found._stage["t"].cleanup()  # it would leave its folder to the interpreter
    return paths


def delivered(world: World) -> set[str]:
    return {str(x["path"]) for x in world.manifest() if x.get("status") == "delivered"}


def several(world: World) -> None:
    """Three series of one patient in two folders."""
    for number in range(9):
        world.put(f"{PLANTED}-{number % 2}/IM{number}", ct(number, series=number // 3))


def test_every_output_is_listed_and_nothing_else(world: World) -> None:
    several(world)

    done = world.deid("--dicomdir")

    assert done.returncode == Exit.DONE
    assert set(listed(world)) == delivered(world)
    for path, uid in listed(world).items():
        assert dcmread(world.dst / path).SOPInstanceUID == uid


def test_a_patients_objects_are_below_one_record(world: World) -> None:
    several(world)

    world.deid("--dicomdir")

    records = dcmread(world.dst / "DICOMDIR").DirectoryRecordSequence
    kinds = [record.DirectoryRecordType for record in records]
    assert {kind: kinds.count(kind) for kind in kinds} == {
        "PATIENT": 1,
        "STUDY": 1,
        "SERIES": 3,
        "IMAGE": 9,
    }


def test_every_file_id_is_one_that_a_file_set_may_have(world: World) -> None:
    several(world)

    world.deid("--dicomdir")

    for record in dcmread(world.dst / "DICOMDIR").DirectoryRecordSequence:
        if "ReferencedFileID" in record:
            assert FILE_ID.fullmatch("\\".join(record.ReferencedFileID))


def test_the_same_outputs_give_the_same_dicomdir(world: World, tmp_path: Path) -> None:
    several(world)
    other = World(tmp_path / "other")
    shutil.copytree(world.src, other.src)

    world.deid("--dicomdir", "--jobs", "1")
    shutil.copytree(world.key.parent, other.key.parent)
    other.deid("--dicomdir", "--jobs", "2", "--no-templates")

    directory = (world.dst / "DICOMDIR").read_bytes()
    assert directory == (other.dst / "DICOMDIR").read_bytes()
    assert len(dcmread(world.dst / "DICOMDIR").file_meta.MediaStorageSOPInstanceUID) == 44


def test_nothing_of_the_original_is_in_it(world: World) -> None:
    several(world)

    world.deid("--dicomdir")

    directory = (world.dst / "DICOMDIR").read_bytes()
    assert PLANTED.encode() not in directory
    assert b"4711-" not in directory
    assert b"1.2.826.0.1.3680043.10.1" not in directory


def test_a_value_that_a_record_requires_is_the_dummy_where_there_is_none(world: World) -> None:
    world.fill(1)

    world.deid("--dicomdir")

    study = dcmread(world.dst / "DICOMDIR").DirectoryRecordSequence[1]
    (path,) = delivered(world)
    assert not dcmread(world.dst / path).get("StudyDate")
    assert study.StudyDate == "19000101"


def test_a_dicomdir_of_the_source_is_never_copied(world: World) -> None:
    world.fill(2)
    found = get_testdata_file("DICOMDIR")
    assert isinstance(found, str)
    world.put("DICOMDIR", Path(found).read_bytes())

    world.deid("--dicomdir")

    assert world.counts() == {"found": 3, "delivered": 2, "skipped": 1}
    assert set(listed(world)) == delivered(world)


def test_without_the_option_there_is_none(world: World) -> None:
    world.fill(1)

    world.deid("--layout", "media")

    assert not (world.dst / "DICOMDIR").exists()
    (path,) = delivered(world)
    assert re.fullmatch(r"DICOM(/[A-Z2-7]{8}){4}", path)


def test_another_layout_is_refused(world: World) -> None:
    world.fill(1)

    done = world.deid("--dicomdir", "--layout", "uid")

    assert done.returncode == Exit.USAGE
    assert "--layout media" in done.stderr
    assert not world.dst.exists()


def test_a_rehearsal_writes_none(world: World) -> None:
    world.fill(1)

    world.deid("--dicomdir", "--dry-run")

    assert not world.dst.exists()


def test_an_interrupted_run_makes_it_when_it_is_resumed(world: World) -> None:
    several(world)
    world.deid("--dicomdir")
    whole = (world.dst / "DICOMDIR").read_bytes()
    cut = (world.dst / "manifest.jsonl").read_bytes().splitlines(keepends=True)[:-1]
    (world.dst / "manifest.jsonl").write_bytes(b"".join(cut))
    (world.dst / "DICOMDIR").rename(world.dst / ".0.part")
    (world.private / "journal").mkdir(exist_ok=True)
    shutil.rmtree(world.dst / "DICOM")

    done = world.deid("--dicomdir", "--resume")

    assert done.returncode == Exit.DONE
    assert (world.dst / "DICOMDIR").read_bytes() == whole
    assert not (world.dst / ".0.part").exists()


@pytest.mark.parametrize("again", [("--dicomdir",), ()])
def test_it_is_replaced_with_the_output_that_it_lists(world: World, again: tuple[str, ...]) -> None:
    world.fill(2)
    world.deid("--dicomdir")

    done = world.deid("--overwrite", *again)

    assert done.returncode == Exit.DONE
    assert (world.dst / "DICOMDIR").exists() is bool(again)


def test_one_that_no_run_made_keeps_dst_from_being_replaced(world: World) -> None:
    world.fill(2)
    world.deid("--layout", "media")
    (world.dst / "DICOMDIR").write_bytes(b"somebody's")

    done = world.deid("--overwrite")

    assert done.returncode == Exit.REFUSED
    assert (world.dst / "DICOMDIR").read_bytes() == b"somebody's"


@needs_corpus
def test_real_files_of_every_kind_are_listed_without_an_error(world: World) -> None:
    beside = corpus()
    assert beside is not None
    shutil.copytree(beside, world.src)

    world.deid("--dicomdir", "--accept-pixels")

    assert set(listed(world)) == delivered(world)
    assert len(listed(world)) > 60
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy of dicom3tools is not installed: the records were not judged")
    said = subprocess.run(
        ["dciodvfy", world.dst / "DICOMDIR"], capture_output=True, text=True, check=False
    )
    assert [line for line in said.stderr.splitlines() if line.startswith("Error")] == []
