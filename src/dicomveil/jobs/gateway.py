"""The gateway: takes what nodes send, closes quiet studies, de-identifies and delivers them.

Two halves that meet in the spool alone. Senders' threads put objects there (`take`); the thread
that calls `serve` closes studies and runs the same run as `dicomveil deid` for each. Whatever is
killed, whenever: what a sender was told of is in the spool, and a repeated run changes nothing.
"""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any, Final

from dicomveil.errors import DicomveilError, Failed, InvalidDicom
from dicomveil.jobs import manifest
from dicomveil.jobs.deid import deidentify_tree
from dicomveil.jobs.outcome import Status
from dicomveil.jobs.plan import Order
from dicomveil.jobs.pool import here
from dicomveil.jobs.reception import Reception, Study
from dicomveil.jobs.runner import Ended, Outcome
from dicomveil.places.asking import is_uid
from dicomveil.places.dimse_intake import Bound, Sent, sent_of
from dicomveil.places.dimse_status import NO_SPACE, NOT_ASKED, NOT_UNDERSTOOD, SUCCESS
from dicomveil.places.labels import Label, read_label
from dicomveil.places.place import Destination
from dicomveil.places.receiving import Caller, Network, Terms, Welcome, listed

_LOOK: Final = 0.2
_HEAD: Final = 1 << 16
_DONE: Final = frozenset({Status.DELIVERED, Status.DUPLICATE, Status.SKIPPED})
Say = Callable[[str], None]
"""Told of what happened, without a value of an element."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What is done with objects that are sent to one of our AE titles."""

    title: str  # the AE title that is called
    callers: frozenset[str]  # the AE titles that may call it
    networks: tuple[Network, ...]  # from where
    quiet: float  # seconds without an object after which a study is closed
    order: Callable[[Path, Path, Path], Order]  # of SRC, DST and the private folder
    destination: Path | None  # DST; None where an onward place has what is delivered
    onward: Destination | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the gateway bears."""

    watermark: int  # bytes that stay free where the spool is
    largest: int  # bytes of one object
    again: float = 30.0  # seconds before a study is tried again that could not be delivered
    associations: int = 10
    patience: float = 60.0


class Gateway:
    """Between the nodes that send and the folders and nodes that get what was de-identified."""

    def __init__(
        self, reception: Reception, projects: Mapping[str, Project], bounds: Bounds, say: Say
    ) -> None:
        """Keep what comes in `reception`; `projects` by their titles."""
        self._reception = reception
        self._projects = projects
        self._bounds = bounds
        self._say = say
        self._bound = Bound(bounds.largest)
        self._waiting: dict[int, float] = {}  # studies that are tried again, and when

    @property
    def terms(self) -> Terms:
        """What a listener asks of the gateway."""
        return Terms(
            title=next(iter(self._projects)),
            addresses=self._is_listed,
            welcome=self._welcome,
            take=self.take,
            hear=self._hear,
            gone=self._bound.begin_anew,
            associations=self._bounds.associations,
            patience=self._bounds.patience,
        )

    def take(self, event: Any) -> int:  # noqa: ANN401 - pynetdicom's events have what their kind has
        """Keep the object of a C-STORE; success only once it is on disk and recorded."""
        sent = sent_of(event)
        self._bound.begin_anew(event)
        title = event.assoc.requestor.primitive.called_ae_title.strip()
        if not sent.is_sound:
            return NOT_UNDERSTOOD
        if self._reception.space() - len(sent.content) < self._bounds.watermark:
            return NO_SPACE
        meta = sent.meta
        try:
            label = _label(meta, sent)
        except InvalidDicom:
            return NOT_UNDERSTOOD
        if label.sop_instance != sent.sop_instance or not is_uid(label.study):
            return NOT_ASKED
        try:
            self._reception.keep(title, label.study, label.sop_instance, (meta, sent.content))
        except Failed:
            return NO_SPACE
        return SUCCESS

    def serve(self, stop: Event) -> None:
        """Close, de-identify and deliver until `stop` is set."""
        quiet = {title: project.quiet for title, project in self._projects.items()}
        while not stop.wait(_LOOK):
            try:
                self._reception.close_quiet(quiet)
                for study in self._reception.closed():
                    if stop.is_set():
                        return
                    if self._waiting.get(study.number, 0.0) <= monotonic():
                        self.deliver(study)
            except (Failed, OSError) as error:
                self._say(f"the spool: {_said(error)}")
                stop.wait(self._bounds.again)

    def deliver(self, study: Study) -> None:
        """De-identify and deliver a closed study; one that cannot be waits to be tried again."""
        name = f"study {study.number} for {study.project}"
        project = self._projects.get(study.project)
        try:
            if project is None:
                raise Failed("no such project is configured any more")
            outcome = self._delivered(study, project)
        except (DicomveilError, OSError) as error:
            self._waiting[study.number] = monotonic() + self._bounds.again
            self._say(f"{name}: {_said(error)}; it is tried again")
            return
        counts = outcome.tally.as_counts()
        fine = all(status in _DONE for status, n in outcome.tally.statuses.items() if n)
        told = ", ".join(f"{n} {status}" for status, n in counts.items() if n and status != "found")
        if fine:
            self._reception.finish(study)
        else:
            self._reception.hold(study)
        self._say(f"{name}: {told}{'' if fine else '; its originals are held'}")

    def _delivered(self, study: Study, project: Project) -> Outcome:
        run = self._reception.run(study)
        target = project.destination or run.with_suffix(".out")
        if project.destination is None:
            shutil.rmtree(target, ignore_errors=True)
        order = project.order(study.source, target, run)
        outcome = deidentify_tree(order, here, _unwatched)
        if outcome.ended is Ended.INTERRUPTED:
            raise KeyboardInterrupt  # the study waits for the next start
        if outcome.ended is not Ended.COMPLETE:
            raise Failed("no space is left where it is delivered")
        if project.onward is not None:
            names = sorted(os.fsdecode(path) for path in _paths(order))
            for _ in project.onward.deliver(target, names):
                pass
        if project.destination is None:
            shutil.rmtree(target, ignore_errors=True)
        return outcome

    def _is_listed(self, address: str) -> bool:
        return any(listed(address, project.networks) for project in self._projects.values())

    def _welcome(self, caller: Caller) -> Welcome:
        """Nobody is welcome who is not named for the very project that is called."""
        project = self._projects.get(caller.called)
        if project is None:
            return Welcome.CALLED_UNKNOWN
        known = caller.calling in project.callers and listed(caller.address, project.networks)
        return Welcome.WELCOME if known else Welcome.CALLING_UNKNOWN

    def _hear(self, event: Any) -> None:  # noqa: ANN401 - the same
        if self._bound.is_exceeded(event):
            event.assoc.abort()


def _label(meta: bytes, sent: Sent) -> Label:
    """What the object says of itself; the whole of it is looked at only if need be."""
    size = len(meta) + len(sent.content)
    head = meta + bytes(sent.content[:_HEAD])
    try:
        return read_label(head, size)
    except InvalidDicom:
        if len(head) == size:
            raise
        return read_label(meta + bytes(sent.content), size)


def _paths(order: Order) -> set[bytes]:
    return set(manifest.delivered(order.books))


def _unwatched(_folded: object) -> None:
    """Nobody watches a run of the gateway."""


def _said(error: Exception) -> str:
    """What an error says that may be said: an OSError's text could name a path."""
    if isinstance(error, OSError):
        return os.strerror(error.errno or 0)
    return str(error)
