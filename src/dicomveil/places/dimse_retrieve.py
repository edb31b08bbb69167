"""Objects are fetched: C-GET over the association that asks, C-MOVE to a port of ours (PS3.4 §C.4).

A thread of its own asks; objects are handed on as they come. Warnings and failures of single
objects are only noted: whether all came is counted by who fetches.
"""

import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Final, NamedTuple

from pynetdicom import build_role, evt
from pynetdicom.association import Association

from dicomveil.errors import DicomveilError, Failed, PlaceBusy, PlaceFailed
from dicomveil.places.dimse_association import Bound, Proposal, Waiting, associated, context
from dicomveil.places.dimse_contexts import Group, for_fetching, in_one_context_each, make_known
from dicomveil.places.dimse_dcmtk import storescp
from dicomveil.places.dimse_find import SERIES, STUDY, Hit
from dicomveil.places.dimse_identifiers import Question, identifier
from dicomveil.places.dimse_intake import Ending, Intake
from dicomveil.places.dimse_peer import Peer, Receiver
from dicomveil.places.dimse_status import Meaning, meaning_of, trouble
from dicomveil.places.place import Asked
from dicomveil.places.receiving import Caller, Listener, Terms, Welcome

GET: Final = "1.2.840.10008.5.1.4.1.2.2.3"
MOVE: Final = "1.2.840.10008.5.1.4.1.2.2.2"
_ENDING: Final = 10.0
_LOOK: Final = 0.05


class Order(NamedTuple):
    """What is to be fetched, and from whom."""

    peer: Peer
    asked: Asked
    hits: tuple[Hit, ...]

    @property
    def expected(self) -> int:
        """How many objects are to come."""
        return sum(hit.study.instances or 0 for hit in self.hits)

    @property
    def classes(self) -> frozenset[str]:
        """The SOP classes of all objects; none where the node does not say them all."""
        told = all(hit.classes for hit in self.hits)
        return frozenset[str]().union(*(hit.classes for hit in self.hits)) if told else frozenset()

    def batches(self) -> list["Batch"]:
        """What is asked in each association of a C-GET.

        Series by series where not all classes fit into one: a node that has no context for an
        object of a study may break off the whole of it.
        """
        groups = for_fetching(self.classes)
        of_series = [(hit, uid, found) for hit in self.hits for uid, found in hit.of_series.items()]
        if len(groups) == 1 or not all(hit.of_series for hit in self.hits):
            return [Batch(group, list(self.questions())) for group in groups]
        batches: list[Batch] = []
        together: frozenset[str] = frozenset()
        for hit, uid, found in of_series:
            study = {STUDY: hit.study.study_instance_uid, SERIES: uid}
            fits = batches and len(for_fetching(together | found)) == 1
            together = together | found if fits else found
            asked = [*(batches.pop().questions if fits else []), identifier("SERIES", study)]
            alone = for_fetching(together)
            group = alone[0] if len(alone) == 1 else in_one_context_each(sorted(together))
            batches.append(Batch(group, asked))
        return batches

    def questions(self) -> Iterator[Question]:
        """One for each study; for each series where not the whole study is asked for."""
        asked = self.asked
        parts = asked.series_instance_uid or asked.modality or asked.series_description
        for hit in self.hits:
            study = {STUDY: hit.study.study_instance_uid}
            if not parts:
                yield identifier("STUDY", study)
                continue
            for series in hit.study.series:
                yield identifier("SERIES", study | {SERIES: series.series_instance_uid})


class Batch(NamedTuple):
    """What is asked in one association."""

    group: Group
    questions: list[Question]


