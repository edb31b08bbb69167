"""Objects that came are held to what was asked for, and counted."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from dicomveil.errors import PlaceRefuses, Short, Truncated
from dicomveil.places.labels import UNREADABLE, label_of
from dicomveil.places.place import Asked, SeriesFound, StudyFound
from dicomveil.places.tally import Received, Tally
from tests.builders import (
    BIG_ENDIAN,
    CT,
    DEFLATED,
    EXPLICIT,
    IMPLICIT,
    El,
    Item,
    part10,
    with_elements,
    without,
)

OBJECT = [
    El(0x00080005, "CS", "ISO_IR 100"),
    El(0x00080016, "UI", CT),
    El(0x00080018, "UI", "1.2.3.1.1"),
    El(0x00080050, "SH", "A1"),
    El(0x00080060, "CS", "CT"),
    El(0x0008103E, "LO", "Thorax 1.0"),
    El(0x00081140, "SQ", [Item((El(0x00081155, "UI", "1.2.9"),))]),
    El(0x00100010, "PN", "Doe^Jane"),
    El(0x00100020, "LO", "M\xfcller".encode("latin-1")),
    El(0x0020000D, "UI", "1.2.3"),
    El(0x0020000E, "UI", "1.2.3.1"),
    El(0x7FE00010, "OW", bytes(64)),
]
STUDY = StudyFound("1.2.3", "A1", "Müller", "", "", "", (SeriesFound("1.2.3.1", "CT", "", 2),))
ASKED = Asked(accession_number="A1")


def file(folder: Path, name: str, elements: Sequence[El] = OBJECT, syntax: str = EXPLICIT) -> Path:
    """A file of the spool."""
    path = folder / name
    path.write_bytes(part10(elements, syntax))
    return path


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG_ENDIAN, DEFLATED])
def test_a_label_says_what_the_object_says(tmp_path: Path, syntax: str) -> None:
    label = label_of(file(tmp_path, "1", syntax=syntax))

    uids = (CT, "1.2.3.1.1", "1.2.3", "1.2.3.1")
    assert label == (*uids, "A1", "Müller", "CT", "Thorax 1.0", "Doe^Jane", "", "", syntax)
    assert "1.2.3" not in repr(label)


def test_a_label_behind_much_else_is_found(tmp_path: Path) -> None:
    far = with_elements(OBJECT, El(0x00091001, "OB", bytes(1 << 17)))

    assert label_of(file(tmp_path, "1", far)).series == "1.2.3.1"


def test_a_text_that_cannot_be_read_equals_nothing(tmp_path: Path) -> None:
    without_set = without(OBJECT, 0x00080005)

    assert label_of(file(tmp_path, "1", without_set)).patient_id == UNREADABLE


def test_a_file_cut_in_its_label_has_none(tmp_path: Path) -> None:
    path = file(tmp_path, "1")
    path.write_bytes(path.read_bytes()[:330])

    with pytest.raises(Truncated):
        label_of(path)


def test_a_whole_study_closes(tmp_path: Path) -> None:
    tally = Tally("pacs", ASKED, [STUDY])
    second = with_elements(OBJECT, El(0x00080018, "UI", "1.2.3.1.2"))

    assert tally.note(file(tmp_path, "1")) is Received.NEW
    assert tally.note(file(tmp_path, "2")) is Received.AGAIN
    assert tally.note(file(tmp_path, "3", second)) is Received.NEW
    tally.close()


@pytest.mark.parametrize("came", [0, 1, 3])
def test_fewer_or_more_than_was_said_is_short(tmp_path: Path, came: int) -> None:
    tally = Tally("pacs", ASKED, [STUDY])
    for number in range(came):
        own = El(0x00080018, "UI", f"1.2.3.1.{number}")
        tally.note(file(tmp_path, str(number), with_elements(OBJECT, own)))

    with pytest.raises(Short, match=f"series 1 of 1: {came} of 2 objects came"):
        tally.close()


def test_a_place_that_does_not_say_how_many_is_believed() -> None:
    silent = STUDY._replace(series=(STUDY.series[0]._replace(instances=None),))

    Tally("pacs", ASKED, [silent]).close()


@pytest.mark.parametrize(
    "other",
    [
        El(0x0020000D, "UI", "1.2.4"),
        El(0x0020000E, "UI", "1.2.3.2"),
        El(0x00080050, "SH", "A2"),
        El(0x00100020, "LO", "Meier"),
        El(0x00100020, "LO", b"\xff\xfe"),
        El(0x00080018, "UI", "../../x"),
        El(0x00080018, "UI", "1." * 32 + "1"),
        El(0x00080018, "UI", ""),
    ],
    ids=["study", "series", "accession", "patient", "unreadable", "path", "long", "no uid"],
)
def test_an_object_that_was_not_asked_for_is_refused(tmp_path: Path, other: El) -> None:
    tally = Tally("pacs", ASKED, [STUDY])

    with pytest.raises(PlaceRefuses, match="it sent an object") as refused:
        tally.note(file(tmp_path, "1", with_elements(OBJECT, other)))

    assert "Meier" not in str(refused.value)


@pytest.mark.parametrize("tag", [0x00080050, 0x00100020], ids=["accession", "patient"])
def test_an_object_of_the_study_may_be_silent_of_order_and_patient(
    tmp_path: Path, tag: int
) -> None:
    tally = Tally("pacs", ASKED, [STUDY])

    assert tally.note(file(tmp_path, "1", without(OBJECT, tag))) is Received.NEW


def test_another_class_than_was_asked_for_is_unwanted_and_counted(tmp_path: Path) -> None:
    one = STUDY._replace(series=(STUDY.series[0]._replace(instances=1),))
    tally = Tally("pacs", ASKED._replace(sop_class="1.2.840.10008.5.1.4.1.1.4"), [one])

    assert tally.note(file(tmp_path, "1")) is Received.UNWANTED
    tally.close()


def test_two_different_objects_of_one_uid_are_refused(tmp_path: Path) -> None:
    tally = Tally("pacs", ASKED, [STUDY])
    tally.note(file(tmp_path, "1"))
    other = with_elements(OBJECT, El(0x7FE00010, "OW", b"\1" * 64))

    with pytest.raises(PlaceRefuses, match="two different objects"):
        tally.note(file(tmp_path, "2", other))


def test_what_is_no_dicom_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "1"
    path.write_bytes(b"<html>a login page</html>" * 40)

    with pytest.raises(PlaceRefuses, match="no DICOM"):
        Tally("pacs", ASKED, [STUDY]).note(path)
