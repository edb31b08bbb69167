"""What goes wrong at a DICOMweb server, and that nothing of it is taken for a whole study."""

import resource
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from dicomveil.errors import Failed, PlaceBusy, PlaceFailed, PlaceRefuses, Short
from dicomveil.places.dicomweb import DicomWeb
from dicomveil.places.link import Access
from tests.contracts.rig import an_object
from tests.places.troubled import ASKED, OBJECTS, fetch, whole_files
from tests.servers.scripted import (
    KIND,
    Archive,
    Request,
    answer,
    multipart,
    scripted,
    status,
)


class Cut(Archive):
    """Sends the first bytes of its answer alone."""

    def __init__(self, size: int) -> None:
        super().__init__(OBJECTS)
        self.size = size

    def sent(self) -> Iterable[bytes]:
        (whole,) = super().sent()
        return [whole[: self.size]]


@pytest.mark.parametrize("size", [0, 10, 200, 700, 900, 1000, 1500, 2200])
def test_a_connection_that_is_cut_is_trouble_that_may_pass(tmp_path: Path, size: int) -> None:
    with pytest.raises(PlaceBusy):
        fetch(Cut(size), tmp_path / "spool")

    came = whole_files(tmp_path / "spool")
    assert came == OBJECTS[: len(came)]
    assert len(came) < len(OBJECTS)


class Closed(Archive):
    """Ends its answer by closing, without a length and without the last boundary."""

    def sent(self) -> Iterable[bytes]:
        body = multipart(self.objects).removesuffix(b"--\r\n")
        return [f"HTTP/1.1 200 OK\r\nContent-Type: {KIND}\r\n\r\n".encode(), body]


def test_an_answer_without_its_last_boundary_is_cut(tmp_path: Path) -> None:
    with pytest.raises(PlaceBusy, match="ended"):
        fetch(Closed(OBJECTS), tmp_path)


class Stalling(Archive):
    """Sends a beginning, then nothing until the test ends."""

    def __init__(self, ended: threading.Event) -> None:
        super().__init__(OBJECTS)
        self.ended = ended

    def sent(self) -> Iterator[bytes]:
        (whole,) = super().sent()
        yield whole[:900]
        self.ended.wait(30)


class Trickling(Stalling):
    """Sends a byte at a time, each in time."""

    def sent(self) -> Iterator[bytes]:
        (whole,) = Archive.sent(self)
        yield whole[:200]
        for number in range(200, len(whole)):
            yield whole[number : number + 1]
            if self.ended.wait(0.05):
                return


@pytest.mark.parametrize(
    ("kind", "said"), [(Stalling, "no answer within"), (Trickling, "answers too slowly")]
)
def test_a_server_that_is_too_slow_is_left(
    request: pytest.FixtureRequest, tmp_path: Path, kind: type[Stalling], said: str
) -> None:
    ended = threading.Event()
    request.addfinalizer(ended.set)

    with pytest.raises(PlaceBusy, match=said):
        fetch(kind(ended), tmp_path, Access("", seconds=0.4))


@pytest.mark.parametrize("said", [1, 2, 4, 100])
def test_more_or_fewer_than_the_server_said_is_short(tmp_path: Path, said: int) -> None:
    with pytest.raises(Short, match=f"3 of {said} objects came"):
        fetch(Archive(OBJECTS, said), tmp_path)


def test_an_object_that_comes_twice_is_one(tmp_path: Path) -> None:
    came = fetch(Archive([*OBJECTS, *OBJECTS], 3), tmp_path)

    assert [path.read_bytes() for path in came] == OBJECTS
    assert whole_files(tmp_path) == OBJECTS


@pytest.mark.parametrize(
    "sent",
    [
        an_object(1, study=3),
        an_object(1, series=2),
        OBJECTS[0].replace(b"P1", b"P2"),
        OBJECTS[0].replace(b"1.2.3.1.1.1", b"../../../up"),
        OBJECTS[0].replace(b"1.2.3.1.1.1", b"1.2.3\0.1.1."),
        b"<html>please log in</html>" * 20,
        OBJECTS[0][:180],
        b"",
    ],
    ids=["study", "series", "patient", "path", "NUL", "html", "cut", "empty"],
)
def test_what_was_not_asked_for_is_refused(tmp_path: Path, sent: bytes) -> None:
    archive = Archive(OBJECTS)
    archive.objects = [sent, *OBJECTS[1:]]

    with pytest.raises(PlaceRefuses):
        fetch(archive, tmp_path / "spool")

    assert [path.name for path in tmp_path.iterdir()] == ["spool"]
    assert whole_files(tmp_path / "spool") == []