class Troubles:
    """What the node said of objects that it did not send."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.first: PlaceFailed | None = None
        self.failed = 0


@contextmanager
def getting(order: Order, intake: Intake) -> Iterator[Troubles]:
    """Fetch by C-GET while the block reads what arrives."""
    with _beside(intake, lambda troubles: _get(order, intake, troubles)) as troubles:
        yield troubles


@contextmanager
def moving_to_dcmtk(order: Order, intake: Intake, spool: Path) -> Iterator[Troubles]:
    """Fetch by C-MOVE to DCMTK's receiver while the block reads what arrives.

    Raises CannotStart where it is not installed, PlaceBusy where the port is taken.
    """
    with storescp(order.peer, intake, spool) as handover:

        def fetch(troubles: Troubles) -> None:
            _move(order, intake, troubles)
            handover.finish()

        with _beside(intake, fetch) as troubles:
            yield troubles


@contextmanager
def moving(order: Order, intake: Intake) -> Iterator[Troubles]:
    """Fetch by C-MOVE to a port of ours while the block reads what arrives.

    Raises PlaceBusy where the port is taken.
    """
    peer = order.peer
    allowed = _addresses((peer.host, *peer.senders))

    def welcome(caller: Caller) -> Welcome:
        known = caller.called == peer.calling
        return Welcome.WELCOME if known else Welcome.CALLED_UNKNOWN

    terms = Terms(
        title=peer.calling,
        addresses=allowed.__contains__,
        welcome=welcome,
        take=intake.take,
        hear=intake.hear,
        gone=intake.bound.begin_anew,
        patience=peer.patience.answer,
        further=order.classes,
    )
    with (
        Listener(peer.listening, terms, peer.listening_tls),
        _beside(intake, lambda troubles: _move(order, intake, troubles)) as troubles,
    ):
        yield troubles


def _move(order: Order, intake: Intake, troubles: Troubles) -> None:
    """Ask the node to send to our AE title, and wait for what comes after its last word."""
    peer = order.peer
    proposal = Proposal([context(MOVE)], handlers=_hearing(intake), waiting=Waiting.WATCHED)
    with associated(peer, proposal) as association, _stoppable(association, intake):
        for question in order.questions():
            answers = association.send_c_move(question, peer.calling, MOVE)
            _follow(peer, "moving", answers, intake, troubles)
    newest = 1 if peer.receiver is Receiver.DCMTK else 0  # is handed on last
    while intake.taken < order.expected - newest and intake.quiet_for() < peer.patience.settle:
        if intake.stopped.wait(_LOOK):
            return


def _get(order: Order, intake: Intake, troubles: Troubles) -> None:
    """Ask in as many associations as the contexts need; each brings the objects of its classes."""
    for batch in order.batches():
        if intake.stopped.is_set():
            return
        uids = sorted({str(one.abstract_syntax) for one in batch.group})
        make_known(uids)
        proposal = Proposal(
            [context(GET), *batch.group],
            roles=[build_role(uid, scp_role=True) for uid in uids],
            handlers=[(evt.EVT_C_STORE, intake.take), *_hearing(intake)],
            waiting=Waiting.WATCHED,
        )
        with associated(order.peer, proposal) as association, _stoppable(association, intake):
            for accepted in association.accepted_contexts:
                accepted._as_scp = True  # noqa: SLF001 - some nodes answer no role, and send all the same
            for question in batch.questions:
                answers = association.send_c_get(question, GET)
                _follow(order.peer, "getting", answers, intake, troubles)


def _follow(
    peer: Peer,
    operation: str,
    answers: Iterable[tuple[Question, Question | None]],
    intake: Intake,
    troubles: Troubles,
) -> None:
    """Read answers to the last; raises PlaceBusy when they break off."""
    for said, _ in answers:
        intake.stir()
        if "Status" not in said:
            raise PlaceBusy(peer.name, "it broke off, or said nothing, while objects were awaited")
        meaning = meaning_of(said.Status)
        if meaning is not Meaning.GOING_ON:
            troubles.failed += int(said.get("NumberOfFailedSuboperations") or 0)
        if meaning is Meaning.FAILED and troubles.first is None:
            troubles.first = trouble(peer.name, operation, said.Status)


@contextmanager
def _stoppable(association: Association, intake: Intake) -> Iterator[None]:
    """Have the association aborted when nobody reads any more."""
    over = False

    def watch() -> None:
        while not over:
            if intake.stopped.wait(0.1) and not over:
                association.abort()
                association.dimse.msg_queue.put((None, None))  # wakes who waits for an answer
                return

    Thread(target=watch, name="dicom-watch", daemon=True).start()
    try:
        yield
    finally:
        over = True  # it ends by itself within a tenth of a second, which nobody waits for


@contextmanager
def _beside(intake: Intake, fetch: Callable[["Troubles"], None]) -> Iterator[Troubles]:
    """Fetch in a thread; stop it when the block ends before it does."""
    troubles = Troubles()

    def run() -> None:
        try:
            fetch(troubles)
        except DicomveilError as error:
            intake.end(error)
        except Exception as error:  # noqa: BLE001 - a thread's error must reach who waits for it
            intake.end(Failed(f"fetching broke off: {type(error).__name__}"))
        else:
            intake.end(Ending.DONE)

    thread = Thread(target=run, name="dicom-fetch", daemon=True)
    thread.start()
    try:
        yield troubles
    finally:
        intake.stopped.set()
        thread.join(_ENDING)


def _hearing(intake: Intake) -> list[Bound]:
    return [(evt.EVT_DATA_RECV, intake.hear)]


def _addresses(hosts: Iterable[str]) -> frozenset[str]:
    """The addresses of hosts; one whose name is not known has none."""
    found: set[str] = set()
    for host in hosts:
        try:
            found.update(str(entry[4][0]) for entry in socket.getaddrinfo(host, None))
        except OSError:
            continue
    return frozenset(found)
