"""A profile flattened, as the hot loop asks it: what happens to an element.

`first` is one look-up by tag and VR, and is all there is to most elements. Where a rule asks for a
path, a creator or the attribute's Type, it says `Ask`, and `at` answers for the place. Rules with
conditions hold or not for an object as a whole: `for_object` gives the profile for such objects.
"""

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from dicomveil.dicom.tags import is_private, is_private_creator
from dicomveil.policy import dummies
from dicomveil.policy.actions import (
    Action,
    Ask,
    CapAge,
    Clean,
    CleanContent,
    CleanStrict,
    Document,
    Dummy,
    Empty,
    Hash,
    Keep,
    KeepIfLegal,
    Mask,
    NewUid,
    Pseudonym,
    Recurse,
    Remove,
    Replace,
    Truncate,
    UidsInText,
)
from dicomveil.policy.compounds import ByType, Code, choose
from dicomveil.policy.filters import Filter, Values, Verdict, verdict_on
from dicomveil.policy.iods import Type, Types, iod
from dicomveil.policy.options import Empties
from dicomveil.policy.rules import Else, Rule, is_exact
from dicomveil.policy.selectors import Selector
from dicomveil.policy.selectors_placed import Condition, OfVr, Place, Placed, PrivateOf
from dicomveil.policy.standard import PLAIN
from dicomveil.policy.unlisted import ByVr

if TYPE_CHECKING:
    from dicomveil.policy.private_keeping import Keeping

_TEXT_VRS = frozenset({"LO", "SH", "PN", "ST", "LT", "UT", "UC", "CS", "AE"})
_FORMED = frozenset({"AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI"})
_CLEANABLE = frozenset({"LO", "SH", "PN", "ST", "LT", "UT", "UC"})
_UNWRITABLE = frozenset({"SQ", "UN"})
_UNFILLED = frozenset({"SQ", "UI", "UN"})
_REMEMBERED = 65_536  # tags a file can name are countless; memory must not grow with them
UNLISTED = "unlisted: its VR, or the review of its tag, decides"
_OBJECTS = 64
# What holds the values of content items (PS3.3 C.17.3.2), and the meanings of codes.
CONTENT_TAGS = frozenset(
    {0x0040A120, 0x0040A121, 0x0040A122, 0x0040A123, 0x0040A124, 0x0040A160, 0x0040A168}
    | {0x0040A300, 0x00081199, 0x0040A730, 0x00080104}
)


class Law(NamedTuple):
    """What a profile says, in the order in which its rules decide."""

    rules: Sequence[Rule]
    unlisted: Action | ByVr
    keeping: "Keeping | None" = None  # what may stay of private elements
    empties: Empties = Empties.LEFT
    filters: Sequence[Filter] = ()
    spared: frozenset[int] = frozenset()  # tags whose values are not looked for in texts


