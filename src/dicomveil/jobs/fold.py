"""What a stretch of files comes to: their lines of the manifest and report, and their counts."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final

from dicomveil.jobs.outcome import Status, Tally
from dicomveil.jobs.record import Record, parsed, private_line, public_line

_ILLEGAL: Final = re.compile(r'"illegal":(\d+)')
_STATUS: Final = attrgetter("status")


@dataclass(slots=True)
class Folded:
    """Files that follow one another, as the run's parent needs them."""

    first: int  # the number of the first
    count: int = 0
    manifest: bytes = b""
    quarantine: bytes = b""  # the private report's lines: quarantined and failed
    skipped: bytes = b""  # the private report's lines: skipped and duplicate
    tally: Tally = field(default_factory=Tally)
    duplicates: tuple[str, ...] = ()  # the final names that were taken by the same bytes


def fold(first: int, records: Sequence[Record]) -> Folded:
    """What these records, in order, come to."""
    manifest = "".join(map(public_line, records))
    folded = Folded(first, len(records), manifest.encode("ascii"))
    tally = folded.tally
    tally.statuses = Counter(map(_STATUS, records))
    tally.illegal = sum(map(int, _ILLEGAL.findall(manifest)))
    rest = [record for record in records if record.status is not Status.DELIVERED]
    for record in rest:
        tally.note(record.status, record.code, record.number)
    folded.quarantine = _private(rest, Status.QUARANTINED, Status.FAILED)
    folded.skipped = _private(rest, Status.SKIPPED, Status.DUPLICATE)
    folded.duplicates = tuple(r.output for r in rest if r.status is Status.DUPLICATE)
    return folded


def last_of_each(lines: Iterable[bytes]) -> list[Record]:
    """The records that hold: a later line of a number takes the place of an earlier one."""
    records: list[Record] = []
    for line in lines:
        record = parsed(line)
        if records and records[-1].number == record.number:
            records[-1] = record
        else:
            records.append(record)
    return records


def _private(records: Iterable[Record], *statuses: Status) -> bytes:
    return "".join(private_line(r) for r in records if r.status in statuses).encode("ascii")
