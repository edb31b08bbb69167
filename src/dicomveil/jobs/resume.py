"""Take up an interrupted run: what is done, what is in doubt, and whether it is the same run.

Nothing is written before everything was compared: the manifest's first line with the order, each
file of SRC with its journal line, and each delivered file with what lies in DST.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from dicomveil.errors import CannotStart
from dicomveil.jobs import journal, manifest
from dicomveil.jobs.chunks import Chunk, chunks
from dicomveil.jobs.outcome import Status
from dicomveil.jobs.plan import Order
from dicomveil.jobs.record import Record, quoted, unquoted
from dicomveil.places.folder import is_passing
from dicomveil.places.scan import Found, Scan

_MEMBERS: Final = ("dicomveil", "profile", "options", "layout", "key")


class Stretch(NamedTuple):
    """Files that are done: a journal's, from `first` to before `next`."""

    first: int
    next: int


class Earlier(NamedTuple):
    """How far an earlier run came; nowhere, for a new one."""

    done: Sequence[Stretch] = ()  # in order
    doubtful: Sequence[Chunk] = ()  # single files that may or may not have been delivered
    unended: Sequence[journal.Kept] = ()  # journals of workers that were killed


def check_same(destination: bytes, header: Mapping[str, object]) -> None:
    """Raise CannotStart, naming what differs, when the earlier run was another one."""
    earlier = manifest.read_header(destination) or {}
    now = json.loads(json.dumps(header))
    for member in _MEMBERS:
        if earlier.get(member) != now.get(member):
            name = "tool version" if member == "dicomveil" else member
            raise CannotStart(f"the {name} differs from that of the run to be resumed")


def progress_of(order: Order) -> Earlier:
    """How far the run came; CannotStart naming the number of a file that is not as it was."""
    scan = enumerate(Scan(order.sources, order.links), 1)
    done: list[Stretch] = []
    doubtful: list[Chunk] = []
    unended: list[journal.Kept] = []
    for kept in journal.read_all(order.journal):
        for record in kept.records:
            found = _at(scan, record.number)
            _check_unchanged(record, found)
            if record is kept.records[-1] and not kept.proven:
                doubtful.extend(chunks([(record.number, found)], 1))
            else:
                _check_there(order.destination, record)
        if kept.held:
            done.append(Stretch(kept.first, kept.first + len(kept.held)))
        if not kept.ended:
            unended.append(kept)
    return Earlier(done, doubtful, unended)


def tidy(order: Order, earlier: Earlier) -> None:
    """End the journals of workers that were killed, and remove what they left in DST."""
    for kept in earlier.unended:
        journal.settle(order.journal, kept.first, kept.held)
    for name in os.listdir(order.destination):
        if is_passing(name):
            os.unlink(order.destination + b"/" + name)


def _at(scan: Iterator[tuple[int, Found]], number: int) -> Found:
    """The file of this number; journals and scan both go up."""
    for here, found in scan:
        if here == number:
            return found
    raise CannotStart(f"file {number} of the run to be resumed is not in SRC any more")


def _check_unchanged(record: Record, found: Found) -> None:
    same = (
        record.source == quoted(found.path)
        and record.size == found.size
        and record.mtime_ns == found.mtime_ns
    )
    if not same:
        raise CannotStart(
            f"file {record.number} of SRC is not what it was in the run to be resumed"
        )


def _check_there(destination: bytes, record: Record) -> None:
    """A delivered file must still be in DST: a crash of the machine may have taken it."""
    if record.status not in (Status.DELIVERED, Status.DUPLICATE):
        return
    size = json.loads(f"{{{record.public}}}")["size"]
    try:
        there = os.stat(destination + b"/" + unquoted(record.output), follow_symlinks=False)
    except OSError:
        there = None
    if there is None or there.st_size != size:
        raise CannotStart(f"the output of file {record.number} is gone from DST; use --overwrite")
