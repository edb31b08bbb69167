"""What was done to an object: places and actions, never values."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Change(NamedTuple):
    """One element that a rule changed: where it is, its VR, and the action's name."""

    path: str
    vr: str
    action: str


@dataclass(frozen=True, slots=True)
class Report:
    """Every change to one object, in the order of its elements."""

    changes: tuple[Change, ...]
    illegal: int = 0  # values removed because they are not legal for their VR

    @property
    def counts(self) -> Mapping[str, int]:
        """How many elements each action changed."""
        return Counter(change.action for change in self.changes)
