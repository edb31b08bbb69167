"""Archives as sources: what comes, what is passed by, and what is refused."""

import gzip
import io
import os
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest

from dicomveil.errors import NothingFound, PlaceRefuses
from dicomveil.places.archives import Archive, Bounds, is_archive
from dicomveil.places.place import Asked

FILES = {f"DOE/IM{number}": os.urandom(3000 + number) for number in range(5)}
WHOLE = Asked(below=".")
MODES = {
    "a.tar": "w",
    "a.tar.gz": "w:gz",
    "a.tgz": "w:gz",
    "a.tar.bz2": "w:bz2",
    "a.tar.xz": "w:xz",
}


def zipped(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    """A zip of these files."""
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def tarred(path: Path, files: dict[str, bytes], *more: tarfile.TarInfo) -> Path:
    """A tar of these files, compressed as its name says, and of other members."""
    with tarfile.open(path, MODES.get(path.name, "w")) as archive:  # type: ignore[call-overload]  # a table
        for member in more:
            archive.addfile(member)
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


def made(folder: Path, name: str, files: dict[str, bytes]) -> Path:
    """An archive of the kind that its name says."""
    return (zipped if name.endswith(".zip") else tarred)(folder / name, files)


def fetched(path: Path, spool: Path, bounds: Bounds = Bounds()) -> list[bytes]:  # noqa: B008 - a value
    """What comes of an archive."""
    return [one.read_bytes() for one in Archive("archive", path, bounds).fetch(WHOLE, spool)]


kinds = pytest.mark.parametrize("name", ["a.zip", *MODES])


@kinds
def test_every_file_of_an_archive_comes_in_its_order(tmp_path: Path, name: str) -> None:
    path = made(tmp_path, name, FILES)

    assert is_archive(str(path))
    assert fetched(path, tmp_path / "spool") == list(FILES.values())


@kinds
@pytest.mark.parametrize(
    "hostile", ["../../evil", "/etc/evil", "a\\..\\evil", "C:\\evil", "n" * 300]
)
def test_no_name_of_an_archive_becomes_a_path(tmp_path: Path, name: str, hostile: str) -> None:
    path = made(tmp_path, name, {hostile: b"evil"})
    spool = tmp_path / "deep" / "er" / "spool"

    assert fetched(path, spool) == [b"evil"]
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [path, spool / "00000001"]


def test_links_devices_and_folders_of_a_tar_are_passed_by(tmp_path: Path) -> None:
    others = []
    for kind in (
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
        tarfile.CHRTYPE,
        tarfile.FIFOTYPE,
        tarfile.DIRTYPE,
    ):
        member = tarfile.TarInfo(f"other-{kind!r}")
        member.type, member.linkname = kind, "/etc/passwd"
        others.append(member)
    path = tarred(tmp_path / "a.tar", FILES, *others)

    assert fetched(path, tmp_path / "spool") == list(FILES.values())


def test_a_link_in_a_zip_is_passed_by(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("file", b"file")

    assert fetched(tmp_path / "a.zip", tmp_path / "spool") == [b"file"]


@kinds
def test_an_archive_in_an_archive_is_not_opened(tmp_path: Path, name: str) -> None:
    inner = zipped(tmp_path / "inner.zip", FILES).read_bytes()
    path = made(tmp_path, name, {"inner.zip": inner})

    assert fetched(path, tmp_path / "spool") == [inner]


@pytest.mark.parametrize("name", ["a.zip", "a.tgz", "a.tar.bz2", "a.tar.xz"])
def test_a_bomb_is_refused_before_the_disk_is_full(tmp_path: Path, name: str) -> None:
    path = made(tmp_path, name, {f"zeros{number}": bytes(4 << 20) for number in range(3)})
    spool = tmp_path / "spool"

    with pytest.raises(PlaceRefuses, match="bomb"):
        fetched(path, spool, Bounds(ratio=1, least=6 << 20))

    assert sum(file.stat().st_size for file in spool.iterdir()) <= 6 << 20


@kinds
def test_an_entry_that_is_too_large_is_refused(tmp_path: Path, name: str) -> None:
    path = made(tmp_path, name, {"large": bytes(1 << 20)})

    with pytest.raises(PlaceRefuses, match="larger than the bound"):
        fetched(path, tmp_path / "spool", Bounds(entry_bytes=1000))


@kinds
def test_too_many_entries_are_refused(tmp_path: Path, name: str) -> None:
    path = made(tmp_path, name, {f"f{number}": b"" for number in range(20)})

    with pytest.raises(PlaceRefuses, match="more than 10 entries"):
        fetched(path, tmp_path / "spool", Bounds(entries=10))


def test_a_zip_that_lies_of_an_entrys_size_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"large": bytes(5 << 20)})
    data = path.read_bytes()
    path.write_bytes(data.replace((5 << 20).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    spool = tmp_path / "spool"

    with pytest.raises(PlaceRefuses):
        fetched(path, spool)

    assert list(spool.iterdir()) == []


def test_the_directory_of_a_zip_is_bounded_before_it_is_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {f"{number:04}" + "n" * 2000: b"" for number in range(9)})

    with pytest.raises(PlaceRefuses, match="more than 10 entries"):
        fetched(path, tmp_path / "spool", Bounds(entries=10))


def test_a_header_of_a_tar_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    """A name of 4 GB, of which gzip makes 4 MB; a small one shows the same."""
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 64 << 20
    packed = zlib.compressobj(wbits=31)
    data = packed.compress(header.tobuf()) + packed.compress(b"n" * (64 << 20)) + packed.flush()
    (tmp_path / "a.tar.gz").write_bytes(data)

    with pytest.raises(PlaceRefuses, match="headers"):
        fetched(tmp_path / "a.tar.gz", tmp_path / "spool")


@kinds
def test_an_archive_that_is_cut_is_refused_and_leaves_nothing_half(
    tmp_path: Path, name: str
) -> None:
    path = made(tmp_path, name, FILES)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    spool = tmp_path / "spool"

    with pytest.raises(PlaceRefuses, match="cut"):
        fetched(path, spool)

    left = [file.read_bytes() for file in spool.iterdir()] if spool.exists() else []
    assert set(left) <= set(FILES.values())


@kinds
def test_what_is_no_archive_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"DICM" * 1000)

    with pytest.raises(PlaceRefuses):
        fetched(tmp_path / name, tmp_path / "spool")


