"""The crosswalk: old values beside new ones, for those who may know both.

Sorted and without repetition, by sorting stretches that fit in memory and merging them, so that
memory does not grow with the work.
"""

import csv
import heapq
import json
import os
from collections.abc import Iterable, Iterator
from io import TextIOWrapper
from itertools import groupby
from typing import Final

from dicomveil.jobs import journal, private
from dicomveil.jobs.crossing import PATIENT, UID, Pair
from dicomveil.jobs.outcome import Status
from dicomveil.jobs.plan import Order
from dicomveil.jobs.record import Record, unquoted

_IN_MEMORY: Final = 50_000
_HEADER: Final = ("id_old", "id_new")


def write(order: Order) -> None:
    """Write uids.csv, patients.csv and files.csv from the journals."""
    stretches: list[bytes] = []
    with _csv(order.private + b"/" + private.FILES) as file:
        rows = csv.writer(file)
        rows.writerow(("number", "source", "output"))
        pairs: set[Pair] = set()
        for record in _outputs(order):
            rows.writerow((record.number, _text(record.source), _text(record.output)))
            pairs.update(tuple(pair) for pair in json.loads(record.pairs or "[]"))
            if len(pairs) >= _IN_MEMORY:
                stretches.append(_spill(order, len(stretches), pairs))
                pairs = set()
    merged = heapq.merge(sorted(pairs), *map(_read, stretches))
    _write_pairs(order, (pair for pair, _ in groupby(merged)))
    for stretch in stretches:
        os.unlink(stretch)


def _outputs(order: Order) -> Iterator[Record]:
    for kept in journal.read_all(order.journal):
        for record in kept.records:
            if record.status in (Status.DELIVERED, Status.DUPLICATE):
                yield record


def _write_pairs(order: Order, pairs: Iterable[Pair]) -> None:
    """Each kind of pair to its own file."""
    uids, patients = (_csv(order.private + b"/" + n) for n in (private.UIDS, private.PATIENTS))
    with uids, patients:
        rows = {UID: csv.writer(uids), PATIENT: csv.writer(patients)}
        for writer in rows.values():
            writer.writerow(_HEADER)
        for kind, old, new in pairs:
            rows[kind].writerow((old, new))


def _spill(order: Order, number: int, pairs: set[Pair]) -> bytes:
    """A file of these pairs in order, beside the journals."""
    path = order.journal + b"/%d.pairs" % number
    with private.opened(path) as file:
        file.writelines(json.dumps(pair).encode() + b"\n" for pair in sorted(pairs))
    return path


def _read(path: bytes) -> Iterator[Pair]:
    with open(path, "rb") as file:
        for line in file:
            kind, old, new = json.loads(line)
            yield kind, old, new


def _csv(path: bytes) -> TextIOWrapper:
    """A table that only its owner may read; odd bytes of names come out as they were."""
    return TextIOWrapper(private.opened(path), "utf-8", "surrogateescape", newline="")


def _text(quoted: str) -> str:
    return unquoted(quoted).decode("utf-8", "surrogateescape")
