"""Objects that arrive: each written to a spool as the bytes that came, under a name of ours.

What calls `take` is the thread of an association, and there may be several; what reads `arrivals`
is whoever fetches.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from enum import Enum, auto
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Lock
from time import monotonic
from typing import Any, Final, NamedTuple

from pynetdicom import evt

from dicomveil.dicom.forms import Form, encode_element
from dicomveil.errors import DicomveilError, Failed, PlaceBusy, PlaceRefuses
from dicomveil.places.asking import is_uid
from dicomveil.places.dimse_peer import Peer
from dicomveil.places.dimse_status import INVALID_INSTANCE, NO_SPACE, NOT_UNDERSTOOD, SUCCESS
from dicomveil.places.spool import Spool

IMPLEMENTATION_UID: Final = "2.25.205872531903276437561028342191157842703"
_PREAMBLE: Final = bytes(128) + b"DICM"
_LOOK: Final = 0.25  # seconds between looks at the clock


class Ending(Enum):
    """What the thread that fetches puts after the last object."""

    DONE = auto()


class Sent(NamedTuple):
    """What a C-STORE sends: what it says of the object, and the object's data set as it came."""

    sop_class: str
    sop_instance: str
    syntax: str
    content: memoryview

    @property
    def is_sound(self) -> bool:
        """Whether both UIDs are such, and there is a data set."""
        return is_uid(self.sop_class) and is_uid(self.sop_instance) and len(self.content) > 0

    @property
    def meta(self) -> bytes:
        """What comes before the data set in a file."""
        return file_meta(self.sop_class, self.sop_instance, self.syntax)


def sent_of(event: Any) -> Sent:  # noqa: ANN401 - pynetdicom's events have what their kind has
    """What a C-STORE request sends."""
    request = event.request
    content = request.DataSet.getbuffer() if request.DataSet else memoryview(b"")
    return Sent(
        str(request.AffectedSOPClassUID),
        str(request.AffectedSOPInstanceUID),
        str(event.context.transfer_syntax),
        content,
    )


def file_meta(sop_class: str, sop_instance: str, syntax: str) -> bytes:
    """Preamble, prefix and file meta information (PS3.10 §7.1) for a data set of these."""
    rest = b"".join(
        (
            encode_element(Form.EXPLICIT_LE, 0x00020001, "OB", b"\0\1"),
            _uid(0x00020002, sop_class),
            _uid(0x00020003, sop_instance),
            _uid(0x00020010, syntax),
            _uid(0x00020012, IMPLEMENTATION_UID),
        )
    )
    length = encode_element(Form.EXPLICIT_LE, 0x00020000, "UL", len(rest).to_bytes(4, "little"))
    return _PREAMBLE + length + rest


class Intake:
    """What one fetch takes."""

    def __init__(self, peer: Peer, spool: Path) -> None:
        """Write to `spool`; what lies there already stays. Raises Failed."""
        self._peer = peer
        self._spool = Spool(spool)
        self._lock = Lock()
        self._queue: SimpleQueue[Path | DicomveilError | Ending] = SimpleQueue()
        self._heard = monotonic()
        self.bound = Bound(peer.largest)
        self.stopped = Event()
        self.taken = 0  # objects so far

    def take(self, event: evt.Event) -> int:
        """Write the object of a C-STORE, and say how that went."""
        sent = sent_of(event)
        self.bound.begin_anew(event)
        if not sent.is_sound:
            self.end(PlaceRefuses(self._peer.name, "it sent an object under a UID that is none"))
            return INVALID_INSTANCE
        if self.stopped.is_set():
            return NOT_UNDERSTOOD
        try:
            path = self._written(sent)
        except Failed as failed:
            self.end(failed)
            return NO_SPACE
        self.place(path)
        return SUCCESS

    def hear(self, event: evt.Event) -> None:
        """Note that bytes came: the node is not silent."""
        self._heard = monotonic()
        if self.bound.is_exceeded(event):
            self.end(PlaceRefuses(self._peer.name, "it sent an object larger than is accepted"))
            event.assoc.abort()

    def stir(self) -> None:
        """Note that the node answered."""
        self._heard = monotonic()

    def adopt(self, whole: Path) -> None:
        """Take an object that somebody else wrote to the same disk; Failed."""
        with self._lock:
            path = self._spool.adopt(whole)
        self.place(path)

    def place(self, path: Path) -> None:
        """Take an object that lies whole in the spool."""
        self._heard = monotonic()
        self.taken += 1
        self._queue.put(path)

    def end(self, how: DicomveilError | Ending) -> None:
        """Nothing more comes, or should."""
        self._queue.put(how)

    def arrivals(self) -> Iterator[Path]:
        """Each object once it is whole; raises what ended the fetch, and PlaceBusy for silence."""
        while True:
            try:
                came = self._queue.get(timeout=_LOOK)
            except Empty:
                if monotonic() - self._heard > self._peer.patience.answer:
                    raise PlaceBusy(
                        self._peer.name, "it sent nothing more while objects were waited for"
                    ) from None
                continue
            if isinstance(came, DicomveilError):
                raise came
            if isinstance(came, Ending):
                return
            yield came

    def quiet_for(self) -> float:
        """Seconds since something came."""
        return monotonic() - self._heard

    def _written(self, sent: Sent) -> Path:
        with ExitStack() as open_files:
            with self._lock:  # several associations may bring objects
                coming = open_files.enter_context(self._spool.incoming())
            coming.write(sent.meta)
            coming.write(sent.content)
            return coming.keep()


class Bound:
    """How many bytes an association may send before an object is whole."""

    def __init__(self, largest: int) -> None:
        """Bound objects to this many bytes."""
        self._largest = largest
        self._sent: dict[str, int] = {}

    def begin_anew(self, event: evt.Event) -> None:
        """An object is whole, or the association is over."""
        self._sent.pop(_key(event), None)

    def is_exceeded(self, event: evt.Event) -> bool:
        """Whether the bytes that came are more than an object may have."""
        key = _key(event)
        self._sent[key] = sent = self._sent.get(key, 0) + len(event.data)
        return sent > self._largest


def _key(event: evt.Event) -> str:
    return str(id(event.assoc))


def _uid(tag: int, uid: str) -> bytes:
    value = uid.encode("ascii")
    return encode_element(Form.EXPLICIT_LE, tag, "UI", value + b"\0" * (len(value) & 1))
