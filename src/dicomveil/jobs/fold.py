"""What a stretch of files comes to: their lines of the manifest and report, and their counts."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from dicomveil.jobs.outcome import Status, Tally
from dicomveil.jobs.record import Record, parsed, private_line, public_line

_ILLEGAL: Final = re.compile(r'"illegal":(\d+)')


@dataclass(slots=True)
class Folded:
    """Files that follow one another, as the run's parent needs them."""

    first: int  # the number of the first
    count: int = 0
    size: int = 0  # bytes of their originals
    manifest: bytes = b""
    quarantine: bytes = b""  # the private report's lines: quarantined and failed
    skipped: bytes = b""  # the private report's lines: skipped and duplicate
    tally: Tally = field(default_factory=Tally)
    duplicates: tuple[str, ...] = ()  # the final names that were taken by the same bytes

    @property
    def next(self) -> int:
        """The number after the last."""
        return self.first + self.count


def fold(first: int, records: Sequence[Record]) -> Folded:
    """What these records, in order, come to."""
    manifest, quarantine, skipped = [], [], []
    folded = Folded(first, len(records))
    for record in records:
        manifest.append(public_line(record))
        match record.status:
            case Status.QUARANTINED | Status.FAILED:
                quarantine.append(private_line(record))
            case Status.SKIPPED | Status.DUPLICATE:
                skipped.append(private_line(record))
            case Status.DELIVERED:
                pass
        illegal = _ILLEGAL.search(record.public)
        folded.tally.count(
            record.status, record.code, record.number, int(illegal[1]) if illegal else 0
        )
        folded.size += record.size
    folded.manifest = "".join(manifest).encode("ascii")
    folded.quarantine = "".join(quarantine).encode("ascii")
    folded.skipped = "".join(skipped).encode("ascii")
    folded.duplicates = tuple(r.output for r in records if r.status is Status.DUPLICATE)
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
