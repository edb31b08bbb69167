"""What became of each file, and the counts that must come out even."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Status(StrEnum):
    """What became of one file; every file that was found has exactly one."""

    DELIVERED = "delivered"
    DUPLICATE = "duplicate"  # the very output was delivered already
    SKIPPED = "skipped"  # not DICOM; the code is its kind
    QUARANTINED = "quarantined"  # nothing was delivered; the code says why
    FAILED = "failed"  # the machine failed; the code says how


REASONS: Final = {
    "internal": Status.QUARANTINED,
    "unreadable": Status.FAILED,
    "vanished": Status.FAILED,
    "changed": Status.FAILED,
    "io-error": Status.FAILED,
    "no-memory": Status.FAILED,
    "worker-lost": Status.FAILED,
}
"""The codes that the run itself gives, as docs/deid.md explains them; others are in `errors`."""

_EXAMPLES: Final = 5


@dataclass(slots=True)
class Tally:
    """How many files ended how, and the first few numbers of each code."""

    statuses: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)  # of quarantined and failed files
    kinds: Counter[str] = field(default_factory=Counter)  # of skipped files
    examples: dict[str, tuple[int, ...]] = field(default_factory=dict)
    illegal: int = 0  # values removed because they are not legal for their VR

    @property
    def found(self) -> int:
        """Every file that has a status."""
        return sum(self.statuses.values())

    def note(self, status: Status, code: str, number: int) -> None:
        """Count why a file was not delivered; its status is counted already."""
        if status is Status.SKIPPED:
            self.kinds[code] += 1
        elif code:
            self.codes[code] += 1
            shown = self.examples.get(code, ())
            if len(shown) < _EXAMPLES:
                self.examples[code] = (*shown, number)

    def add(self, other: "Tally") -> None:
        """Count all that `other` counted."""
        self.statuses.update(other.statuses)
        self.codes.update(other.codes)
        self.kinds.update(other.kinds)
        self.illegal += other.illegal
        for code, numbers in other.examples.items():
            both = sorted((*self.examples.get(code, ()), *numbers))
            self.examples[code] = tuple(both[:_EXAMPLES])

    def as_counts(self) -> dict[str, int]:
        """The counts that reconcile: found is the sum of the others."""
        return {"found": self.found} | {str(s): self.statuses[s] for s in Status}
