"""Answers of a DICOMweb server without an end, or larger than they look, are bounded."""

import gzip
import tracemalloc
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from dicomveil.errors import PlaceFailed, PlaceRefuses
from dicomveil.places.dicomweb import DicomWeb
from dicomveil.places.link import Access
from tests.contracts.rig import an_object
from tests.places.troubled import ASKED, OBJECTS, fetch, whole_files
from tests.servers.scripted import (
    KIND,
    Archive,
    answer,
    multipart,
    scripted,
)


def bomb(size: int) -> bytes:
    """So many zeros, compressed."""
    return gzip.compress(bytes(size), 9)


def test_a_gzip_bomb_in_an_answer_to_a_search_is_refused(tmp_path: Path) -> None:
    body = bomb(1 << 27)

    with pytest.raises(PlaceRefuses, match="beyond"):
        fetch(lambda _: [answer(body, extra="Content-Encoding: gzip\r\n")], tmp_path)


def test_a_gzip_bomb_in_a_fetch_is_refused(tmp_path: Path) -> None:
    class Bomb(Archive):
        def sent(self) -> Iterable[bytes]:
            head = b"--bound\r\nContent-Type: application/dicom\r\n\r\n"
            return [answer(gzip.compress(head) + bomb(1), KIND, "Content-Encoding: gzip\r\n")]

    class Larger(Archive):
        def sent(self) -> Iterable[bytes]:
            head = b"--bound\r\nContent-Type: application/dicom\r\n\r\n" + bytes(1 << 27)
            return [answer(gzip.compress(head, 9), KIND, "Content-Encoding: gzip\r\n")]

    with pytest.raises(PlaceRefuses, match="beyond measure"):
        fetch(Larger(OBJECTS), tmp_path)
    with pytest.raises(PlaceFailed):
        fetch(Bomb(OBJECTS), tmp_path)

    assert whole_files(tmp_path) == []


def test_an_answer_that_is_compressed_in_spite_of_us_is_read(tmp_path: Path) -> None:
    class Compressing(Archive):
        def sent(self) -> Iterable[bytes]:
            body = gzip.compress(multipart(self.objects))
            return [answer(body, KIND, "Content-Encoding: gzip\r\n")]

    came = fetch(Compressing(OBJECTS), tmp_path)

    assert [path.read_bytes() for path in came] == OBJECTS


def test_an_object_without_an_end_is_refused_at_the_bound(tmp_path: Path) -> None:
    class Endless(Archive):
        def sent(self) -> Iterator[bytes]:
            yield f"HTTP/1.1 200 OK\r\nContent-Type: {KIND}\r\n\r\n".encode()
            yield b"--bound\r\nContent-Type: application/dicom\r\n\r\n"
            while True:
                yield bytes(1 << 16)

    with pytest.raises(PlaceRefuses, match="beyond"):
        fetch(Endless(OBJECTS), tmp_path, Access("", largest=1 << 20))

    assert whole_files(tmp_path) == []


def test_parts_without_an_end_are_refused(tmp_path: Path) -> None:
    class Endless(Archive):
        def sent(self) -> Iterator[bytes]:
            yield f"HTTP/1.1 200 OK\r\nContent-Type: {KIND}\r\n\r\n".encode()
            while True:
                yield multipart(self.objects).removesuffix(b"--bound--\r\n")

    with pytest.raises(PlaceRefuses, match="parts"):
        fetch(Endless(OBJECTS), tmp_path)


def test_memory_does_not_grow_with_an_object(tmp_path: Path) -> None:
    large = an_object(1) + bytes(1 << 26)

    tracemalloc.start()
    try:
        with scripted(InPieces([large])) as server:
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            place = DicomWeb("pacs", Access(server.url))
            (came,) = place.fetch(ASKED, tmp_path)
            place.close()
            grown = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()

    assert came.stat().st_size == len(large)
    assert grown < 1 << 23


class InPieces(Archive):
    """Sends its one object without a copy of the whole."""

    def sent(self) -> Iterator[bytes]:
        yield f"HTTP/1.1 200 OK\r\nContent-Type: {KIND}\r\nConnection: close\r\n\r\n".encode()
        yield b"--bound\r\nContent-Type: application/dicom\r\n\r\n"
        whole = memoryview(self.objects[0])
        for at in range(0, len(whole), 1 << 16):
            yield bytes(whole[at : at + (1 << 16)])
        yield b"\r\n--bound--\r\n"
