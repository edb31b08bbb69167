"""The gateway over a real association, with senders that behave as no sender should."""

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path

import pytest

from dicomveil.jobs.gateway import Bounds, Gateway, Project
from dicomveil.jobs.reception import Reception
from dicomveil.places.dimse_peer import Listening
from dicomveil.places.receiving import Listener
from tests.builders import El, encode
from tests.jobs.stand_in import order
from tests.servers.sender import CALLED, CALLER, associate, body, store

pytestmark = pytest.mark.usefixtures("inside")

PLENTY = 1 << 30
SUCCESS, NO_SPACE, OTHER_UID, NOT_DICOM = 0x0000, 0xA700, 0xA900, 0xC000


@contextmanager
def listening(
    spool: Path, network: str = "127.0.0.1", largest: int = PLENTY, watermark: int = 0
) -> Iterator[int]:
    """A gateway with one project; the port."""
    project = Project(
        title=CALLED,
        callers=frozenset({CALLER}),
        networks=(ip_network(network),),
        quiet=0.0,
        order=lambda *_: order(spool),
        destination=spool,
    )
    bounds = Bounds(watermark=watermark, largest=largest)
    gateway = Gateway(Reception(spool), {CALLED: project}, bounds, lambda _: None)
    with Listener(Listening("127.0.0.1", 0), gateway.terms) as listener:
        yield listener.port


def objects(spool: Path) -> list[bytes]:
    """What the spool has."""
    return sorted(path.read_bytes() for path in spool.glob("open/*/objects/*"))


def test_an_object_is_on_disk_when_its_sender_is_told_so(tmp_path: Path) -> None:
    with listening(tmp_path) as port:
        association = associate(port)
        status = store(association, body())
        there = objects(tmp_path)
        association.release()

    assert status == SUCCESS
    assert len(there) == 1
    assert there[0].endswith(body())  # the very bytes that came


@pytest.mark.parametrize(
    ("content", "sop", "status"),
    [
        (body(), "1.2.3.2", OTHER_UID),
        (body(study="../../x"), "1.2.3.1", OTHER_UID),
        (body(study=""), "1.2.3.1", OTHER_UID),
        (b"no data set at all", "1.2.3.1", NOT_DICOM),
        (body(sop="../x"), "../x", NOT_DICOM),
        (body(sop="1.2\0.3"), "1.2\0.3", NOT_DICOM),
        (body(sop="1" * 65), "1" * 65, NOT_DICOM),
    ],
    ids=["other UID", "path for a study", "no study", "no DICOM", "path", "NUL", "65 characters"],
)
@pytest.mark.usefixtures("any_uid")
def test_what_is_not_sound_is_refused_and_not_kept(
    tmp_path: Path, content: bytes, sop: str, status: int
) -> None:
    with listening(tmp_path) as port:
        association = associate(port)
        told = store(association, content, sop)
        association.release()

    assert told == status
    assert objects(tmp_path) == []


def test_an_abort_mid_study_loses_nothing_acknowledged(tmp_path: Path) -> None:
    with listening(tmp_path) as port:
        association = associate(port)
        for number in range(3):
            assert store(association, body(f"1.2.3.{number}"), f"1.2.3.{number}") == SUCCESS
        association.abort()

    assert len(objects(tmp_path)) == 3


def test_an_object_beyond_the_bound_is_broken_off(tmp_path: Path) -> None:
    huge = body() + encode([El(0x7FE00010, "OW", bytes(1 << 20))])

    with listening(tmp_path, largest=1 << 16) as port:
        told = store(associate(port), huge)

    assert told == -1
    assert objects(tmp_path) == []


def test_an_address_that_is_not_listed_is_hung_up_on(tmp_path: Path) -> None:
    with listening(tmp_path, network="10.0.0.0/8") as port:
        association = associate(port)

        assert not association.is_established
        assert not association.is_rejected  # it was told nothing at all


@pytest.mark.parametrize(
    ("called", "caller", "reason"), [("OTHER", CALLER, 7), (CALLED, "OTHER", 3)]
)
def test_who_is_not_welcome_is_told_which_title_is_not_known(
    tmp_path: Path, called: str, caller: str, reason: int
) -> None:
    with listening(tmp_path) as port:
        association = associate(port, called, caller)

    assert association.is_rejected
    assert association.acceptor.primitive is not None
    assert association.acceptor.primitive.diagnostic == reason


def test_below_the_watermark_nothing_is_kept(tmp_path: Path) -> None:
    with listening(tmp_path, watermark=1 << 60) as port:
        association = associate(port)
        told = store(association, body())
        association.release()

    assert told == NO_SPACE
    assert objects(tmp_path) == []


def test_on_a_full_disk_senders_are_told_and_what_was_kept_stays(small_disk: Path) -> None:
    pixels = encode([El(0x7FE00010, "OW", bytes(60_000))])

    with listening(small_disk) as port:
        association = associate(port)
        sops = [f"1.2.3.{number}" for number in range(8)]
        told = [store(association, body(sop) + pixels, sop) for sop in sops]
        association.release()

    kept = told.count(SUCCESS)
    assert 0 < kept < 8
    assert set(told) == {SUCCESS, NO_SPACE}
    assert len(objects(small_disk)) == kept
    study = next(iter((small_disk / "open").iterdir()))
    assert len((study / "journal").read_text().splitlines()) == kept + 1


def test_senders_at_the_same_time_do_not_meet(tmp_path: Path) -> None:
    with listening(tmp_path) as port:
        both = [associate(port), associate(port)]
        for number in range(4):
            for which, association in enumerate(both):
                sop = f"1.2.3.{which}.{number}"
                assert store(association, body(sop), sop) == SUCCESS
        for association in both:
            association.release()

    assert len(objects(tmp_path)) == 8
