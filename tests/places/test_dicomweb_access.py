"""Who may ask a DICOMweb server, and whom it is asked of."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from dicomveil.errors import PlaceBusy, PlaceFailed, PlaceRefuses
from dicomveil.places.dicomweb import DicomWeb
from dicomveil.places.link import Access, Basic, Bearer, Certificate
from dicomveil.places.place import Asked, Step, StudyFound
from tests.contracts.rig import OBJECTS, an_object
from tests.servers.authority import Authority, serving
from tests.servers.network import Network
from tests.servers.orthanc import Orthanc, running
from tests.servers.scripted import Archive, Request, scripted, status

ASKED = Asked(accession_number="A1")
SECRET = "of-the-tests"  # noqa: S105 - it opens nothing
ARCHIVE = Archive([an_object(1)])


def found(access: Access) -> tuple[StudyFound, ...]:
    """What a place that is reached so finds."""
    place = DicomWeb("pacs", access)
    try:
        return place.find(ASKED)
    finally:
        place.close()


def steps(access: Access) -> list[Step]:
    """The steps of a place that is reached so."""
    place = DicomWeb("pacs", access)
    try:
        return list(place.steps())
    finally:
        place.close()


@pytest.fixture(scope="session")
def locked(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    """An Orthanc that asks for a login."""
    settings: dict[str, object] = {
        "AuthenticationEnabled": True,
        "RegisteredUsers": {"deid": SECRET},
    }
    folder = tmp_path_factory.mktemp("locked")
    with running(network, folder, settings, f"deid:{SECRET}") as server:
        yield server


@pytest.mark.usefixtures("inside")
def test_a_server_that_asks_for_a_login_answers_the_right_one_alone(locked: Orthanc) -> None:
    locked.upload(OBJECTS.values())

    assert len(found(Access(locked.web, Basic("deid", SECRET)))) == 2
    for wrong in (None, Basic("deid", "wrong"), Bearer(SECRET)):
        with pytest.raises(PlaceRefuses, match="login") as refused:
            found(Access(locked.web, wrong))
        assert SECRET not in str(refused.value)


@pytest.mark.usefixtures("inside")
def test_the_steps_end_at_a_wrong_login(locked: Orthanc) -> None:
    tried = steps(Access(locked.web, Basic("deid", "wrong")))

    assert [(step.name, step.fine) for step in tried] == [
        ("name", True),
        ("port", True),
        ("find and fetch", False),
    ]


def test_a_token_is_sent_with_every_call() -> None:
    def script(request: Request) -> Iterable[bytes]:
        right = request.headers.get("authorization") == f"Bearer {SECRET}"
        return ARCHIVE(request) if right else [status(401)]

    with scripted(script) as server:
        assert found(Access(server.url, Bearer(SECRET)))
        with pytest.raises(PlaceRefuses, match="login"):
            found(Access(server.url, Bearer("another")))


def test_no_login_follows_a_redirection() -> None:
    with scripted(ARCHIVE) as other:
        moved = f"HTTP/1.1 302 Found\r\nLocation: {other.url}/studies\r\n"
        head = f"{moved}Content-Length: 0\r\nConnection: close\r\n\r\n".encode()
        with scripted(lambda _: [head]) as server, pytest.raises(PlaceRefuses, match="302"):
            found(Access(server.url, Basic("deid", SECRET)))

    assert other.requests == []


def test_a_secret_is_in_no_repr() -> None:
    access = Access("http://localhost", Basic("deid", SECRET), Certificate("a", "b", SECRET))

    for shown in (access, access.login, access.certificate, Bearer(SECRET), DicomWeb("p", access)):
        assert SECRET not in repr(shown)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/",
        "host",
        "http://",
        "http://name:word@host/",
        "",
        "https://[::1",
        "http://h:x/",
        "http://h\0/",
    ],
)
def test_an_address_that_is_none_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(PlaceRefuses, match="address") as refused:
        DicomWeb("pacs", Access(url))

    assert "word" not in str(refused.value)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def test_a_server_is_believed_by_the_authority_that_is_trusted(authority: Authority) -> None:
    with scripted(ARCHIVE, serving(authority.pair("server"))) as server:
        assert found(Access(server.url, trusted=authority.file))
        assert [step.fine for step in steps(Access(server.url, trusted=authority.file))][:3] == [
            True,
            True,
            True,
        ]
        with pytest.raises(PlaceRefuses, match="certificate is not trusted"):
            found(Access(server.url))


def test_an_expired_certificate_is_told(authority: Authority) -> None:
    with scripted(ARCHIVE, serving(authority.pair("old", days=-1))) as server:
        access = Access(server.url, trusted=authority.file)
        with pytest.raises(PlaceRefuses, match="it has expired"):
            found(access)
        *before, last = steps(access)

    assert [step.name for step in before] == ["name", "port"]
    assert last == Step("TLS", fine=False, said="certificate has expired")


def test_a_server_that_asks_for_a_certificate_answers_the_right_one_alone(
    authority: Authority, tmp_path: Path
) -> None:
    own, stranger = authority.pair("client"), Authority(tmp_path).pair("stranger")
    context = serving(authority.pair("strict"), clients=authority.file)

    with scripted(ARCHIVE, context) as server:
        trusted = authority.file
        assert found(Access(server.url, certificate=Certificate(*own), trusted=trusted))
        for wrong in (None, Certificate(*stranger)):
            with pytest.raises(PlaceFailed):
                found(Access(server.url, certificate=wrong, trusted=trusted))


@pytest.mark.parametrize("missing", ["trusted", "certificate"])
def test_a_certificate_file_that_is_missing_is_told(missing: str) -> None:
    access = (
        Access("https://localhost", trusted="/nowhere")
        if missing == "trusted"
        else Access("https://localhost", certificate=Certificate("/nowhere"))
    )

    with pytest.raises(PlaceRefuses, match="certificate files"):
        DicomWeb("pacs", access)


def test_a_server_that_is_killed_in_the_middle_is_trouble_that_may_pass(
    network: Network, tmp_path: Path
) -> None:
    large = [an_object(number) + bytes(1 << 22) for number in range(1, 9)]
    (tmp_path / "pacs").mkdir()

    with running(network, tmp_path / "pacs", {}) as server, network.inside():
        server.upload(large)
        place = DicomWeb("pacs", Access(server.web, seconds=20))
        coming = place.fetch(ASKED, tmp_path / "spool")
        first = next(coming)
        server.kill()
        with pytest.raises(PlaceBusy):
            list(coming)
        place.close()

    assert first.read_bytes() == large[0]
    assert all(path.read_bytes() in large for path in (tmp_path / "spool").iterdir())
