"""Remove the whole of an earlier output, and nothing else.

What its manifest and journals do not name is foreign, and then nothing is removed. The manifest
goes last, so that a removal that was cut short can be done again.
"""

import os
from collections.abc import Iterable, Iterator
from itertools import islice

from dicomveil.errors import CannotStart
from dicomveil.jobs import journal, manifest, private
from dicomveil.jobs.layout import DICOMDIR
from dicomveil.jobs.outcome import Status
from dicomveil.jobs.plan import Directory, Order
from dicomveil.jobs.record import Record, unquoted
from dicomveil.places.folder import is_passing


def check_ours(order: Order) -> None:
    """Raise CannotStart when DST holds files that are not of the earlier run's making."""
    if manifest.read_header(order.destination) is None:
        return
    known = sum(os.path.lexists(path) for path in _written(order))
    there = sum(1 for _ in _files(order.destination))
    if there != known:
        raise CannotStart("DST holds other files than those of an earlier run; nothing was removed")


def remove(order: Order) -> None:
    """Remove the earlier output, its folders, and its private side."""
    if manifest.read_header(order.destination) is not None:
        for path in _written(order):
            if os.path.lexists(path):
                os.unlink(path)
        for name in os.listdir(order.destination):
            if is_passing(name):
                os.unlink(order.destination + b"/" + name)
        for folder, _, _ in os.walk(order.destination, topdown=False):
            if folder != order.destination:
                os.rmdir(folder)
    private.clear(order.private)
    manifest.remove(order.destination)


def _written(order: Order) -> Iterator[bytes]:
    """Where the outputs of the earlier run and its DICOMDIR are, or would be: each once."""
    options = (manifest.read_header(order.destination) or {}).get("options")
    if isinstance(options, dict) and options.get("dicomdir") == Directory.WRITE.value:
        yield order.destination + b"/" + DICOMDIR
    yield from _outputs(order)


def _outputs(order: Order) -> Iterator[bytes]:
    """Where the outputs of the earlier run are, or would be: each once."""
    journals = list(islice(journal.read_all(order.journal), 1))
    if not journals:
        yield from (
            order.destination + b"/" + path for path in manifest.delivered(order.destination)
        )
        return
    unproven: set[bytes] = set()
    for kept in journal.read_all(order.journal):
        yield from _claims(order, kept.held)
        unproven.update(_claims(order, kept.records[len(kept.held) :]))
    for kept in journal.read_all(order.journal) if unproven else ():
        unproven.difference_update(_claims(order, kept.held))
    yield from sorted(unproven)


def _claims(order: Order, records: Iterable[Record]) -> Iterator[bytes]:
    """Where the files are that these records say were delivered."""
    for record in records:
        if record.status is Status.DELIVERED:
            yield order.destination + b"/" + unquoted(record.output)


def _files(destination: bytes) -> Iterator[bytes]:
    """Every file below DST but the run's own; links count as files."""
    for folder, folders, names in os.walk(destination):
        for name in (*names, *(f for f in folders if os.path.islink(folder + b"/" + f))):
            top = folder == destination
            if not (top and (name.startswith(b"manifest.jsonl") or is_passing(name))):
                yield folder + b"/" + name
