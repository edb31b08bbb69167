"""A rule: what happens to the elements it selects, and where that is written.

The narrower of two rules wins, by the number of tags they speak of, then by the path and the
conditions they ask for; two equal ones that can meet are an error when the profile is loaded, not a
surprise when it runs.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from dicomveil.errors import ProfileError
from dicomveil.policy.actions import Action, CapAge, KeepIfLegal, ShiftDate
from dicomveil.policy.compounds import ByType, Code
from dicomveil.policy.selectors import Selector
from dicomveil.policy.selectors_placed import Place, Placed


class Else(NamedTuple):
    """An action, and what the standard does by the attribute's Type where it cannot be."""

    action: KeepIfLegal | CapAge | ShiftDate
    code: Code

    def __str__(self) -> str:
        """`KeepIfLegal() or else Z/D`."""
        return f"{self.action} or else {self.code.value}"


Said = Action | ByType | Else


class Rule(NamedTuple):
    """What happens to the elements a selector names."""

    selector: Selector | Placed
    action: Said
    origin: str  # the clause or the file and line it comes from

    def __str__(self) -> str:
        """The rule as one line: `(0008,0050) -> Empty() [PS3.15 2026d Table E.1-1]`."""
        return f"{self.selector.text} -> {self.action} [{self.origin}]"

    @property
    def rank(self) -> tuple[int, int, int]:
        """The smaller decides first."""
        one = self.selector
        return one.rank if isinstance(one, Placed) else (one.breadth, 0, 0)

    def matches(self, place: Place) -> bool:
        """Whether it speaks of an element that lies there, whatever its conditions say."""
        one = self.selector
        return one.matches(place) if isinstance(one, Placed) else one.matches(place.tag)


def narrowest_first(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules in the order in which the first match decides.

    Raises ProfileError that names both rules where two of one rank can meet.
    """
    ordered = sorted(rules, key=lambda rule: rule.rank)
    exact = [r for r in ordered if is_exact(r)]
    _refuse_doubles(exact)
    _refuse_ties(ordered)
    return tuple(ordered)


def over(base: Sequence[Rule], new: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules of `base` with the new ones in place of those of equal selectors."""
    named = {rule.selector.text for rule in new}
    return (*(rule for rule in base if rule.selector.text not in named), *new)


def is_exact(rule: Rule) -> bool:
    """Whether it speaks of one tag wherever that is."""
    return isinstance(rule.selector, Selector) and rule.selector.breadth == 1


def _refuse_doubles(exact: Sequence[Rule]) -> None:
    seen: dict[int, Rule] = {}
    for rule in exact:
        assert isinstance(rule.selector, Selector)  # is_exact says so
        other = seen.setdefault(rule.selector.pattern, rule)
        if other is not rule:
            raise _tie(other, rule)


def _refuse_ties(ordered: Sequence[Rule]) -> None:
    for _, group in groupby(ordered, key=lambda rule: rule.rank):
        alike = tuple(group)
        families = [rule for rule in alike if not is_exact(rule)]
        for at, one in enumerate(families):
            others = (*families[at + 1 :], *(rule for rule in alike if is_exact(rule)))
            for other in others:
                if _ties(one.selector, other.selector):
                    raise _tie(one, other)


def _ties(one: Selector | Placed, other: Selector | Placed) -> bool:
    if isinstance(one, Selector) and isinstance(other, Selector):
        return one.overlaps(other)
    return _placed(one).ties(_placed(other))


def _placed(selector: Selector | Placed) -> Placed:
    return selector if isinstance(selector, Placed) else Placed(selector)


def _tie(one: Rule, other: Rule) -> ProfileError:
    return ProfileError(f"two rules speak of the same tags: {one} and {other}; keep one of them")
