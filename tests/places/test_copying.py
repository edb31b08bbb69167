"""Segments come out as their bytes, by every way of copying."""

import errno
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from dicomveil.dicom.splice import Masked, Segment, Span, joined
from dicomveil.errors import Changed
from dicomveil.places.copying import (
    COPIES,
    LARGE,
    Copy,
    by_copy_file_range,
    by_read_and_write,
    by_sendfile,
    copy_stretch,
    write_segments,
)
from dicomveil.places.original import WHOLE, FileOriginal

SIZE = WHOLE * 5
CONTENT = os.urandom(SIZE)


@pytest.fixture
def original(tmp_path: Path) -> Iterator[FileOriginal]:
    path = tmp_path / "original"
    path.write_bytes(CONTENT)
    with FileOriginal(os.fsencode(path)) as opened:
        yield opened


@pytest.fixture
def target(tmp_path: Path) -> Iterator[int]:
    fd = os.open(tmp_path / "target", os.O_RDWR | os.O_CREAT)
    yield fd
    os.close(fd)


def written(target: int) -> bytes:
    """What the target holds."""
    return os.pread(target, SIZE * 10, 0)


SEGMENTS: dict[str, list[Segment]] = {
    "nothing": [],
    "new bytes": [b"new"],
    "all of it": [Span(0, SIZE)],
    "a little of the head": [Span(5, 9), b"new", Span(3, 4)],
    "a little of the rest": [Span(SIZE - 9, SIZE - 1)],
    "across the head": [b"new", Span(100, SIZE), b"end"],
    "a large stretch between small ones": [Span(0, 9), Span(9, 9 + LARGE), Span(9 + LARGE, SIZE)],
    "much that is new": [b"x" * 700_000, b"y" * 700_000, Span(0, 1)],
    "bits of the head": [Span(0, 10), Masked(Span(10, 20), b"\x0f\xff"), Span(20, 30)],
    "bits of the rest": [b"new", Masked(Span(8, SIZE - SIZE % 4 - 8), b"\xff\x7f\xff\xfe")],
    "nothing of the original": [Span(7, 7)],
}


@pytest.mark.parametrize("segments", SEGMENTS.values(), ids=SEGMENTS)
def test_the_target_is_the_segments_in_order(
    original: FileOriginal, target: int, segments: Sequence[Segment]
) -> None:
    count = write_segments(original, segments, target)

    assert written(target) == joined(CONTENT, segments)
    assert count == len(joined(CONTENT, segments))


def failing(code: int) -> Copy:
    """A way that this machine does not know."""

    def copy(_source: int, _target: int, _at: int, _count: int) -> int:
        raise OSError(code, "not here")

    return copy


def nothing(_source: int, _target: int, _at: int, _count: int) -> int:
    """A way that copies nothing and does not say why, as some kernels do."""
    return 0


def short(source: int, target: int, at: int, count: int) -> int:
    """A way that copies less than it was asked to."""
    return by_read_and_write(source, target, at, min(count, 1000))


WAYS: dict[str, list[Copy]] = {
    "copy_file_range": [by_copy_file_range],
    "sendfile": [by_sendfile],
    "read and write": [by_read_and_write],
    "in small steps": [short],
    "another file system": [failing(errno.EXDEV), by_sendfile],
    "an old kernel": [failing(errno.ENOSYS), failing(errno.EINVAL), by_read_and_write],
    "a kernel that says nothing": [nothing, by_read_and_write],
}


@pytest.mark.parametrize("copies", WAYS.values(), ids=WAYS)
def test_every_way_copies_the_same(original: FileOriginal, target: int, copies: list[Copy]) -> None:
    span = Span(1000, SIZE - 1000)

    count = copy_stretch(original.fd, target, span, copies)

    assert written(target) == CONTENT[1000:-1000]
    assert count == SIZE - 2000


def test_the_ways_end_with_one_that_works_everywhere() -> None:
    assert COPIES[-1] is by_read_and_write


def test_a_full_disk_is_not_tried_in_another_way(original: FileOriginal, target: int) -> None:
    with pytest.raises(OSError, match="not here"):
        copy_stretch(original.fd, target, Span(0, SIZE), [failing(errno.ENOSPC), *COPIES])


def test_a_file_that_shrinks_is_noticed(
    original: FileOriginal, target: int, tmp_path: Path
) -> None:
    os.truncate(tmp_path / "original", SIZE // 2)

    with pytest.raises(Changed):
        write_segments(original, [Span(0, SIZE)], target)


def test_a_file_that_was_written_to_meanwhile_is_noticed(
    original: FileOriginal, target: int, tmp_path: Path
) -> None:
    with open(tmp_path / "original", "r+b") as file:
        file.write(b"other")
    os.utime(tmp_path / "original", ns=(1, 1))

    with pytest.raises(Changed):
        write_segments(original, [Span(0, SIZE)], target)