def test_an_entry_whose_sum_is_wrong_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a": b"x" * 1000}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"xxxx", b"yyyy", 1))

    with pytest.raises(PlaceRefuses, match="cut"):
        fetched(path, tmp_path / "spool")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_whose_steps_cannot_be_bounded_are_refused(tmp_path: Path, method: int) -> None:
    path = zipped(tmp_path / "a.zip", FILES, method)

    with pytest.raises(PlaceRefuses, match="not accepted"):
        fetched(path, tmp_path / "spool")


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a": b"a"})
    data = bytearray(path.read_bytes())
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(magic) + at] |= 1
    path.write_bytes(data)

    with pytest.raises(PlaceRefuses, match="encrypted"):
        fetched(path, tmp_path / "spool")


@kinds
def test_an_archive_without_files_is_nothing_found(tmp_path: Path, name: str) -> None:
    path = made(tmp_path, name, {})

    with pytest.raises(NothingFound):
        fetched(path, tmp_path / "spool")


@pytest.mark.parametrize("name", ["a.zip", "a.tar"])
def test_a_folder_that_is_named_as_an_archive_is_none(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()

    assert not is_archive(str(tmp_path / name))


def test_a_gzip_that_is_no_tar_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.tgz").write_bytes(gzip.compress(b"no tar at all" * 100))

    with pytest.raises(PlaceRefuses):
        fetched(tmp_path / "a.tgz", tmp_path / "spool")
