"""Which objects a profile speaks of: filters that include, skip or quarantine by conditions."""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import NamedTuple

from dicomveil.policy.selectors_placed import Condition

Values = Callable[[int], Sequence[str] | None]  # of a root element; None when it is absent


class Verdict(Enum):
    """What becomes of an object that a filter's conditions hold of."""

    INCLUDE = "include"
    SKIP = "skip"
    QUARANTINE = "quarantine"


class Filter(NamedTuple):
    """One line of the filters: a verdict, and the conditions that must all hold, if any."""

    verdict: Verdict
    conditions: tuple[Condition, ...]
    line: int

    def __str__(self) -> str:
        """The filter as one line: `skip when Modality = PR`."""
        when = " and ".join(condition.text for condition in self.conditions)
        return f"{self.verdict.value} when {when}" if when else f"{self.verdict.value} everything"


def verdict_on(values: Values, filters: Sequence[Filter]) -> Verdict:
    """What the first filter says whose conditions all hold; an object that none names is in."""
    holding = (f for f in filters if all(c.holds(values(c.tag)) for c in f.conditions))
    first = next(holding, None)
    return Verdict.INCLUDE if first is None else first.verdict
