"""What was received is kept by every start that follows, and what was not acknowledged by none."""

import os
from pathlib import Path

import pytest

from dicomveil.errors import CannotStart
from dicomveil.jobs.reception import Kept, Reception, Study, alone

PROJECT, STUDY = "RESEARCH", "1.2.3"
QUIET = {PROJECT: 0.0}


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "spool"


def kept(reception: Reception, *instances: str, content: bytes = b"object") -> list[Kept]:
    """Put objects of these UIDs."""
    return [reception.keep(PROJECT, STUDY, one, (one.encode(), content)) for one in instances]


def closed(reception: Reception) -> list[Study]:
    """What is closed, once everything is quiet."""
    reception.close_quiet(QUIET)
    return list(reception.closed())


def contents(study: Study) -> list[bytes]:
    """The objects of a study."""
    return sorted(path.read_bytes() for path in study.source.iterdir())


def test_what_is_kept_is_there_after_a_kill(spool: Path) -> None:
    kept(Reception(spool), "1.1", "1.2")  # nothing is ended in order

    (study,) = closed(Reception(spool))

    assert (study.project, study.uid) == (PROJECT, STUDY)
    assert contents(study) == [b"1.1object", b"1.2object"]


def test_what_has_no_line_in_the_journal_is_swept(spool: Path) -> None:
    kept(Reception(spool), "1.1")
    (spool / "open/00000001/objects/00000002").write_bytes(b"half of an obj")

    (study,) = closed(Reception(spool))

    assert contents(study) == [b"1.1object"]


@pytest.mark.parametrize("cut", range(1, 30))
def test_a_torn_line_takes_its_object_and_no_other(spool: Path, cut: int) -> None:
    kept(Reception(spool), "1.1", "1.2")
    journal = spool / "open/00000001/journal"
    os.truncate(journal, journal.stat().st_size - cut)

    after = Reception(spool)
    again = kept(after, "1.2", "1.3")

    (study,) = closed(after)
    assert again == [Kept.NEW, Kept.NEW]
    assert contents(study) == [b"1.1object", b"1.2object", b"1.3object"]


def test_a_study_without_an_acknowledged_object_is_none(spool: Path) -> None:
    (spool / "open/00000007/objects").mkdir(parents=True)

    assert closed(Reception(spool)) == []
    assert kept(Reception(spool), "1.1") == [Kept.NEW]


def test_the_very_object_is_kept_once(spool: Path) -> None:
    reception = Reception(spool)

    assert kept(reception, "1.1", "1.1") == [Kept.NEW, Kept.AGAIN]
    assert kept(Reception(spool), "1.1") == [Kept.AGAIN]


def test_another_object_of_the_uid_is_kept_beside_it(spool: Path) -> None:
    reception = Reception(spool)
    kept(reception, "1.1")

    assert kept(reception, "1.1", content=b"other") == [Kept.NEW]
    assert len(contents(closed(reception)[0])) == 2


def test_a_study_is_closed_only_when_it_is_quiet(spool: Path) -> None:
    reception = Reception(spool)
    kept(reception, "1.1")

    reception.close_quiet({PROJECT: 60.0})

    assert list(reception.closed()) == []
    assert len(closed(reception)) == 1


def test_what_comes_later_opens_the_study_again(spool: Path) -> None:
    reception = Reception(spool)
    kept(reception, "1.1")
    (first,) = closed(reception)
    kept(reception, "1.2")

    both = closed(reception)

    assert [study.uid for study in both] == [STUDY, STUDY]
    assert contents(first) == [b"1.1object"]
    assert contents(both[1]) == [b"1.2object"]


def test_a_number_is_never_given_again(spool: Path) -> None:
    reception = Reception(spool)
    kept(reception, "1.1")
    (first,) = closed(reception)
    reception.run(first).mkdir()
    reception.finish(first)

    after = Reception(spool)
    kept(after, "1.2")

    assert closed(after)[0].number == first.number + 1


def test_names_in_the_spool_are_numbers(spool: Path) -> None:
    reception = Reception(spool)
    reception.keep("../../etc", "1.2.3", "1.4", (b"x",))

    names = {path.name for path in spool.rglob("*")}

    assert names == {
        *("open", "closed", "held", "runs"),
        *("00000001", "journal", "objects"),
    }
    assert spool.stat().st_mode & 0o077 == 0


def test_one_spool_has_one_receiver(spool: Path) -> None:
    with alone(spool), pytest.raises(CannotStart, match="another receiver"), alone(spool):
        pass


def test_a_study_does_not_show_whose_it_is(spool: Path) -> None:
    reception = Reception(spool)
    kept(reception, "1.1")

    assert STUDY not in repr(closed(reception)[0]).replace(str(spool), "")
