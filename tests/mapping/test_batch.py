"""Batches, job ids, and files that are replaced whole."""

import os
from pathlib import Path

import pytest

from dicomveil.errors import MappingError, Unreadable
from dicomveil.mapping.batch import Batch, load_batch
from dicomveil.mapping.files import replace
from dicomveil.mapping.job_ids import parse_ids


def test_ids_are_kept_sorted_as_numbers_and_written_as_anonapi_reads_them(tmp_path: Path) -> None:
    batch = Batch("p01", "https://server/p01").with_ids([10, 9, 100, 9])

    batch.save(tmp_path / ".anonbatch")

    assert load_batch(tmp_path / ".anonbatch").ids == (9, 10, 100)
    assert (tmp_path / ".anonbatch").read_text(encoding="utf-8") == (
        "job_ids:\n- '9'\n- '10'\n- '100'\nserver:\n  name: p01\n  url: https://server/p01\n"
    )
    assert batch.without_ids([10, 77]).ids == (9, 100)


def test_the_minus_one_that_a_dry_run_of_anonapi_leaves_is_no_job(tmp_path: Path) -> None:
    path = tmp_path / ".anonbatch"
    path.write_text("job_ids: ['-1', '5']\nserver: {name: a, url: b}\n", encoding="utf-8")

    assert load_batch(path).ids == (5,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "job_ids: []",
        "server: x\njob_ids: []",
        "server: {name: a}\njob_ids: []",
        "server: {name: a, url: b}\njob_ids: ['x']",
        "server: {name: a, url: b}\njob_ids: 5",
        "server: &a {name: a, url: b}\njob_ids: [*a]",
        "server: {name: a, url: b\njob_ids",
        "- 1",
        "a: !!python/object/apply:os.getcwd []",
        "[" * 5000,
    ],
)
def test_what_is_no_batch_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / ".anonbatch"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(MappingError, match=r"\.anonbatch"):
        load_batch(path)


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (["1", "2", "5-9"], (1, 2, 5, 6, 7, 8, 9)),
        (["1,2,5-9"], (1, 2, 5, 6, 7, 8, 9)),
        (["1,", "2"], (1, 2)),
        (["1, 2"], (1, 2)),
        (["10", "9", "9"], (9, 10)),
        (["3-3"], (3,)),
        ([], ()),
    ],
)
def test_job_ids_are_read_in_both_ways_of_writing(words: list[str], ids: tuple[int, ...]) -> None:
    assert parse_ids(words) == ids


@pytest.mark.parametrize("word", ["5-3", "1-x", "x", "-1", "1-", "1.5", "", "1-999999999", "٣"])
def test_what_is_no_job_id_is_refused(word: str) -> None:
    with pytest.raises(MappingError):
        parse_ids([word])


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "file"
    replace(path, b"old")

    with pytest.raises(Unreadable, match="cannot be written"):
        replace(tmp_path / "absent" / "file", b"new")
    replace(path, b"new", 0o600)

    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_nothing_is_left_where_nothing_may_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)

    with pytest.raises(Unreadable, match="check the rights"):
        replace(tmp_path / "file", b"new")

    assert list(tmp_path.iterdir()) == []