@pytest.mark.parametrize("uid", ["../../etc", "1\0.2", "1." * 32 + "1", "CON", "1.2/3"])
@pytest.mark.parametrize("level", ["study", "series"])
def test_a_hostile_uid_in_an_answer_is_asked_for_nowhere(
    tmp_path: Path, uid: str, level: str
) -> None:
    archive = Archive(OBJECTS)
    element = {"vr": "UI", "Value": [uid]}
    if level == "study":
        archive.study["0020000D"] = element
    else:
        archive.series["0020000E"] = element

    with scripted(archive) as server:
        place = DicomWeb("pacs", Access(server.url))
        with pytest.raises(PlaceRefuses, match="UID"):
            list(place.fetch(ASKED, tmp_path / "spool"))
        place.close()

    assert not any(uid in request.path or "etc" in request.path for request in server.requests)


def test_a_file_name_that_a_server_proposes_is_not_used(tmp_path: Path) -> None:
    class Naming(Archive):
        def sent(self) -> Iterable[bytes]:
            extra = b'Content-Disposition: attachment; filename="../../up.dcm"\r\n'
            return [answer(multipart(self.objects, extra), KIND)]

    came = fetch(Naming(OBJECTS), tmp_path / "spool")

    assert [path.name for path in came] == ["00000001", "00000002", "00000003"]
    assert [path.name for path in tmp_path.iterdir()] == ["spool"]


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[1]",
        b"<html>",
        b"[" * 100_000,
        b'[{"0020000D": {"Value": "1.2"}}]',
        b'[{"0020000D": {"Value": [["1.2"]]}}]',
        b'[{"0020000D": 7}]',
        b'[{"0020000D": {"vr": "UI"}}]',
        b"\xff\xfe",
    ],
)
def test_an_answer_to_a_search_that_is_none_is_refused(tmp_path: Path, body: bytes) -> None:
    with pytest.raises(PlaceRefuses):
        fetch(lambda _: [answer(body)], tmp_path)


def test_a_server_that_ignored_the_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlaceRefuses, match="not asked for"):
        fetch(Archive([an_object(1, study=3)]), tmp_path)


@pytest.mark.parametrize(
    ("number", "trouble"),
    [
        (301, PlaceRefuses),
        (400, PlaceRefuses),
        (401, PlaceRefuses),
        (403, PlaceRefuses),
        (404, PlaceRefuses),
        (406, PlaceRefuses),
        (429, PlaceBusy),
        (500, PlaceBusy),
        (503, PlaceBusy),
    ],
)
def test_a_status_is_trouble_that_passes_or_not(
    tmp_path: Path, number: int, trouble: type[PlaceFailed]
) -> None:
    with pytest.raises(trouble, match=str(number)):
        fetch(lambda _: [status(number)], tmp_path)


def test_a_study_that_is_gone_meanwhile_is_short(tmp_path: Path) -> None:
    class Gone(Archive):
        def sent(self) -> Iterable[bytes]:
            return [status(404)]

    with pytest.raises(Short, match="0 of 3"):
        fetch(Gone(OBJECTS), tmp_path)


def test_a_full_disk_is_the_machines_failure(tmp_path: Path) -> None:
    """A limit of the process stands for the disk's: both end a write with an error."""
    large = [an_object(1) + bytes(1 << 20)]
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, hard))
    try:
        with pytest.raises(Failed, match="spool"):
            fetch(Archive(large), tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert whole_files(tmp_path) == []


def test_nobody_listening_and_no_such_name_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(PlaceBusy, match="no connection"):
        list(DicomWeb("pacs", Access("http://127.0.0.1:1")).fetch(ASKED, tmp_path))
    with pytest.raises(PlaceRefuses, match="name"):
        list(DicomWeb("pacs", Access("http://nobody.invalid")).fetch(ASKED, tmp_path))


def test_no_log_has_what_was_asked_or_a_secret(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)

    fetch(Archive(OBJECTS), tmp_path)

    assert "A1" not in caplog.text
    assert "1.2.3" not in caplog.text


def test_a_search_whose_connection_was_closed_is_made_once_more(tmp_path: Path) -> None:
    """As where a kept connection ends while the next call is on its way."""
    archive = Archive(OBJECTS)
    broken: list[str] = []

    def script(request: Request) -> Iterable[bytes]:
        if request.path in broken:
            return archive(request)
        broken.append(request.path)
        return []

    came = fetch(script, tmp_path)

    assert [path.read_bytes() for path in came] == OBJECTS
