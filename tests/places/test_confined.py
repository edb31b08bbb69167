"""Beneath a root is beneath it, whatever lies on the way."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from dicomveil.places.confined import Root, stepwise


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A root with a file, and every way out of it."""
    root = tmp_path / "root"
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "b" / "file").write_text("inside")
    (tmp_path / "file").write_text("outside")
    (root / "link").symlink_to(tmp_path / "file")
    (root / "away").symlink_to(tmp_path)
    (root / "near").symlink_to("a")
    (root / "a" / "up").symlink_to("..")
    return root


@pytest.fixture
def root(place: Path) -> Iterator[Root]:
    opened = Root(os.fsencode(place))
    yield opened
    opened.close()


OUT = [
    "../file",
    "link",
    "away/file",
    "near/b/file",
    "a/up/a/b/file",
    "a/../../file",
    "/etc/passwd",
]


def content(fd: int) -> bytes:
    with open(fd, "rb") as file:
        return file.read()


def test_a_file_beneath_is_opened(root: Root) -> None:
    assert content(root.open(b"a/b/file")) == b"inside"


def test_a_file_beneath_is_opened_step_by_step_too(root: Root) -> None:
    assert content(stepwise(root.fd, b"a/b/file", os.O_RDONLY)) == b"inside"


@pytest.mark.parametrize("path", OUT)
def test_no_way_out_is_taken(root: Root, path: str) -> None:
    with pytest.raises(OSError, match=r"."):
        root.open(path.encode())


@pytest.mark.parametrize("path", OUT)
def test_no_way_out_is_taken_step_by_step(root: Root, path: str) -> None:
    with pytest.raises(OSError, match=r"."):
        stepwise(root.fd, path.encode(), os.O_RDONLY)


@pytest.mark.parametrize("path", ["file", "root/link", "root/away/file", "rootless/file"])
def test_an_opener_takes_whole_paths_beneath_alone(root: Root, place: Path, path: str) -> None:
    with pytest.raises(OSError, match=r"."):
        root.opener()(os.fsencode(place.parent / path))


def test_a_folder_is_made_on_the_way(root: Root, place: Path) -> None:
    os.close(root.folder(b"a/new/deep"))

    assert (place / "a" / "new" / "deep").is_dir()


@pytest.mark.parametrize("path", ["away/new", "near/new", "../new"])
def test_no_folder_is_made_outside(root: Root, place: Path, path: str) -> None:
    with pytest.raises(OSError, match=r"."):
        root.folder(path.encode())

    assert not (place.parent / "new").exists()
    assert not (place / "a" / "new").exists()