class Compiled:
    """What happens to the elements of objects of one kind."""

    def __init__(self, law: Law, types: Types | None = None) -> None:
        """Take a law whose conditions all hold, or are looked at by `for_object`."""
        self._law = law
        self._types = types
        self._by_tag: dict[int, Rule] = {}
        self._families: list[Rule] = []
        self._asking: list[Rule] = []
        for rule in law.rules:
            self._sort(rule)
        self.cleans_content = any(isinstance(r.action, CleanContent) for r in law.rules)
        self._met: dict[tuple[int, str], Action | Ask] = {}
        self._placed: dict[Place, Action] = {}
        self._objects: dict[object, Compiled] = {}

    def _sort(self, rule: Rule) -> None:
        selector = rule.selector
        if isinstance(selector, Placed):
            (self._families if selector.plain else self._asking).append(rule)
        elif is_exact(rule):
            self._by_tag[selector.pattern] = rule
        else:
            self._families.append(rule)

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """What the rules and the filters ask of other elements."""
        placed = [r.selector for r in self._law.rules if isinstance(r.selector, Placed)]
        asked = [each.conditions for each in placed]
        asked += [each.conditions for each in self._law.filters]
        return tuple(dict.fromkeys(condition for each in asked for condition in each))

    def verdict(self, values: Values) -> Verdict:
        """Whether the profile is for an object with these values."""
        return verdict_on(values, self._law.filters)

    @property
    def looks_at_blocks(self) -> bool:
        """Whether private elements may stay, by whose they are."""
        private = (r for r in self._asking if isinstance(_target(r), PrivateOf))
        return self._law.keeping is not None or any(private)

    @property
    def fills(self) -> bool:
        """Whether what arrives empty, although a value is required, gets one."""
        return self._law.empties is Empties.FILLED and self._types is not None

    def filling(self, place: Place) -> bool:
        """Whether an empty element that lies there gets a dummy.

        Not of Type 1C: that it is empty says that its condition may well not hold.
        """
        return self.type_of(place) is Type.ONE and place.vr not in _UNFILLED

    @cached_property
    def cleans(self) -> bool:
        """Whether some text loses what it says of people."""
        unlisted = self._law.unlisted
        said = [str(rule.action) for rule in self._law.rules]
        said += [str(unlisted), str(self._law.keeping)]
        return self._law.keeping is not None or any("Clean" in text for text in said)

    def keeps(self, tag: int, vr: str) -> bool:
        """Whether such an element's own value is nothing to look for in texts."""
        return tag in self._law.spared or isinstance(self.action(tag, vr), Keep)

    def keeps_uid(self, tag: int) -> bool:
        """Whether a legal UID of this tag stays as it is at the root."""
        return isinstance(self.action(tag, "UI"), Keep | KeepIfLegal)

    @cached_property
    def renames(self) -> bool:
        """Whether objects get new UIDs and patients new IDs, as in the Basic Profile."""
        new_uid = isinstance(self.action(0x00080018, "UI"), NewUid)
        return new_uid and isinstance(self.action(0x00100020, "LO"), Pseudonym)

    @property
    def keeping(self) -> "Keeping | None":
        """What may stay of private elements that no rule names."""
        return self._law.keeping

    def for_object(self, sop_class: str, present: Iterable[int], values: Values) -> "Compiled":
        """The profile for objects of this class with such elements; itself where all are alike."""
        conditions, known = self.conditions, iod(sop_class)
        if not conditions and known is None:
            return self
        types = known.types(frozenset(present)) if known else None
        holding = tuple(c.holds(values(c.tag)) for c in conditions)
        key = (holding, types)
        found = self._objects.get(key)
        if found is None:
            false = {c for c, holds in zip(conditions, holding, strict=True) if not holds}
            rules = [r for r in self._law.rules if not _asks_for(r, false)]
            found = Compiled(self._law._replace(rules=rules), types)
            if len(self._objects) >= _OBJECTS:
                self._objects.clear()
            self._objects[key] = found
        return found

    def action(self, tag: int, vr: str) -> Action:
        """What happens to an element of this tag, written with this VR, at the root."""
        action = self.first(tag, vr)
        return self.at(Place(tag, vr)) if isinstance(action, Ask) else action

    def first(self, tag: int, vr: str) -> Action | Ask:
        """What happens to an element of this tag and VR; Ask where its place decides."""
        key = (tag, vr)
        known = self._met.get(key)
        if known is not None:
            return known
        action = Ask() if self._asks(tag, vr) else self._plain(Place(tag, vr))
        if len(self._met) < _REMEMBERED:
            self._met[key] = action
        return action

    def at(self, place: Place) -> Action:
        """What happens to an element that lies there; not for creators of private blocks."""
        action = self._placed.get(place)
        if action is None:
            action = self._plain(place)
            if len(self._placed) < _REMEMBERED:
                self._placed[place] = action
        return action

    def rule(self, place: Place) -> Rule | None:
        """The rule that decides about an element that lies there; None when none names it."""
        rules = (r for r in self._asking if r.matches(place))
        asking, plain = next(rules, None), self._plain_rule(place)
        if asking is None or plain is None:
            return asking or plain
        return asking if asking.rank <= plain.rank else plain

    def origin(self, place: Place) -> str:
        """Where it is written what happens to an element that lies there."""
        rule, keeping = self.rule(place), self._law.keeping
        if keeping and is_private(place.tag) and (rule is None or rule.rank > _BLOCK):
            return keeping.origin(place)
        return rule.origin if rule else UNLISTED

    def _plain_rule(self, place: Place) -> Rule | None:
        matching = (rule for rule in self._families if rule.matches(place))
        return self._by_tag.get(place.tag) or next(matching, None)

    def _asks(self, tag: int, vr: str) -> bool:
        """Whether more than tag and VR decides."""
        if is_private(tag) and self.looks_at_blocks:
            return True
        if any(_may_mean(rule, tag, vr) for rule in self._asking):
            return True
        if self.cleans_content and tag in CONTENT_TAGS:
            return True
        if self._law.keeping and self._law.keeping.may_delete(tag):
            return True
        if self._types is None:
            return False
        plain = self._plain_rule(Place(tag, vr))
        said = plain.action if plain else self._unlisted(tag, vr)
        if said in (_REMOVED, Remove()) and (plain is None or said == _REMOVED):
            return tag in self._types.required
        if isinstance(said, KeepIfLegal):
            return tag in self._types.required
        return isinstance(said, ByType | Else | Clean | CleanStrict)

    def _plain(self, place: Place) -> Action:
        action = fitted(self._chosen(place), place.tag, place.vr)
        if isinstance(action, Clean | CleanStrict) and self._needs_value(place):
            return action._replace(otherwise=Dummy())
        if isinstance(action, KeepIfLegal) and action.otherwise == Remove():
            return action._replace(otherwise=self._lost(Code.X, place))
        return action

    def _chosen(self, place: Place) -> Action:
        rule = self.rule(place)
        keeping = self._law.keeping
        if keeping and is_private(place.tag) and (rule is None or rule.rank > _BLOCK):
            return keeping.action(place)
        if keeping and keeping.deletes(place):
            return Remove()
        if rule is not None:
            return self._ruled(rule, place)
        action = self._unlisted(place.tag, place.vr)
        if isinstance(action, Remove) and self._types and place.tag in self._types.required:
            return self._by_type(Code.X, place)  # what the IOD asks for may not be absent
        return action

    def _unlisted(self, tag: int, vr: str) -> Action:
        unlisted = self._law.unlisted
        return unlisted.action(tag, vr) if isinstance(unlisted, ByVr) else unlisted

    def _ruled(self, rule: Rule, place: Place) -> Action:
        match rule.action:
            case ByType(code):
                return self._by_type(code, place)
            case Else(action, code):
                return action._replace(otherwise=self._lost(code, place))
            case action:
                return action

    def type_of(self, place: Place) -> Type | None:
        """The Type of the attribute there; None when it is not known."""
        if self._types is None:
            return None
        return self._types.at(tuple(tag for tag, _ in place.above), place.tag)

    def _needs_value(self, place: Place) -> bool:
        found = self.type_of(place)
        return found is not None and found.needs_value

    def _lost(self, code: Code, place: Place) -> Remove | Empty | Dummy | NewUid:
        """What becomes of a value that cannot stay."""
        last = fitted(self._by_type(code, place), place.tag, place.vr)
        return last if isinstance(last, Empty | Dummy | NewUid) else Remove()

    def _by_type(self, code: Code, place: Place) -> Action:
        return PLAIN[choose(code, self.type_of(place))]


