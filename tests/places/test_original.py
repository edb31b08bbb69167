"""Originals are read without following, waiting for, or touching anything."""

import os
from pathlib import Path

import pytest

from dicomveil.errors import Changed
from dicomveil.places.original import HEAD, WHOLE, FileOriginal


def put(folder: Path, content: bytes) -> bytes:
    """A file of this content."""
    path = folder / "original"
    path.write_bytes(content)
    return os.fsencode(path)


@pytest.mark.parametrize("size", [0, 1, WHOLE])
def test_a_small_file_is_its_head(tmp_path: Path, size: int) -> None:
    content = os.urandom(size)

    with FileOriginal(put(tmp_path, content)) as original:
        assert original.head == content == bytes(original.view())
        assert original.size == size


def test_a_large_file_is_mapped(tmp_path: Path) -> None:
    content = os.urandom(WHOLE + 1)

    with FileOriginal(put(tmp_path, content)) as original:
        assert original.head == content[:HEAD]
        assert original.view() == content
        original.release()
        assert original.view() == content


def test_the_head_is_as_long_as_asked_for(tmp_path: Path) -> None:
    with FileOriginal(put(tmp_path, bytes(WHOLE * 2)), WHOLE) as original:
        assert len(original.head) == WHOLE


def test_a_view_outlives_its_file(tmp_path: Path) -> None:
    content = os.urandom(WHOLE + 1)
    with FileOriginal(put(tmp_path, content)) as original:
        view = original.view()

    assert view == content


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    put(tmp_path, b"content")
    (tmp_path / "link").symlink_to("original")

    with pytest.raises(OSError, match="symbolic links"):
        FileOriginal(os.fsencode(tmp_path / "link"))


def test_a_fifo_is_neither_waited_for_nor_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    with pytest.raises(Changed):
        FileOriginal(os.fsencode(tmp_path / "pipe"))


@pytest.mark.parametrize("change", ["longer", "later"])
def test_a_file_that_is_written_to_is_noticed(tmp_path: Path, change: str) -> None:
    path = put(tmp_path, b"content")

    with FileOriginal(path) as original:
        original.check_unchanged()
        if change == "longer":
            with open(path, "ab") as file:
                file.write(b"more")
        else:
            os.utime(path, ns=(1, 1))

        with pytest.raises(Changed):
            original.check_unchanged()


def test_a_refused_file_is_closed(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    before = len(os.listdir("/proc/self/fd"))

    for _ in range(3):
        with pytest.raises(Changed):
            FileOriginal(os.fsencode(tmp_path / "pipe"))

    assert len(os.listdir("/proc/self/fd")) == before
