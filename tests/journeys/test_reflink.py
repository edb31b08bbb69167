"""`--reflink` shifts pixel data to its place within a block, and changes nothing else."""

from io import BytesIO
from pathlib import Path

import pydicom
import pytest

from dicomveil.dicom.aligning import BLOCK
from dicomveil.dicom.part10 import open_part10
from dicomveil.dicom.tags import PIXEL_DATA
from dicomveil.dicom.walk import walk
from tests.journeys.world import World, ct

LARGE = 512 * 400
FILES = 5


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path / "aligned")
    for number in range(FILES):
        made.put(f"slices/{number}", ct(number, pixels=LARGE, fill=number))
    return made


def pixels_at(data: bytes) -> int:
    """Where the pixel value of a file begins."""
    frame = open_part10(data)
    return next(e.value for e in walk(data, frame.syntax.form, frame.start) if e.tag == PIXEL_DATA)


def outputs(world: World, name: str, *options: str) -> dict[str, bytes]:
    """What a run of its own delivers, by name."""
    other = world.dst.with_name(name)
    command = [str(other) if part == str(world.dst) else part for part in world.command(*options)]
    done = world.run(command)
    assert done.returncode == 0, done.stderr
    return {path.name: path.read_bytes() for path in other.rglob("*.dcm")}


def test_pixels_keep_their_place_within_a_block(world: World) -> None:
    before = pixels_at(ct(0, pixels=LARGE))

    made = outputs(world, "aligned", "--reflink")

    assert len(made) == FILES
    assert {pixels_at(data) % BLOCK for data in made.values()} == {before % BLOCK}


def test_an_aligned_output_is_the_same_object(world: World) -> None:
    plain = outputs(world, "plain")
    aligned = outputs(world, "aligned", "--reflink")

    for name, data in aligned.items():
        read, other = (pydicom.dcmread(BytesIO(d)) for d in (data, plain[name]))
        assert read == other
        assert set(read.file_meta["PrivateInformation"].value) == {0}
        del read.file_meta.PrivateInformation
        del read.file_meta.PrivateInformationCreatorUID
        read.file_meta.FileMetaInformationGroupLength = (
            other.file_meta.FileMetaInformationGroupLength
        )
        assert read.file_meta == other.file_meta


def test_both_roads_align_alike(world: World) -> None:
    assert outputs(world, "fast", "--reflink") == outputs(
        world, "walked", "--reflink", "--no-templates"
    )


def test_without_templates_the_bytes_are_the_same(world: World) -> None:
    assert outputs(world, "fast") == outputs(world, "walked", "--no-templates")
