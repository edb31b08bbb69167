"""Files are put into chunks by the work they will be, and no file is lost or doubled."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomveil.jobs.chunks import BYTES, FILES, Chunk, Group, chunks
from dicomveil.places.scan import Found


def found(path: bytes, *, size: int = 0, alias: bytes = b"") -> Found:
    """A file of SRC; a path that ends with a slash is a folder that cannot be read."""
    folder, _, name = path.rpartition(b"/")
    return Found(b"/" + folder, name, folder + b"/", alias, size, 0)


def numbered(files: int, size: int = 0) -> list[tuple[int, Found]]:
    """So many files of one folder."""
    return [(number, found(b"a/%d" % number, size=size)) for number in range(1, files + 1)]


def paths(chunk: Chunk) -> list[bytes]:
    """What is opened, in order."""
    return [group.folder + b"/" + name for group, name in chunk.files()]


def test_chunks_begin_small_and_grow_to_a_thousand_files() -> None:
    lengths = [chunk.length for chunk in chunks(numbered(6000), 2)]

    assert lengths[:4] == [16, 16, 32, 32]
    assert max(lengths) == FILES
    assert sum(lengths) == 6000


def test_chunks_hold_no_more_than_their_bytes() -> None:
    size = BYTES // 4

    lengths = [chunk.length for chunk in chunks(numbered(60, size), 1)]

    assert lengths[0] == 1
    assert lengths[-2] == 4
    assert sum(lengths) == 60


def test_a_gap_in_the_numbers_ends_a_chunk() -> None:
    files = [pair for pair in numbered(10) if pair[0] not in (4, 5)]

    made = [(chunk.first, chunk.length) for chunk in chunks(files, 1)]

    assert made == [(1, 3), (6, 5)]


def test_files_are_grouped_by_folder_and_links_stand_alone() -> None:
    files = [b"a/1", b"a/2", b"b/1", b"c/", b"a/3"]
    several = [*map(found, files), found(b"real/9", alias=b"9"), found(b"a/4")]

    (chunk,) = chunks(enumerate(several, 1), 1)

    assert [(group.within, group.names, group.alias) for group in chunk.groups] == [
        (b"a/", (b"1", b"2"), b""),
        (b"b/", (b"1",), b""),
        (b"c/", (), b""),
        (b"a/", (b"3",), b""),
        (b"real/", (b"9",), b"9"),
        (b"a/", (b"4",), b""),
    ]


names = st.sampled_from([b"a/1", b"a/2", b"b/1", b"c/", b"c/d/1"])


@given(st.lists(names, min_size=1, max_size=30), st.data())
def test_a_part_of_a_chunk_is_those_files(files: list[bytes], data: st.DataObject) -> None:
    several = [(number, found(name)) for number, name in enumerate(files, 5)]
    (chunk,) = chunks(several, 100) if len(files) <= 16 else [_whole(several)]
    first = data.draw(st.integers(chunk.first, chunk.next - 1))
    length = data.draw(st.integers(1, chunk.next - first))

    part = chunk.part(first, length)

    assert (part.first, part.length) == (first, length)
    assert paths(part) == paths(chunk)[first - 5 : first - 5 + length]


def _whole(several: list[tuple[int, Found]]) -> Chunk:
    """One chunk of all files, each in a group of its own."""
    groups = [Group(f.folder, f.within, (f.name,) if f.name else ()) for _, f in several]
    return Chunk(several[0][0], len(several), tuple(groups))


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_every_file_is_in_one_chunk(workers: int) -> None:
    made = list(chunks(numbered(2500), workers))

    assert [path for chunk in made for path in paths(chunk)] == [f.path for _, f in numbered(2500)]
    assert [chunk.first for chunk in made[1:]] == [chunk.next for chunk in made[:-1]]
