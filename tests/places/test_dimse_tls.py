"""TLS between nodes: who is believed, and what is said of who is not."""

import ssl
from pathlib import Path

import pytest

from dicomveil.errors import PlaceRefuses
from dicomveil.places.dimse import Pacs
from dicomveil.places.dimse_peer import Patience, Peer
from dicomveil.places.place import Asked
from tests.contracts.rig import an_object
from tests.servers.authority import Authority, serving
from tests.servers.fake_pacs import Fake

pytestmark = pytest.mark.usefixtures("inside")

STUDY = [an_object(number) for number in range(1, 4)]
ASKED = Asked(accession_number="A1")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """One that both sides know."""
    return Authority(tmp_path)


def pacs(fake: Fake, trusting: str | None) -> Pacs:
    """The fake as a place, believed when this authority vouches for it."""
    context = ssl.create_default_context(cafile=trusting)
    return Pacs(
        Peer(
            name="pacs",
            host="localhost",
            port=fake.port,
            called="FAKE",
            patience=Patience(connect=5, associate=10, answer=10, settle=1),
            tls=context,
        )
    )


def test_a_study_comes_over_tls(authority: Authority, tmp_path: Path) -> None:
    with Fake(STUDY, tls=serving(authority.pair("pacs"))).serving() as fake:
        came = list(pacs(fake, authority.file).fetch(ASKED, tmp_path / "spool"))

    assert len(came) == 3


def test_an_expired_certificate_is_told(authority: Authority, tmp_path: Path) -> None:
    expired = serving(authority.pair("pacs", days=-1))

    with (
        Fake(STUDY, tls=expired).serving() as fake,
        pytest.raises(PlaceRefuses, match="certificate has expired"),
    ):
        list(pacs(fake, authority.file).fetch(ASKED, tmp_path / "spool"))


def test_a_certificate_of_an_unknown_authority_ends_the_steps(authority: Authority) -> None:
    with Fake(STUDY, tls=serving(authority.pair("pacs"))).serving() as fake:
        steps = list(pacs(fake, None).steps())

    assert [(step.name, step.fine) for step in steps] == [("name", True), ("TLS", False)]
    assert "certificate" in steps[-1].said
