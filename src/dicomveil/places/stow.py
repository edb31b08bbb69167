"""Store objects on a DICOMweb server (STOW-RS, PS3.18 §10.5): several in a request, all streamed.

An object is taken for delivered when the server's answer names it as stored. What the server holds
already is not sent again: new UIDs are keyed hashes of the originals', so one UID is one object.
"""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from dicomveil.errors import Failed, InvalidDicom, PlaceBusy, PlaceRefuses
from dicomveil.places.asking import is_uid
from dicomveil.places.dicom_json import MOST, Hit, count, hit_of, items, text
from dicomveil.places.labels import Label, label_of
from dicomveil.places.link import Link
from dicomveil.places.place import Arrival
from dicomveil.places.qido import Qido

_BLOCK: Final = 1 << 18
_MOST_FILES: Final = 50
_MOST_BYTES: Final = 1 << 26
_JSON: Final = "application/dicom+json"
_FAILED, _STORED = "00081198", "00081199"  # PS3.18 table 10.5.1-1's sequences in its answer
_SOP, _REASON = "00081155", "00081197"


class Ready(NamedTuple):
    """One file that is to be stored."""

    name: str
    path: Path
    size: int
    label: Label


class Stow:
    """Stores on one server what it does not hold yet."""

    def __init__(self, link: Link, index: Qido) -> None:
        """Send by `link`; `index` says what is there."""
        self._link = link
        self._index = index
        self._held: dict[tuple[str, str], set[str]] = {}

    def deliver(self, root: Path, names: Iterable[str]) -> Iterator[tuple[str, Arrival]]:
        """Store the files, in order; see Destination."""
        waiting: list[Ready] = []
        for name in names:
            ready = self._ready(root, name)
            held = self._held_of(ready.label)
            if ready.label.sop_instance in held:
                yield from self._send(waiting)
                waiting = []
                yield name, Arrival.ALREADY_THERE
                continue
            waiting.append(ready)
            if len(waiting) >= _MOST_FILES or sum(one.size for one in waiting) >= _MOST_BYTES:
                yield from self._send(waiting)
                waiting = []
        yield from self._send(waiting)

    def _ready(self, root: Path, name: str) -> Ready:
        path = root / name
        try:
            return Ready(name, path, path.stat().st_size, label_of(path))
        except InvalidDicom as error:
            raise PlaceRefuses(self._link.place, "what is no DICOM cannot be stored") from error
        except OSError as error:
            raise Failed(f"an output cannot be read: {error.strerror}") from error

    def _held_of(self, label: Label) -> set[str]:
        """What the server holds of the object's series, as it was when first asked, and since."""
        series = (label.study, label.series)
        if not all(map(is_uid, (*series, label.sop_instance))):
            raise PlaceRefuses(self._link.place, "an object without UIDs cannot be stored")
        if series not in self._held:
            self._held[series] = set(self._index.instances(*series))
        return self._held[series]

    def _send(self, batch: Sequence[Ready]) -> Iterator[tuple[str, Arrival]]:
        """Store a batch; what the server stored is yielded before it is said what it did not."""
        if not batch:
            return
        boundary = secrets.token_hex(16)
        kind = f'multipart/related; type="application/dicom"; boundary={boundary}'
        headers = {"Content-Type": kind, "Accept": _JSON}
        body = _body(batch, boundary.encode("ascii"))
        with self._link.post("studies", body, headers) as answer:
            if answer.status in {404, 410}:
                raise PlaceRefuses(self._link.place, "it takes no objects (404): see its address")
            said = hit_of(self._link.place, answer.content(MOST))
        place = self._link.place
        stored = {text(place, item, _SOP) for item in items(place, said, _STORED)}
        failed = {text(place, item, _SOP) for item in items(place, said, _FAILED)}
        for one in batch:
            if one.label.sop_instance not in stored - failed:
                break
            self._held_of(one.label).add(one.label.sop_instance)
            yield one.name, Arrival.DELIVERED
        else:
            return
        raise self._refusal(said)

    def _refusal(self, said: Hit) -> PlaceBusy | PlaceRefuses:
        """Why the server did not store an object (PS3.18 §10.5.3, PS3.4 §B.2.3)."""
        place = self._link.place
        reasons = [count(place, item, _REASON) for item in items(place, said, _FAILED)]
        reason = next((one for one in reasons if one is not None), None)
        if reason is None:
            return PlaceRefuses(place, "it did not say that it stored every object")
        if 0xA700 <= reason <= 0xA7FF or reason == 0x0110:
            return PlaceBusy(place, f"it cannot store objects now (reason {reason:04X})")
        return PlaceRefuses(
            place, f"it does not store {len(reasons)} objects (reason {reason:04X})"
        )


def _body(batch: Sequence[Ready], boundary: bytes) -> Iterator[bytes]:
    """The request's body, a piece of one file at a time."""
    for one in batch:
        head = b"--%s\r\nContent-Type: application/dicom\r\nContent-Length: %d\r\n\r\n"
        yield head % (boundary, one.size)
        with one.path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block
        yield b"\r\n"
    yield b"--%s--\r\n" % boundary
