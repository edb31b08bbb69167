"""What every place does that is asked for a folder, an archive or a prefix."""

from pathlib import Path

import pytest

from dicomveil.errors import NothingFound, PlaceRefuses
from dicomveil.places.place import Asked
from tests.contracts.rig import OBJECTS, Rig

# Places that hold files under names; each is a fixture of conftest.py.
FOLDERS = [
    "memory_place",
    "directory_place",
    "smb_place",
    "store_place",
]
# Those that know nothing of studies.
UNREAD = FOLDERS[1:]


@pytest.fixture
def folder(request: pytest.FixtureRequest) -> Rig:
    """A place that holds OBJECTS."""
    rig: Rig = request.getfixturevalue(request.param)
    rig.put(OBJECTS)
    return rig


folders = pytest.mark.parametrize("folder", FOLDERS, indirect=True)
unread = pytest.mark.parametrize("folder", UNREAD, indirect=True)


@folders
@pytest.mark.parametrize("below", ["a", "b"])
def test_every_file_below_a_folder_comes_as_it_lies_there(
    folder: Rig, tmp_path: Path, below: str
) -> None:
    came = list(folder.place.fetch(Asked(below=below), tmp_path / "spool"))

    there = [content for name, content in sorted(OBJECTS.items()) if name.startswith(below)]
    assert sorted(path.read_bytes() for path in came) == sorted(there)
    assert sorted((tmp_path / "spool").iterdir()) == sorted(came)


@folders
def test_files_of_the_spool_have_names_of_ours_and_are_private(folder: Rig, tmp_path: Path) -> None:
    spool = tmp_path / "spool"

    for path in folder.place.fetch(Asked(below="a"), spool):
        assert path.stem.isdigit()
        assert path.stat().st_mode & 0o077 == 0
    assert spool.stat().st_mode & 0o077 == 0


@unread
def test_the_files_are_counted_before_they_are_fetched(folder: Rig) -> None:
    (found,) = folder.place.find(Asked(below="a"))

    assert found.instances == 4


@unread
def test_the_order_of_the_spool_is_that_of_the_names(folder: Rig, tmp_path: Path) -> None:
    came = sorted(folder.place.fetch(Asked(below="."), tmp_path / "spool"))

    there = [content for _, content in sorted(OBJECTS.items())]
    assert [path.read_bytes() for path in came] == there


@unread
def test_two_fetches_into_one_spool_do_not_meet(folder: Rig, tmp_path: Path) -> None:
    spool = tmp_path / "spool"

    came = [p for below in ("a", "b", "a") for p in folder.place.fetch(Asked(below=below), spool)]

    assert len(set(came)) == 9
    assert sorted(spool.iterdir()) == sorted(came)


@unread
def test_a_place_without_studies_says_so(folder: Rig) -> None:
    with pytest.raises(PlaceRefuses, match="knows no studies"):
        folder.place.find(Asked(accession_number="A1"))


@unread
@pytest.mark.parametrize("below", ["..", "a/../..", "a/../b"])
def test_no_path_leaves_the_place(folder: Rig, tmp_path: Path, below: str) -> None:
    with pytest.raises(PlaceRefuses, match=r"\.\. is not accepted"):
        list(folder.place.fetch(Asked(below=below), tmp_path / "spool"))


@unread
def test_a_final_name_is_never_taken_from_another_file(folder: Rig, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "0").write_bytes(b"new")
    (tmp_path / "a" / "1").write_bytes(b"other")
    before = folder.held()

    delivery = folder.place.deliver(tmp_path, ["a/0", "a/1"])

    assert next(delivery)[0] == "a/0"
    with pytest.raises(PlaceRefuses, match="not replaced"):
        list(delivery)
    assert sorted(folder.held()) == sorted([*before, b"new"])


@unread
def test_what_is_not_there_is_an_error(folder: Rig, tmp_path: Path) -> None:
    with pytest.raises(PlaceRefuses) as raised:
        list(folder.place.fetch(Asked(below="c"), tmp_path / "spool"))

    assert isinstance(raised.value, NothingFound) or "no such folder" in str(raised.value)
