"""What a PACS may do wrong, and what becomes of it: nothing of it is ever taken for the study."""

from pathlib import Path
from threading import Thread

import pytest

from dicomveil.errors import (
    CannotStart,
    DicomveilError,
    Failed,
    NothingFound,
    PlaceBusy,
    PlaceRefuses,
    Short,
)
from dicomveil.places.dimse import Pacs
from dicomveil.places.dimse_peer import Patience, Peer, Retrieval
from dicomveil.places.place import Asked
from tests.builders import El, encode, part10
from tests.contracts.dimse import pacs as moved
from tests.contracts.rig import an_object
from tests.servers.fake_pacs import Fake
from tests.servers.orthanc import Orthanc
from tests.servers.sender import associate

pytestmark = pytest.mark.usefixtures("inside")

STUDY = [an_object(number) for number in range(1, 6)]
ASKED = Asked(accession_number="A1")


def pacs(fake: Fake, called: str = "FAKE", answer: float = 10.0, **options: int) -> Pacs:
    """The liar as a place."""
    patience = Patience(connect=5, associate=10, answer=answer, settle=1)
    return Pacs(
        Peer(
            name="pacs",
            host="127.0.0.1",
            port=fake.port,
            called=called,
            patience=patience,
            **options,  # type: ignore[arg-type]  # whole numbers, as tests give them
        )
    )


def an_odd_object(sop: str = "1.2.3.1.1.1", patient: str = "P1", study: str = "1.2.3.1") -> bytes:
    """An object that says this of itself."""
    return part10(
        [
            El(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2"),
            El(0x00080018, "UI", sop),
            El(0x00080050, "SH", "A1"),
            El(0x00080060, "CS", "CT"),
            El(0x00100020, "LO", patient),
            El(0x0020000D, "UI", study),
            El(0x0020000E, "UI", "1.2.3.1.1"),
        ]
    )


def came(fake: Fake, spool: Path, **options: float) -> DicomveilError:
    """What the fetch of the study from the liar ends with."""
    with fake.serving(), pytest.raises(DicomveilError) as error:
        list(pacs(fake, **options).fetch(ASKED, spool))  # type: ignore[arg-type]  # tests name them
    return error.value


def test_a_fake_that_does_not_lie_is_fetched_from(tmp_path: Path) -> None:
    with Fake(STUDY).serving() as fake:
        came = list(pacs(fake).fetch(ASKED, tmp_path))

    assert len(came) == 5


@pytest.mark.parametrize(
    ("sends", "count"),
    [(STUDY[:4], "4 of 5"), ([*STUDY, an_object(6)], "6 of 5"), ([], "0 of 5")],
    ids=["fewer", "more", "none"],
)
def test_other_numbers_than_it_said_are_short(
    tmp_path: Path, sends: list[bytes], count: str
) -> None:
    error = came(Fake(STUDY, sends=sends), tmp_path)

    assert isinstance(error, Short)
    assert count in str(error)


def test_an_object_that_comes_twice_is_one(tmp_path: Path) -> None:
    with Fake(STUDY, sends=[*STUDY, STUDY[0]]).serving() as fake:
        came = list(pacs(fake).fetch(ASKED, tmp_path))

    assert len(came) == len(list(tmp_path.iterdir())) == 5


@pytest.mark.parametrize(
    "odd",
    [
        an_odd_object(patient="P2"),
        an_odd_object(study="1.2.3.9"),
        an_odd_object(sop="1.2.3.1.1.2"),
    ],
    ids=["another patient", "another study", "another object of a UID"],
)
def test_an_object_that_was_not_asked_for_ends_the_fetch(tmp_path: Path, odd: bytes) -> None:
    error = came(Fake(STUDY, sends=[*STUDY[:4], odd]), tmp_path)

    assert isinstance(error, PlaceRefuses)
    assert "P2" not in str(error)


@pytest.mark.parametrize(
    "sop", ["../../../tmp/x", "1.2\0.3", "1" * 65, "/etc/passwd", "NUL", "1.2.3 1"]
)
@pytest.mark.usefixtures("any_uid")
def test_a_hostile_uid_names_nothing(tmp_path: Path, sop: str) -> None:
    spool = tmp_path / "within" / "spool"

    error = came(Fake(STUDY, sends=[an_odd_object(sop=sop)]), spool)

    assert isinstance(error, PlaceRefuses)
    assert sop not in str(error)
    assert [p for p in tmp_path.rglob("*") if p.is_file() and not p.name.isdigit()] == []


def test_a_connection_cut_mid_study_may_be_tried_again(tmp_path: Path) -> None:
    error = came(Fake(STUDY, cut_after=2), tmp_path)

    assert isinstance(error, PlaceBusy)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_server_that_says_nothing_is_given_up(tmp_path: Path) -> None:
    error = came(Fake(STUDY, slow=6.0), tmp_path, answer=1.0)

    assert isinstance(error, PlaceBusy)


def test_a_slow_server_is_waited_for(tmp_path: Path) -> None:
    with Fake(STUDY, slow=0.5).serving() as fake:
        came = list(pacs(fake, answer=2.0).fetch(ASKED, tmp_path))

    assert len(came) == 5


def test_an_object_beyond_the_bound_ends_the_fetch(tmp_path: Path) -> None:
    huge = an_odd_object() + part10([El(0x00400031, "LO", "x" * 60_000)])[300:]

    error = came(Fake(STUDY, sends=[huge]), tmp_path, largest=10_000)

    assert isinstance(error, DicomveilError)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("status", "kind"),
    [(0xA702, PlaceBusy), (0xA900, PlaceRefuses), (0xC123, PlaceRefuses)],
    ids=["out of resources", "does not match", "cannot process"],
)
def test_a_refused_retrieval_is_what_its_status_says(
    tmp_path: Path, status: int, kind: type[DicomveilError]
) -> None:
    error = came(Fake(STUDY, refuses=status), tmp_path)

    assert type(error) is kind
    assert f"{status:04X}" in str(error)