_REMOVED = ByType(Code.X)
_BLOCK = (256, 0, 0)  # what a rule says of a block or less is more than what is known of it


def _target(rule: Rule) -> object:
    return rule.selector.target if isinstance(rule.selector, Placed) else rule.selector


def _asks_for(rule: Rule, conditions: set[Condition]) -> bool:
    placed = rule.selector
    return isinstance(placed, Placed) and not conditions.isdisjoint(placed.conditions)


def _may_mean(rule: Rule, tag: int, vr: str) -> bool:
    """Whether the rule speaks of such elements somewhere."""
    target = _target(rule)
    if isinstance(target, PrivateOf):
        return is_private(tag) and not is_private_creator(tag) and tag >> 16 == target.group
    if isinstance(target, OfVr):
        return target.vr == vr
    selectors = (target,) if isinstance(target, Selector) else getattr(target, "selectors", ())
    return any(one.matches(tag) for one in selectors)


def fitted(action: Action, tag: int, vr: str) -> Action:  # noqa: C901, PLR0912 - one case for each action
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
        case Recurse() | CleanContent() if vr != "SQ":
            return Remove()
        case KeepIfLegal() if vr not in _FORMED:
            return Remove()
        case Document() if vr != "OB":
            return Remove()
        case CapAge() if vr != "AS":
            return Remove()
        case Clean() | CleanStrict() if vr == "SQ":
            return Recurse()
        case Clean() | CleanStrict() if vr == "CS":
            return KeepIfLegal()
        case Clean() | CleanStrict() | UidsInText() | Truncate() | Mask() if vr not in _CLEANABLE:
            return Remove()
        case Hash() if vr not in _TEXT_VRS:
            return Empty()
        case Replace() if vr in _UNWRITABLE:
            return Remove()
        case Keep() if vr == "SQ":
            return Recurse()  # PS3.15 E.1.1: a sequence that is kept is looked into
        case _:
            return action
