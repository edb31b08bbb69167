"""A PACS over DIMSE: found by C-FIND, fetched by C-GET or C-MOVE, delivered to by C-STORE."""

import socket
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from threading import BoundedSemaphore
from typing import assert_never

from dicomveil.errors import PlaceFailed, PlaceRefuses, Short
from dicomveil.places.asking import checked, to_fetch
from dicomveil.places.dimse_association import Proposal, associated, connect, context
from dicomveil.places.dimse_contexts import VERIFICATION, for_fetching
from dicomveil.places.dimse_find import Hit, PatientFound, finding
from dicomveil.places.dimse_intake import Intake
from dicomveil.places.dimse_peer import Peer, Receiver, Retrieval
from dicomveil.places.dimse_retrieve import Order, Troubles, getting, moving, moving_to_dcmtk
from dicomveil.places.dimse_status import SUCCESS, trouble
from dicomveil.places.dimse_store import deliver
from dicomveil.places.place import Arrival, Asked, Step, StudyFound
from dicomveil.places.tally import Received, Tally


class Pacs:
    """What `place.Source`, `Destination` and `Place` ask for.

    Threads may share one: no more associations are open at once than the node is configured for.
    """

    def __init__(self, peer: Peer) -> None:
        """Talk to this node; nothing is connected yet."""
        self._peer = peer
        self._free = BoundedSemaphore(peer.associations)

    def find(self, asked: Asked) -> tuple[StudyFound, ...]:
        """The studies that equal what was asked, with their series."""
        checked(asked)
        with self._free, finding(self._peer) as finder:
            return tuple(hit.study for hit in finder.studies(asked))

    def patients(self, patient_id: str) -> tuple[PatientFound, ...]:
        """The patients of this ID, at the patient level."""
        checked(Asked(patient_id=patient_id))
        with self._free, finding(self._peer) as finder:
            return finder.patients(patient_id)

    def fetch(self, asked: Asked, spool: Path) -> Iterator[Path]:
        """Bring every object, counted before and after."""
        checked(asked)
        with self._free:
            order = Order(self._peer, asked, self._expected(asked))
            tally = Tally(self._peer.name, asked, [hit.study for hit in order.hits])
            intake = Intake(self._peer, spool)
            with self._road(order, intake, spool) as troubles:
                for path in intake.arrivals():
                    if tally.note(path) is Received.NEW:
                        yield path
                    else:
                        path.unlink()
            _close(self._peer, tally, troubles)

    def deliver(self, root: Path, names: Iterable[str]) -> Iterator[tuple[str, Arrival]]:
        """Send the files in order, yielding each that the node has taken."""
        with self._free:
            yield from deliver(self._peer, root, names)

    def steps(self) -> Iterator[Step]:
        """Its name, port, TLS, an association, an echo, a question."""
        tries = [
            ("name", self._named),
            ("TLS" if self._peer.tls else "port", lambda: connect(self._peer)),
            ("association and echo", self._echo),
            ("find", self._questioned),
        ]
        for name, attempt in tries:
            try:
                attempt()
            except PlaceFailed as failed:
                yield Step(name, fine=False, said=failed.problem)
                return
            yield Step(name, fine=True)

    def _expected(self, asked: Asked) -> tuple[Hit, ...]:
        """What is to be fetched, counted: by the node's own numbers, or image by image."""
        peer = self._peer
        with finding(peer) as finder:
            hits = finder.studies(asked)
            to_fetch(peer.name, asked, [hit.study for hit in hits], peer.hits)
            return tuple(hit if _is_told(peer, hit) else finder.counted(hit) for hit in hits)

    def _road(self, order: Order, intake: Intake, spool: Path) -> AbstractContextManager[Troubles]:
        match self._peer.retrieval, self._peer.receiver:
            case Retrieval.GET, _:
                return getting(order, intake)
            case Retrieval.MOVE, Receiver.OWN:
                return moving(order, intake)
            case Retrieval.MOVE, Receiver.DCMTK:
                return moving_to_dcmtk(order, intake, spool)
            case never:
                assert_never(never)

    def _named(self) -> None:
        try:
            socket.getaddrinfo(self._peer.host, self._peer.port)
        except OSError:
            raise PlaceRefuses(self._peer.name, "its host name is not known") from None

    def _echo(self) -> None:
        with associated(self._peer, Proposal([context(VERIFICATION)])) as association:
            said = association.send_c_echo()
            status = said.Status if "Status" in said else 0x0110
            if status != SUCCESS:
                raise trouble(self._peer.name, "echo", status)

    def _questioned(self) -> None:
        """A question that nothing answers: no study has the UID of a SOP class."""
        with finding(self._peer) as finder:
            finder.studies(Asked(study_instance_uid=VERIFICATION))


def _is_told(peer: Peer, hit: Hit) -> bool:
    """Whether the node said all that is needed before objects are asked for."""
    if hit.study.instances is None or peer.retrieval is Retrieval.MOVE:
        return hit.study.instances is not None
    return bool(hit.classes) and len(for_fetching(hit.classes)) == 1


def _close(peer: Peer, tally: Tally, troubles: Troubles) -> None:
    """Raise what the node said of objects that are missing, or Short."""
    try:
        tally.close()
    except Short as short:
        if troubles.first is not None:
            raise troubles.first from None
        failed = f"; it failed to send {troubles.failed}" if troubles.failed else ""
        raise Short(peer.name, short.problem + failed) from None
