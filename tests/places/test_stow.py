"""What goes wrong while objects are stored on a DICOMweb server."""

import json
from pathlib import Path

import pytest

from dicomveil.errors import DicomveilError, Failed, PlaceBusy, PlaceFailed, PlaceRefuses
from dicomveil.places.dicomweb import DicomWeb
from dicomveil.places.link import Access
from dicomveil.places.place import Asked
from tests.contracts.rig import an_object
from tests.servers.scripted import (
    Archive,
    Request,
    Script,
    answer,
    scripted,
    status,
)

ASKED = Asked(accession_number="A1")
OBJECTS = [an_object(number) for number in range(1, 4)]


def said(request: Request, failed: dict[str, int], lost: frozenset[str] = frozenset()) -> bytes:
    """What a server answers to objects that it stores, but for those that failed or were lost."""
    uids = [f"1.2.3.1.1.{n}" for n in range(1, 4) if f"1.2.3.1.1.{n}\0".encode() in request.body]
    stored = [{"00081155": {"Value": [uid]}} for uid in uids if uid not in failed.keys() | lost]
    refused = [
        {"00081155": {"Value": [uid]}, "00081197": {"Value": [why]}} for uid, why in failed.items()
    ]
    body = {"00081199": {"Value": stored}, "00081198": {"Value": refused}}
    return answer(json.dumps(body).encode())


def deliver(script: Script, root: Path, came: list[str]) -> None:
    """Deliver three files; `came` gets those that were, whatever happens then."""
    for number, content in enumerate(OBJECTS, 1):
        (root / str(number)).write_bytes(content)
    with scripted(script) as server:
        place = DicomWeb("pacs", Access(server.url, seconds=10))
        try:
            came.extend(name for name, _ in place.deliver(root, ["1", "2", "3"]))
        finally:
            place.close()


@pytest.mark.parametrize(
    ("failed", "lost", "trouble"),
    [
        ({"1.2.3.1.1.2": 0xA700}, set(), PlaceBusy),
        ({"1.2.3.1.1.2": 0x0110}, set(), PlaceBusy),
        ({"1.2.3.1.1.2": 0xC000}, set(), PlaceRefuses),
        ({"1.2.3.1.1.2": 0x0122}, set(), PlaceRefuses),
        ({}, {"1.2.3.1.1.2"}, PlaceRefuses),
    ],
)
def test_what_was_stored_before_a_failure_is_delivered_and_the_rest_is_not(
    tmp_path: Path, failed: dict[str, int], lost: set[str], trouble: type[PlaceFailed]
) -> None:
    came: list[str] = []

    def script(request: Request) -> list[bytes]:
        if request.method == "GET":
            return [answer(b"[]")]
        return [said(request, failed, frozenset(lost))]

    with pytest.raises(trouble):
        deliver(script, tmp_path, came)

    assert came == ["1"]


@pytest.mark.parametrize(
    ("sent", "trouble"),
    [
        (b"", PlaceBusy),
        (status(503), PlaceBusy),
        (status(401), PlaceRefuses),
        (status(404), PlaceRefuses),
        (answer(b"<xml>"), PlaceRefuses),
        (answer(b"[]"), PlaceRefuses),
        (answer(b"{}"), PlaceRefuses),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", PlaceBusy),
    ],
)
def test_an_answer_that_confirms_nothing_delivers_nothing(
    tmp_path: Path, sent: bytes, trouble: type[PlaceFailed]
) -> None:
    came: list[str] = []

    with pytest.raises(trouble):
        deliver(
            lambda request: [answer(b"[]") if request.method == "GET" else sent], tmp_path, came
        )

    assert came == []


@pytest.mark.parametrize(
    ("content", "trouble"), [(b"a letter", PlaceRefuses), (None, Failed)], ids=["letter", "missing"]
)
def test_a_file_that_cannot_be_sent_is_told_and_nothing_is(
    tmp_path: Path, content: bytes | None, trouble: type[DicomveilError]
) -> None:
    if content is not None:
        (tmp_path / "1").write_bytes(content)

    with scripted(Archive(OBJECTS)) as server:
        place = DicomWeb("pacs", Access(server.url))
        with pytest.raises(trouble):
            list(place.deliver(tmp_path, ["1"]))
        place.close()

    assert server.requests == []
