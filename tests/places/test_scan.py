"""A tree is scanned in one order, without leaving it or going in circles."""

import os
import socket
from pathlib import Path

import pytest

from dicomveil.places.scan import Links, Scan


def tree(root: Path, *names: bytes) -> bytes:
    """A tree with these files."""
    top = os.fsencode(root)
    for name in names:
        os.makedirs(os.path.dirname(top + b"/" + name), exist_ok=True)
        with open(top + b"/" + name, "wb") as file:
            file.write(name)
    return top


def relative(scan: Scan) -> list[bytes]:
    """The files' paths below SRC; an unreadable folder's ends with a slash."""
    return [found.within + (found.alias or found.name) for found in scan]


def test_files_come_in_the_order_of_their_names_bytes(tmp_path: Path) -> None:
    names = [b"B", b"a/2", b"a/b/1", b"a/c", b"a.txt", b"b", b"\xc3\xa9", b"\xff"]
    top = tree(tmp_path, *reversed(names))

    assert relative(Scan([top], Links.IGNORE)) == names


def test_a_scan_is_the_same_each_time(tmp_path: Path) -> None:
    top = tree(tmp_path, b"a/1", b"b/2", b"c")
    (tmp_path / "link").symlink_to("c")
    scan = Scan([top], Links.FOLLOW)

    assert list(scan) == list(scan)
    assert scan.passed.links == 0


def test_a_file_says_its_size_and_time(tmp_path: Path) -> None:
    top = tree(tmp_path, b"file")

    (found,) = Scan([top], Links.IGNORE)

    there = (tmp_path / "file").stat()
    assert (found.size, found.mtime_ns) == (there.st_size, there.st_mtime_ns)
    assert found.path == top + b"/file"


def test_sources_lend_their_names_when_there_are_several(tmp_path: Path) -> None:
    top = tree(tmp_path, b"a/1", b"b/1", b"c")

    scan = Scan([top + b"/b", top + b"/a", top + b"/c"], Links.IGNORE)

    assert relative(scan) == [b"b/1", b"a/1", b"c"]


def test_what_is_no_file_is_counted_and_not_given(tmp_path: Path) -> None:
    top = tree(tmp_path, b"file")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("file")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        scan = Scan([top], Links.IGNORE)

        assert relative(scan) == [b"file"]

    assert (scan.passed.links, scan.passed.special) == (1, 2)


LINKS = {
    "to a file": ("x", "a/1", [b"a/1", b"b/1", b"x"]),
    "to nowhere": ("x", "nowhere", [b"a/1", b"b/1"]),
    "to itself": ("x", "x", [b"a/1", b"b/1"]),
    "to the top": ("a/x", "..", [b"a/1", b"b/1"]),
    "to the folder it is in": ("a/x", ".", [b"a/1", b"b/1"]),
    "out of SRC": ("x", "/etc", [b"a/1", b"b/1"]),
    "to a file out of SRC": ("x", "/etc/passwd", [b"a/1", b"b/1"]),
    "to a folder that comes later": ("a/x", "../b", [b"a/1", b"a/x/1"]),
    "to a folder that came before": ("c", "a", [b"a/1", b"b/1"]),
}


@pytest.mark.parametrize(("name", "leads", "expected"), LINKS.values(), ids=LINKS)
def test_links_are_followed_inside_and_each_folder_is_walked_once(
    tmp_path: Path, name: str, leads: str, expected: list[bytes]
) -> None:
    top = tree(tmp_path, b"a/1", b"b/1")
    (tmp_path / name).symlink_to(leads)

    assert relative(Scan([top], Links.FOLLOW)) == expected


def test_a_link_out_by_a_name_that_begins_alike_is_not_followed(tmp_path: Path) -> None:
    tree(tmp_path, b"src/1", b"src-other/2")
    (tmp_path / "src" / "x").symlink_to("../src-other/2")

    assert relative(Scan([os.fsencode(tmp_path / "src")], Links.FOLLOW)) == [b"1"]


def test_a_folder_that_cannot_be_read_is_given_as_itself(tmp_path: Path) -> None:
    """Root reads every folder, so one is taken away while the scan goes on."""
    top = tree(tmp_path, b"a/1", b"b/1", b"c/1")
    scan = iter(Scan([top], Links.IGNORE))
    next(scan)
    (tmp_path / "b" / "1").unlink()
    (tmp_path / "b").rmdir()

    rest = [(found.path, found.name) for found in scan]

    assert rest == [(top + b"/b", b""), (top + b"/c/1", b"1")]


def test_a_deep_tree_is_no_problem(tmp_path: Path) -> None:
    deep = b"/".join([b"d"] * 500) + b"/file"
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(500):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("file", os.O_CREAT, dir_fd=here))
    os.close(here)

    assert relative(Scan([os.fsencode(tmp_path)], Links.IGNORE)) == [deep]
