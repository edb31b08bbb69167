"""Read a multipart answer part by part (RFC 2046 §5.1), never more than a piece of one in memory.

`parts` takes the bytes as they come, in pieces of any size, and gives each part as its head and the
pieces of its body. It reads no socket. What is malformed or beyond a bound raises PlaceRefuses, and
an answer that ends before its last boundary raises PlaceBusy.
"""

import email.message
import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from dicomveil.errors import PlaceBusy, PlaceRefuses

_BOUNDARY: Final = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
_HEAD_ENDS: Final = b"\r\n\r\n"
_PADDING: Final = 64  # spaces after a boundary, which transports may add


class Bounds(NamedTuple):
    """How much is read of an answer before it is taken for an attack."""

    parts: int
    part: int = 1 << 34  # bytes of one
    head: int = 1 << 14  # bytes of a part's head, or before the first part


class Part(NamedTuple):
    """One part; its body is read before the next part is asked for."""

    head: email.message.Message
    body: Iterator[bytes]


def boundary_of(place: str, content_type: str) -> bytes:
    """The boundary that a Content-Type names; PlaceRefuses when it is no multipart of DICOM."""
    head = email.message.Message()
    head["Content-Type"] = content_type
    boundary = head.get_param("boundary")
    kind = head.get_param("type", "application/dicom")
    if head.get_content_type() != "multipart/related" or kind != "application/dicom":
        raise PlaceRefuses(place, "it answered with something else than a multipart of DICOM")
    if not isinstance(boundary, str) or not _BOUNDARY.fullmatch(boundary):
        raise PlaceRefuses(place, "it answered with a multipart without a sound boundary")
    return boundary.encode("ascii")


def parts(place: str, chunks: Iterable[bytes], boundary: bytes, bounds: Bounds) -> Iterator[Part]:
    """The parts of an answer, each before the next is read."""
    reading = _Reading(place, iter(chunks), boundary, bounds)
    for _ in reading.body(bounds.head):
        pass  # what stands before the first boundary means nothing
    count = 0
    while reading.goes_on():
        count += 1
        if count > bounds.parts:
            raise PlaceRefuses(place, f"its answer has more than {bounds.parts} parts")
        head = reading.head()
        body = reading.body(bounds.part)
        yield Part(head, _held_to(place, body, head.get("Content-Length")))
        for _ in body:
            pass  # whatever the caller left


def _held_to(place: str, body: Iterator[bytes], said: str | None) -> Iterator[bytes]:
    """The body, which has as many bytes as its head says where it says so."""
    came = 0
    for piece in body:
        came += len(piece)
        yield piece
    if said is not None and said.strip() != str(came):
        raise PlaceRefuses(place, "a part of its answer has another length than it says")


class _Reading:
    """What has come and is not yet handed out."""

    def __init__(
        self, place: str, chunks: Iterator[bytes], boundary: bytes, bounds: Bounds
    ) -> None:
        self._place = place
        self._chunks = chunks
        self._delimiter = b"\r\n--" + boundary
        self._bounds = bounds
        self._held = b"\r\n"  # the first boundary may be the very first bytes

    def body(self, most: int) -> Iterator[bytes]:
        """Everything before the next boundary, which is passed over; `most` bytes at most."""
        came = 0
        while (found := self._held.find(self._delimiter)) < 0:
            sure = self._sure()
            came += sure
            if came > most:
                raise PlaceRefuses(self._place, f"a part of its answer is beyond {most} bytes")
            if sure:
                piece, self._held = self._held[:sure], self._held[sure:]
                yield piece
            self._read()
        piece, self._held = self._held[:found], self._held[found + len(self._delimiter) :]
        if came + found > most:
            raise PlaceRefuses(self._place, f"a part of its answer is beyond {most} bytes")
        if piece:
            yield piece

    def goes_on(self) -> bool:
        """Whether the boundary that was passed over begins a part; else it ends the answer."""
        while len(self._held) < 2:
            self._read()
        if self._held.startswith(b"--"):
            return False
        while (found := self._held.find(b"\r\n")) < 0 and len(self._held) <= _PADDING:
            self._read()
        if found < 0 or self._held[:found].strip(b" \t"):
            raise PlaceRefuses(self._place, "its answer has a broken boundary")
        self._held = self._held[found:]  # the line's end begins the head
        return True

    def head(self) -> email.message.Message:
        """The head of a part."""
        while (found := self._held.find(_HEAD_ENDS)) < 0:
            if len(self._held) > self._bounds.head:
                raise PlaceRefuses(self._place, "a part of its answer has no end of its head")
            self._read()
        if found > self._bounds.head:
            raise PlaceRefuses(self._place, "a part of its answer has too large a head")
        text = self._held[:found].decode("latin-1")
        self._held = self._held[found + len(_HEAD_ENDS) :]
        head = email.message.Message()
        for line in filter(None, text.split("\r\n")):
            name, colon, value = line.partition(":")
            if not colon or "\r" in value or "\n" in value:
                raise PlaceRefuses(self._place, "a part of its answer has a broken head")
            head[name.strip()] = value.strip()
        return head

    def _sure(self) -> int:
        """How many bytes of what came cannot belong to a boundary."""
        # A boundary's own bytes hold no CR: only the last one that came may begin it.
        last = self._held.rfind(b"\r", -len(self._delimiter))
        may_begin = last >= 0 and self._delimiter.startswith(self._held[last:])
        return last if may_begin else len(self._held)

    def _read(self) -> None:
        chunk = next(self._chunks, None)
        if chunk is None:
            raise PlaceBusy(self._place, "its answer ended before its last part was whole")
        self._held += chunk
