"""A rule: what happens to the elements it selects, and where that is written.

The narrower of two rules wins, by the number of tags they speak of; two rules of one breadth that
share a tag are an error when the profile is loaded, not a surprise when it runs.
"""

from collections.abc import Sequence
from typing import NamedTuple

from dicomveil.errors import ProfileError
from dicomveil.policy.actions import Action
from dicomveil.policy.selectors import Selector


class Rule(NamedTuple):
    """What happens to the elements a selector names."""

    selector: Selector
    action: Action
    origin: str  # the clause or the file and line it comes from

    def __str__(self) -> str:
        """The rule as one line: `(0008,0050) -> Empty() [PS3.15 2026d Table E.1-1]`."""
        return f"{self.selector.text} -> {self.action} [{self.origin}]"


def narrowest_first(rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules in the order in which the first match decides.

    Raises ProfileError that names both rules where two of one breadth share a tag.
    """
    ordered = sorted(rules, key=lambda rule: rule.selector.breadth)
    exact = [rule for rule in ordered if rule.selector.breadth == 1]
    families = ordered[len(exact) :]
    _refuse_doubles(exact)
    _refuse_ties(families)
    return tuple(ordered)


def _refuse_doubles(exact: Sequence[Rule]) -> None:
    seen: dict[int, Rule] = {}
    for rule in exact:
        other = seen.setdefault(rule.selector.pattern, rule)
        if other is not rule:
            raise _tie(other, rule)


def _refuse_ties(families: Sequence[Rule]) -> None:
    for at, one in enumerate(families):
        for other in families[at + 1 :]:
            same = one.selector.breadth == other.selector.breadth
            if same and one.selector.overlaps(other.selector):
                raise _tie(one, other)


def _tie(one: Rule, other: Rule) -> ProfileError:
    return ProfileError(f"two rules speak of the same tags: {one} and {other}; keep one of them")
