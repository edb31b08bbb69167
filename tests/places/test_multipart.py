"""A multipart answer is read whole, byte by byte and cut, and never beyond its bounds."""

from collections.abc import Iterator
from itertools import repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomveil.errors import PlaceBusy, PlaceRefuses
from dicomveil.places.multipart import Bounds, boundary_of, parts

BOUNDS = Bounds(parts=10)
BODIES = [b"first\r\n--nothing\r\n-", b"", b"\r\n", b"a\r\n--bou\r\n--bo", bytes(range(256))]


def answer(bodies: list[bytes], extra: bytes = b"") -> bytes:
    """A multipart of these parts."""
    head = b"\r\n--bound\r\nContent-Type: application/dicom\r\n%s\r\n"
    return b"".join(head % extra + body for body in bodies) + b"\r\n--bound--\r\nepilogue"


def read(*chunks: bytes, bounds: Bounds = BOUNDS) -> list[bytes]:
    """The bodies of the parts."""
    return [b"".join(part.body) for part in parts("pacs", chunks, b"bound", bounds)]


def pieces(data: bytes, size: int) -> list[bytes]:
    """The bytes in pieces."""
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 16, 1 << 20])
@pytest.mark.parametrize("before", [b"", b"preamble", b"\r\n"])
def test_parts_are_the_same_however_they_are_cut(size: int, before: bytes) -> None:
    assert read(*pieces(before + answer(BODIES), size)) == BODIES


@given(st.lists(st.binary(max_size=40), max_size=4), st.integers(1, 50))
def test_any_bytes_come_out_as_they_went_in(bodies: list[bytes], size: int) -> None:
    assert read(*pieces(answer(bodies), size)) == bodies


def test_an_answer_may_begin_with_its_boundary_and_have_no_parts() -> None:
    assert read(b"--bound\r\n\r\nbody\r\n--bound--") == [b"body"]
    assert read(b"--bound--") == []


def test_what_the_caller_leaves_of_a_part_is_passed_over() -> None:
    heads = [part.head["Content-Type"] for part in parts("p", [answer(BODIES)], b"bound", BOUNDS)]

    assert heads == ["application/dicom"] * len(BODIES)


def test_an_answer_that_is_cut_is_trouble_that_may_pass() -> None:
    whole = answer(BODIES).removesuffix(b"--\r\nepilogue")

    for cut in range(len(whole) + 1):
        with pytest.raises(PlaceBusy):
            read(whole[:cut])


@pytest.mark.parametrize(
    "broken",
    [
        b"--boundary\r\n\r\n",
        b"--bound" + b" " * 100,
        b"--bound\r\nno colon\r\n\r\nbody\r\n--bound--",
        b"--bound\r\nA: b\nC: d\r\n\r\nbody\r\n--bound--",
        b"--bound\r\nContent-Length: 3\r\n\r\nbody\r\n--bound--",
        b"--bound\r\nContent-Length: x\r\n\r\nbody\r\n--bound--",
    ],
    ids=["longer boundary", "padding", "colon", "line feed", "length", "no number"],
)
def test_a_broken_answer_is_refused(broken: bytes) -> None:
    with pytest.raises(PlaceRefuses):
        read(broken)


def endless(start: bytes, piece: bytes) -> Iterator[bytes]:
    """An answer without an end."""
    yield start
    yield from repeat(piece)


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        (b"", b"x" * 100),
        (b"--bound\r\nA: ", b"x" * 100),
        (b"--bound\r\nA: b\r\n\r\n", b"x" * 100),
        (b"--bound\r\n\r\n", b"\r\n--bound\r\n\r\n"),
    ],
    ids=["preamble", "head", "part", "parts"],
)
def test_an_answer_without_an_end_is_refused_at_its_bound(start: bytes, piece: bytes) -> None:
    bounds = Bounds(parts=10, part=5_000, head=1_000)
    came: list[bytes] = []

    with pytest.raises(PlaceRefuses):
        came.extend(
            piece
            for part in parts("pacs", endless(start, piece), b"bound", bounds)
            for piece in part.body
        )

    assert sum(map(len, came)) <= bounds.part


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ('multipart/related; type="application/dicom"; boundary=abc', b"abc"),
        ("Multipart/Related; boundary=\"a b:c\"; type='x'", None),
        ('multipart/related; boundary="a b:c"; type=application/dicom', b"a b:c"),
        ("multipart/related; boundary=abc", b"abc"),
        ("multipart/related; type=application/dicom+xml; boundary=abc", None),
        ("multipart/related", None),
        ("multipart/related; boundary=" + "a" * 71, None),
        ('multipart/related; boundary="a "', None),
        ("text/html", None),
        ("", None),
    ],
)
def test_only_a_multipart_of_dicom_has_a_boundary(
    content_type: str, boundary: bytes | None
) -> None:
    if boundary is None:
        with pytest.raises(PlaceRefuses):
            boundary_of("pacs", content_type)
    else:
        assert boundary_of("pacs", content_type) == boundary
