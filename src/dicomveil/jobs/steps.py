"""The steps of a job that a worker process does: look through the source, clean, publish.

Each can be killed at any moment and done again: what is there already is found and kept.
"""

import os
import shutil
from contextlib import closing, suppress
from time import monotonic
from typing import Final, NamedTuple

from dicomveil.errors import CannotStart, Failed
from dicomveil.jobs import manifest
from dicomveil.jobs.berth import Berth
from dicomveil.jobs.deid import deidentify_tree
from dicomveil.jobs.fold import Folded
from dicomveil.jobs.hand import Tell
from dicomveil.jobs.model import Output
from dicomveil.jobs.outcome import Tally
from dicomveil.jobs.plan import Existing, Order
from dicomveil.jobs.pool import here, processes
from dicomveil.jobs.runner import Ended
from dicomveil.jobs.survey import Survey, survey
from dicomveil.places.confined import Root
from dicomveil.places.scan import Links, Scan

_EVERY: Final = 1.0  # seconds between two words on how far it is


class Where(NamedTuple):
    """A job's destination: a folder beneath a root."""

    root: bytes
    relative: bytes
    job: int
    attempt: int


def look(sources: tuple[bytes, ...], beneath: bytes, classes: frozenset[str], _: Tell) -> Survey:
    """What the source, which lies beneath a folder, holds."""
    with closing(Root(beneath)) as root:
        return survey(Scan(sources, Links.IGNORE), root.opener(), classes)


def clean(order: Order, where: Where, tell: Tell) -> Tally:
    """De-identify into the staging folder, from where an earlier attempt came to.

    The destination of the order is set here. Raises as `deidentify_tree` does, and Failed when
    there is no space left.
    """
    with closing(Berth(*where)) as berth:
        berth.take_up()
        if not _is_begun(berth):
            _clear(berth, order)
        try:
            return _cleaned(order, berth.stage(), tell)
        except CannotStart:
            # What the earlier attempt left is of another plan, or damaged: all over again.
            _clear(berth, order)
            return _cleaned(order, berth.stage(), tell)


def publish(where: Where, output: Output, _: Tell) -> None:
    """Give the staged output its final name, in place of an earlier output of this job.

    Raises JobRefused when the name is taken by something that the ledger does not know.
    """
    with closing(Berth(*where)) as berth:
        berth.publish(output)


def discard(where: Where, private: bytes, _: Tell | None = None) -> None:
    """Remove what attempts left of a job that was cancelled, failed, or is to begin anew."""
    with suppress(FileNotFoundError), closing(Root(where.root)) as root:
        # Opened first: no folder is made only to be tidied.
        os.close(root.open(where.relative, os.O_RDONLY | os.O_DIRECTORY))
        with closing(Berth(*where)) as berth:
            berth.discard()
    shutil.rmtree(private, ignore_errors=True)


def _is_begun(berth: Berth) -> bool:
    """Whether an earlier attempt left something to go on from."""
    return berth.is_staged() and manifest.read_header(berth.stage()) is not None


def _clear(berth: Berth, order: Order) -> None:
    berth.discard()
    shutil.rmtree(order.private, ignore_errors=True)


def _cleaned(order: Order, staged: bytes, tell: Tell) -> Tally:
    begun = manifest.read_header(staged) is not None
    existing = Existing.RESUME if begun else Existing.REFUSE
    order = order._replace(destination=staged, existing=existing)
    make = here if order.workers == 1 else processes
    outcome = deidentify_tree(order, make, _Progress(tell))
    if outcome.ended is Ended.FULL:
        raise Failed("there is no space left at the destination")
    if outcome.ended is Ended.INTERRUPTED:
        raise Failed("the job was interrupted")
    return outcome.tally


class _Progress:
    """Tells how many files were found and delivered so far, once a second."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._tally = Tally()
        self._next = monotonic() + _EVERY

    def __call__(self, folded: Folded) -> None:
        self._tally.add(folded.tally)
        if monotonic() >= self._next:
            self._next = monotonic() + _EVERY
            self._tell((self._tally.found, self._tally.statuses["delivered"]))
