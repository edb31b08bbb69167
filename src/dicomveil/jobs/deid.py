"""De-identify a tree: check the order, take up what an earlier run did, run, and finish.

Everything that can be refused is refused before anything is written.
"""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager

from dicomveil.errors import CannotStart, Failed
from dicomveil.jobs import keyfile, manifest, overwrite, preflight, private, resume
from dicomveil.jobs.plan import Crosswalk, Directory, Existing, Order, Purpose
from dicomveil.jobs.pool import MakeExecutor
from dicomveil.jobs.report import NoReport, WrittenReport
from dicomveil.jobs.resume import Earlier
from dicomveil.jobs.runner import Ended, Outcome, Runner, Watch
from dicomveil.jobs.stopping import Stopping, interruptible
from dicomveil.jobs.worker import leave, station
from dicomveil.places.scan import Passed


def deidentify_tree(order: Order, make: MakeExecutor, watch: Watch) -> Outcome:
    """Carry out the order; the outcome, which may be an interruption that `--resume` takes up.

    Raises CannotStart, KeyRefused and ProfileError before anything is written, and Failed when
    the machine fails afterwards.
    """
    with _starting():
        preflight.check(order)
        station(order.delivery)  # built before the fork, so that all workers share it
        complete = _complete(order)
    if complete is not None:
        private.clear_journals(order.private)
        return complete
    try:
        return _carried_out(order, make, watch)
    finally:
        leave(order.delivery)


def _carried_out(order: Order, make: MakeExecutor, watch: Watch) -> Outcome:
    if order.purpose is Purpose.REHEARSE:
        stopping = Stopping(None)
        with _running(), interruptible(stopping):
            return Runner(order, NoReport(), make, stopping).run(Earlier(), watch)
    return _deliver(order, make, watch)


def _complete(order: Order) -> Outcome | None:
    """The outcome of the run to be resumed, when there is nothing left to do."""
    if order.existing is Existing.OVERWRITE:
        overwrite.check_ours(order)
    if order.existing is not Existing.RESUME or order.purpose is Purpose.REHEARSE:
        return None
    resume.check_same(order.books, order.header)
    ending = manifest.read_ending(order.books)
    return Outcome(Ended.BEFORE, manifest.tally_of(ending), Passed()) if ending else None


def _deliver(order: Order, make: MakeExecutor, watch: Watch) -> Outcome:
    with _starting():
        if order.key is not None:
            keyfile.keep(order.key)
        private.open_folder(order.private)
    with private.locked(order.private):
        with _starting():
            earlier = _begin(order)
        with _running(), closing(WrittenReport(order)) as report:
            stopping = Stopping(order.journal)
            with interruptible(stopping):
                outcome = Runner(order, report, make, stopping).run(earlier, watch)
            if outcome.ended is Ended.COMPLETE:
                if order.crosswalk is Crosswalk.WRITE:
                    from dicomveil.jobs import crosswalk

                    crosswalk.write(order)
                if order.directory is Directory.WRITE:
                    from dicomveil.jobs import dicomdir

                    dicomdir.write(order.destination)
                report.finish(outcome.tally)
                private.clear_journals(order.private)
    return outcome


def _begin(order: Order) -> Earlier:
    """Make DST ready: how far an earlier run came, for a run that takes it up."""
    match order.existing:
        case Existing.RESUME:
            earlier = resume.progress_of(order)
            resume.tidy(order, earlier)
            return earlier
        case Existing.OVERWRITE:
            overwrite.remove(order)
            private.open_folder(order.private)
        case Existing.REFUSE:
            preflight.check_destination(order)  # again: another run may have come first
        case Existing.ADD:
            private.clear(order.private)
            private.open_folder(order.private)
    os.makedirs(order.destination, exist_ok=True)
    return Earlier()


@contextmanager
def _starting() -> Iterator[None]:
    """What the machine refuses before the run is a refusal; its message names no path."""
    try:
        yield
    except OSError as error:
        raise CannotStart(f"cannot start: {os.strerror(error.errno or 0)}") from None


@contextmanager
def _running() -> Iterator[None]:
    """What the machine refuses during the run is a failure; its message names no path."""
    try:
        yield
    except OSError as error:
        raise Failed(f"the run broke off: {os.strerror(error.errno or 0)}") from None
