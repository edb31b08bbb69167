"""A journal says after any kill which of its lines are proven."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomveil.jobs import journal
from dicomveil.jobs.journal import FileJournal
from dicomveil.jobs.outcome import Status
from dicomveil.jobs.record import END, Record, parsed, quoted, quoted_text, unquoted


def record(number: int, status: Status = Status.DELIVERED) -> Record:
    """What a journal may say of a file."""
    path = quoted(b"/src/\xff\n%d" % number)
    output = quoted(b"out/%d" % number) if status is Status.DELIVERED else ""
    return Record(number, 12, 34, status, "", path, "", "", output, '"size":1', "")


@pytest.fixture
def folder(tmp_path: Path) -> bytes:
    return os.fsencode(tmp_path)


def test_an_ended_journal_is_proven(folder: bytes) -> None:
    written = FileJournal(folder, 5)
    written.write(record(5))
    written.write(record(6))
    written.end()

    kept = journal.read(folder, 5)

    assert kept.held == kept.records == [record(5), record(6)]
    assert kept.ended


LINES = [record(5).line(), record(6).line(), record(6, Status.DUPLICATE).line(), record(7).line()]
CUTS = {
    "nothing": (0, b"", [], True),
    "one line": (1, b"", [5], False),
    "two lines": (2, b"", [5, 6], False),
    "a corrected line": (3, b"", [5, 6], True),
    "the end of the worker": (4, END, [5, 6, 7], True),
    "a torn line": (2, LINES[2][:9], [5, 6], True),
    "a torn first line": (0, LINES[0][:9], [], True),
    "a torn end": (4, END[:2], [5, 6, 7], True),
}


@pytest.mark.parametrize(("count", "torn", "numbers", "proven"), CUTS.values(), ids=CUTS)
def test_only_a_last_whole_line_without_a_successor_is_unproven(
    folder: bytes, count: int, torn: bytes, numbers: list[int], *, proven: bool
) -> None:
    Path(os.fsdecode(journal.path_of(folder, 5))).write_bytes(b"".join(LINES[:count]) + torn)

    kept = journal.read(folder, 5)

    assert [r.number for r in kept.records] == numbers
    assert kept.proven is proven
    assert kept.held == (kept.records if proven else kept.records[:-1])


def test_a_correction_holds(folder: bytes) -> None:
    written = FileJournal(folder, 5)
    written.write(record(5))
    written.correct(record(5, Status.DUPLICATE))
    written.end()

    assert written.records == journal.read(folder, 5).records == [record(5, Status.DUPLICATE)]


def test_what_is_retracted_was_never_said(folder: bytes) -> None:
    written = FileJournal(folder, 5)
    written.write(record(5))
    written.write(record(6))
    written.retract()
    written.write(record(6, Status.FAILED))
    written.end()

    assert journal.read(folder, 5).records == [record(5), record(6, Status.FAILED)]


def test_a_settled_journal_has_only_what_held(folder: bytes) -> None:
    Path(os.fsdecode(journal.path_of(folder, 5))).write_bytes(b"".join(LINES[:2]))

    journal.settle(folder, 5, journal.read(folder, 5).held)

    kept = journal.read(folder, 5)
    assert kept.records == [record(5)]
    assert kept.ended
    assert journal.firsts(folder) == [5]


def test_a_journal_in_which_nothing_held_is_removed(folder: bytes) -> None:
    Path(os.fsdecode(journal.path_of(folder, 5))).write_bytes(LINES[0])

    journal.settle(folder, 5, [])

    assert os.listdir(folder) == []


def test_journals_are_for_their_owner_alone(folder: bytes) -> None:
    FileJournal(folder, 5).end()

    assert os.stat(journal.path_of(folder, 5)).st_mode & 0o777 == 0o600


paths = st.binary(max_size=40).filter(lambda name: b"\0" not in name)


@given(paths, st.text(max_size=20))
def test_any_path_and_text_come_back_from_a_line(path: bytes, text: str) -> None:
    quotes = (quoted(path), quoted_text(text))
    said = Record(1, 2, -3, Status.FAILED, "code", quotes[0], "", quotes[1], quotes[0], "", "[]")

    line = said.line()

    assert line.count(b"\n") == 1
    assert line.isascii()
    assert parsed(line) == said
    assert unquoted(parsed(line).source) == path
