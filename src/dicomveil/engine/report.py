"""What was done to an object: places and actions, never values."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dicomveil.dicom.elements import Element


class Change(NamedTuple):
    """One element that a rule changed: where it is, its VR, and the action's name."""

    path: str
    vr: str
    action: str


class Report(NamedTuple):
    """Every change to one object, in the order of its elements."""

    judged: Sequence[tuple[Element, str]]
    illegal: int = 0  # values removed because they are not legal for their VR

    @property
    def changes(self) -> tuple[Change, ...]:
        """The places and actions; told when asked for, because most runs never ask."""
        return tuple(Change(element.path, element.vr, name) for element, name in self.judged)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many elements each action changed."""
        return Counter(name for _, name in self.judged)
