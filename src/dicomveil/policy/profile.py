"""A profile: rules, and what happens to the elements that no rule names."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from dicomveil.dicom.hashing import blake2b
from dicomveil.errors import ProfileError
from dicomveil.policy import dummies
from dicomveil.policy.actions import Action, Dummy, Empty, NewUid, Pseudonym, Recurse, Remove
from dicomveil.policy.rules import Rule, narrowest_first
from dicomveil.policy.standard import basic_rules, confidentiality_table
from dicomveil.policy.unlisted import ByVr, reviewed_by_vr

_TEXT_VRS = frozenset({"LO", "SH", "PN", "ST", "LT", "UT", "UC", "CS", "AE"})
_REMEMBERED = 65_536  # tags a file can name are countless; memory must not grow with them


class MethodCode(NamedTuple):
    """One code of PS3.16 CID 7050 that a profile claims, for (0012,0064)."""

    value: str
    scheme: str
    meaning: str


BASIC = MethodCode("113100", "DCM", "Basic Application Confidentiality Profile")


@dataclass(frozen=True)
class Profile:
    """What happens to every element of an object; it cannot be built without `unlisted`.

    Why: a default there would be the policy of whoever forgot to think of it. Raises ProfileError
    where two rules of one breadth speak of the same tag.
    """

    name: str
    rules: Sequence[Rule]
    unlisted: Action | ByVr
    method: str = ""  # its value of (0012,0063), at most 64 characters; else made of its name
    codes: tuple[MethodCode, ...] = ()  # its items of (0012,0064): what it claims to do
    longitudinal: str = "REMOVED"  # its value of (0028,0303): what becomes of dates

    def __post_init__(self) -> None:
        """Put the rules in the order in which they decide, and see that there is a method."""
        object.__setattr__(self, "rules", narrowest_first(self.rules))
        object.__setattr__(self, "method", self.method or f"dicomveil profile {self.name}"[:64])

    @cached_property
    def compiled(self) -> "Compiled":
        """The profile as the hot loop asks it."""
        return Compiled(self.rules, self.unlisted)

    @cached_property
    def digest(self) -> str:
        """32 hexadecimal digits over everything here that decides what an output looks like."""
        lines = (
            self.name,
            *map(str, self.rules),
            str(self.unlisted),
            self.method,
            *map(str, self.codes),
            self.longitudinal,
            dummies.described(),
        )
        return blake2b("\n".join(lines).encode(), digest_size=16).hexdigest()


class Compiled:
    """A profile flattened: one dictionary look-up for a tag and VR that was met before."""

    def __init__(self, rules: Sequence[Rule], unlisted: Action | ByVr) -> None:
        """Take rules in the order in which the first match decides."""
        exact = [rule for rule in rules if rule.selector.breadth == 1]
        self._by_tag = {rule.selector.pattern: rule.action for rule in exact}
        self._families = tuple(rules[len(exact) :])
        self._unlisted = unlisted
        self._met: dict[tuple[int, str], Action] = {}

    def action(self, tag: int, vr: str) -> Action:
        """What happens to an element of this tag, written with this VR."""
        key = (tag, vr)
        action = self._met.get(key)
        if action is None:
            action = fitted(self._chosen(tag, vr), tag, vr)
            if len(self._met) < _REMEMBERED:
                self._met[key] = action
        return action

    def _chosen(self, tag: int, vr: str) -> Action:
        action = self._by_tag.get(tag) or self._for_family(tag)
        if action is not None:
            return action
        unlisted = self._unlisted
        return unlisted.action(tag, vr) if isinstance(unlisted, ByVr) else unlisted

    def _for_family(self, tag: int) -> Action | None:
        matching = (rule.action for rule in self._families if rule.selector.matches(tag))
        return next(matching, None)


def fitted(action: Action, tag: int, vr: str) -> Action:
    """The action as it can be carried out in an element of this VR.

    A table speaks of tags; a file may write any VR. What cannot be done is never left undone: the
    element is emptied or removed.
    """
    match action:
        case Dummy() if vr == "UI":
            return NewUid()  # a constant would merge what was different
        case Dummy() if vr == "SQ" and not dummies.has_item(tag):
            return Remove()
        case NewUid() if vr == "SQ":
            return Recurse()  # U* on a sequence: the UIDs inside have rows of their own
        case NewUid() if vr != "UI":
            return Remove()
        case Pseudonym() if vr not in _TEXT_VRS:
            return Empty()
        case Recurse() if vr != "SQ":
            return Remove()
        case _:
            return action


def load_profile(name: str) -> Profile:
    """The profile of that name; ProfileError that names the accepted ones when there is none."""
    build = _PROFILES.get(name)
    if build is None:
        raise ProfileError(f"there is no such profile; accepted: {', '.join(sorted(_PROFILES))}")
    return build()


def _basic() -> Profile:
    table = confidentiality_table()
    return Profile(
        name="basic",
        rules=basic_rules(table),
        unlisted=reviewed_by_vr(),
        method=f"dicomveil PS3.15 {table.edition} Basic Application Confidentiality Profile",
        codes=(BASIC,),
    )


_PROFILES = {"basic": _basic}