def test_a_pacs_that_ignores_the_key_is_refused(tmp_path: Path) -> None:
    error = came(Fake(STUDY, answers=[an_object(1, study=3)]), tmp_path)

    assert isinstance(error, PlaceRefuses)
    assert not isinstance(error, NothingFound)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_ae_title_is_refused_and_said(tmp_path: Path) -> None:
    with Fake(STUDY).serving() as fake, pytest.raises(PlaceRefuses, match="AE title"):
        list(pacs(fake, called="OTHER").fetch(ASKED, tmp_path))


def test_steps_end_at_the_first_that_fails() -> None:
    with Fake(STUDY).serving() as fake:
        wrong = list(pacs(fake, called="OTHER").steps())
    gone = list(pacs(fake).steps())

    assert [(step.name, step.fine) for step in wrong] == [
        ("name", True),
        ("port", True),
        ("association and echo", False),
    ]
    assert [(step.name, step.fine) for step in gone] == [("name", True), ("port", False)]


def test_nothing_that_listens_may_be_there_later(tmp_path: Path) -> None:
    fake = Fake(STUDY)
    with fake.serving():
        pass

    with pytest.raises(PlaceBusy, match="nothing listens"):
        list(pacs(fake).fetch(ASKED, tmp_path))


def test_a_full_disk_is_the_machines_failure(small_disk: Path) -> None:
    pixels = encode([El(0x7FE00010, "OW", bytes(100_000))])
    large = [an_odd_object(sop=f"1.2.3.1.1.{number}") + pixels for number in range(5)]

    error = came(Fake(large), small_disk / "spool")

    assert isinstance(error, Failed)
    assert "space" in str(error)


def test_no_more_associations_are_open_than_allowed(tmp_path: Path) -> None:
    with Fake(STUDY, slow=0.2).serving() as fake:
        place = pacs(fake, associations=1)
        first = place.fetch(ASKED, tmp_path / "1")
        next(first)
        second: list[Path] = []
        waiting = Thread(target=lambda: second.extend(place.fetch(ASKED, tmp_path / "2")))
        waiting.start()
        waiting.join(0.3)
        began = (tmp_path / "2").exists()
        rest = list(first)
        waiting.join(30)

    assert not began
    assert len(rest) == 4
    assert len(second) == 5


def test_nobody_else_sends_to_the_port_of_a_move(orthanc: Orthanc, tmp_path: Path) -> None:
    """A sender that calls another title is rejected; what is not of the study ends the fetch."""
    orthanc.upload(STUDY)
    place = moved(orthanc, Retrieval.MOVE)
    came: list[Path] = []
    rejected: list[bool] = []
    for path in place.fetch(ASKED, tmp_path):
        came.append(path)
        if len(came) == 1:
            stranger = associate(11113)
            rejected.append(stranger.is_rejected)

    assert rejected == [True]
    assert len(came) == 5


def test_whoever_stops_reading_stops_the_fetch(tmp_path: Path) -> None:
    with Fake(STUDY, slow=0.3).serving() as fake:
        arriving = pacs(fake).fetch(ASKED, tmp_path)
        next(arriving)
        arriving.close()  # type: ignore[attr-defined]  # it is a generator

    assert len(list(tmp_path.iterdir())) < 5


@pytest.mark.parametrize(
    ("status", "kind"),
    [(0xA700, PlaceBusy), (0x0122, PlaceRefuses), (0xC000, PlaceRefuses)],
)
def test_an_object_that_is_not_taken_is_not_said_to_be_delivered(
    tmp_path: Path, status: int, kind: type[DicomveilError]
) -> None:
    (tmp_path / "1.dcm").write_bytes(STUDY[0])

    with Fake([], stores=status).serving() as fake, pytest.raises(kind):
        list(pacs(fake).deliver(tmp_path, ["1.dcm"]))


@pytest.mark.parametrize("title", ["", " ", "A" * 17, "A\\B", "Ä"])
def test_what_is_no_ae_title_is_refused_before_anything_is_connected(title: str) -> None:
    with pytest.raises(CannotStart, match="AE title"):
        Peer(name="pacs", host="127.0.0.1", port=104, called=title)
