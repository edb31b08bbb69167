"""What goes wrong where objects come one by one."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dicomveil.errors import PlaceBusy, PlaceFailed, PlaceRefuses, Short
from dicomveil.places.asking import Hits
from dicomveil.places.link import Access
from dicomveil.places.memory import Memory
from dicomveil.places.place import Asked
from dicomveil.places.wado_uri import WadoUri
from tests.contracts.rig import an_object
from tests.servers.scripted import Request, answer, scripted, status

OBJECTS = {f"1.2.3.1.1.{number}": an_object(number) for number in range(1, 4)}
KIND = "application/dicom"


class Index(Memory):
    """Knows what there should be."""

    def instances(self, study: str, series: str) -> Iterator[str]:  # noqa: ARG002 - one series
        return iter(self.objects)


def fetched(script: Callable[[Request], bytes], spool: Path) -> list[bytes]:
    """What comes of the three objects."""
    index = Index(OBJECTS, hits=Hits.ONE)
    with scripted(lambda request: [script(request)]) as server:
        access = Access(f"{server.url}/wado", largest=1 << 16)
        place = WadoUri("pacs", access, index)
        try:
            came = place.fetch(Asked(accession_number="A1"), spool)
            return [path.read_bytes() for path in came]
        finally:
            place.close()


def named(request: Request) -> bytes:
    """The object that is asked for."""
    return next(OBJECTS[uid] for uid in OBJECTS if f"objectUID={uid}&" in request.path)


def test_each_object_is_asked_for_as_it_is_stored(tmp_path: Path) -> None:
    asked: list[str] = []

    def script(request: Request) -> bytes:
        asked.append(request.path)
        return answer(named(request), KIND)

    came = fetched(script, tmp_path)

    assert came == list(OBJECTS.values())
    assert all(path.endswith(f"contentType={KIND}&transferSyntax=*") for path in asked)


@pytest.mark.parametrize(
    ("script", "trouble"),
    [
        (lambda _: status(404), Short),
        (lambda _: status(503), PlaceBusy),
        (lambda _: status(401), PlaceRefuses),
        (lambda _: answer(b"<html>", "text/html"), PlaceRefuses),
        (lambda _: answer(b"<html>" * 100, KIND), PlaceRefuses),
        (lambda _: answer(an_object(1, study=2), KIND), PlaceRefuses),
        (lambda request: answer(named(request), KIND)[:-9], PlaceBusy),
        (lambda request: answer(named(request) + bytes(1 << 17), KIND), PlaceRefuses),
        (lambda _: answer(an_object(1), KIND), Short),
    ],
    ids=["gone", "busy", "login", "page", "no DICOM", "other", "cut", "large", "the same"],
)
def test_trouble_with_an_object_is_told(
    tmp_path: Path, script: Callable[[Request], bytes], trouble: type[PlaceFailed]
) -> None:
    with pytest.raises(trouble):
        fetched(script, tmp_path)

    assert all(path.read_bytes() in OBJECTS.values() for path in tmp_path.iterdir())
