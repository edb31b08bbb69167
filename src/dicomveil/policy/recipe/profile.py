"""The profile that a recipe stands for: its own rules over those of what it extends.

All rules are counted together: the more specific decides, wherever it is written. Only where two
speak of exactly the same elements does the recipe's own stand in place of the one it extends.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from dicomveil.dicom.dictionary import vr_of
from dicomveil.errors import ProfileError
from dicomveil.policy.actions import (
    Action,
    CapAge,
    Clean,
    CleanStrict,
    Document,
    Dummy,
    Empty,
    Hash,
    Keep,
    KeepIfLegal,
    KeepIfRegistered,
    NewUid,
    Pseudonym,
    Remove,
    Replace,
    ShiftDate,
)
from dicomveil.policy.compounds import ByType
from dicomveil.policy.option_rules import Ways
from dicomveil.policy.options import Option
from dicomveil.policy.private_tables import Source
from dicomveil.policy.profile import PRESETS, Profile, with_options
from dicomveil.policy.recipe.documents import companions
from dicomveil.policy.recipe.model import Descriptors, Private, Recipe, RecipeRule, Unlisted
from dicomveil.policy.rules import Else, Rule, Said, over
from dicomveil.policy.selectors import GROUP_LENGTHS, PRIVATE, Selector, whole_group
from dicomveil.policy.selectors_placed import Keywords, Placed
from dicomveil.policy.standard import WHOLE_GROUPS
from dicomveil.policy.unlisted import ByVr, reviewed_by_vr

# What leaves nothing of a value behind, or only what the key can make again.
SAFE: Final = (Remove, Empty, Dummy, NewUid, Pseudonym, Hash, Replace, Document, ByType)
_SOURCES: Final = {
    Private.SAFE: (Source.SAFE,),
    Private.KNOWN: (Source.KNOWN, Source.SAFE),
}
KEPT: Final = (Keep, KeepIfLegal, KeepIfRegistered, CapAge)


def profile_of(recipe: Recipe) -> Profile:
    """What a recipe says, as the engine runs it.

    It claims the codes of what it extends only where it takes nothing back from it: a recipe that
    keeps what the Basic Profile removes is not the Basic Profile. Raises ProfileError where two
    rules tie, and for what this version cannot carry out.
    """
    base = base_of(recipe)
    own = [rule for each in reversed(recipe.lineage) for rule in each.rules]
    rules = tuple(base.rules)
    for each in reversed(recipe.lineage):
        new = tuple(_rule(rule, recipe) for rule in each.rules)
        rules = over(rules, (*new, *(one for rule in new for one in companions(rule))))
    weaker = next(takes_back(own, base), None) is not None
    return replace(
        base,
        name=recipe.name,
        rules=rules,
        unlisted=_unlisted(recipe, base),
        method=f"dicomveil recipe {recipe.name}",
        codes=() if weaker or recipe.unlisted is Unlisted.KEEP else base.codes,
        longitudinal=_longitudinal(own, base),
        filters=next((each.filters for each in recipe.lineage if each.filters), ()),
        renaming=next((each.identity for each in recipe.lineage if each.identity), None),
    )


def takes_back(rules: Sequence[RecipeRule], base: Profile) -> Iterator[tuple[RecipeRule, Rule]]:
    """Each rule that leaves more of a value than the rule of `base` for the same element."""
    by_tag = exact_rules(base)
    for rule in rules:
        for tag in exact_tags(rule.placed):
            other = by_tag.get(tag)
            if other is not None and _left(rule.action) > _left(other.action):
                yield rule, other


def exact_rules(profile: Profile) -> dict[int, Rule]:
    """The rule of each single tag, wherever it lies."""
    return {
        rule.selector.pattern: rule
        for rule in profile.rules
        if isinstance(rule.selector, Selector) and rule.selector.breadth == 1
    }


def exact_tags(placed: Placed) -> tuple[int, ...]:
    """The single tags that a selector decides about in place of a rule for the tag."""
    target = placed.target
    if isinstance(target, Keywords) and len(target.selectors) == 1:
        target = target.selectors[0]
    single = isinstance(target, Selector) and target.breadth == 1
    return (target.pattern,) if isinstance(target, Selector) and single else ()


def _left(action: Said) -> int:
    """How much of a value an action leaves: nothing, a part of it, all of it."""
    if isinstance(action, Else):
        action = action.action
    if isinstance(action, SAFE):
        return 0
    return 2 if isinstance(action, KEPT) else 1


def base_of(recipe: Recipe) -> Profile:
    """What the recipe at the root of the lineage extends, with the options of all.

    For a recipe that extends nothing: what holds of all of them.
    """
    root = recipe.lineage[-1]
    options = {option for each in recipe.lineage for option in each.options}
    private = next((each.private for each in recipe.lineage if each.private), None)
    if not root.extends:
        if options or private in (Private.SAFE, Private.KNOWN):
            raise ProfileError("options are of the Basic Profile: let the recipe extend basic")
        return Profile(recipe.name, tuple(_structure()), Remove())
    options |= set(PRESETS[root.extends])
    if private is Private.REMOVE:
        options.discard(Option.SAFE_PRIVATE)
    elif private is not None:
        options.add(Option.SAFE_PRIVATE)
    base = with_options(root.extends, options, _ways(recipe))
    if private is None or base.keeping is None:
        return base
    return replace(base, keeping=base.keeping._replace(sources=_SOURCES[private]))


def _structure() -> Iterator[Rule]:
    """What holds of every recipe: groups that have no place in a data set, private elements."""
    for number, clause in WHOLE_GROUPS.items():
        yield Rule(whole_group(number), Remove(), clause)
    yield Rule(GROUP_LENGTHS, Remove(), "PS3.5 7.2: group lengths, retired")
    yield Rule(PRIVATE, Remove(), "PS3.15 E.1.1: private elements that no rule names")


def _ways(recipe: Recipe) -> Ways:
    strict = any(each.descriptors is Descriptors.STRICT for each in recipe.lineage)
    return Ways(shift=_shift(recipe), text=CleanStrict() if strict else Clean())


def _shift(recipe: Recipe) -> ShiftDate:
    """The range of the nearest recipe that names one."""
    ranges = (each.dates for each in recipe.lineage if each.dates is not None)
    chosen = next(ranges, None)
    return ShiftDate(chosen.at_least, chosen.at_most) if chosen else ShiftDate()


def _rule(rule: RecipeRule, recipe: Recipe) -> Rule:
    action = _shift(recipe) if isinstance(rule.action, ShiftDate) else rule.action
    return Rule(_selector(rule.placed), action, rule.origin)


def _selector(placed: Placed) -> Selector | Placed:
    """A selector of tags alone as the table has it, so that equal ones are known as equal."""
    if placed.length or placed.conditions:
        return placed
    target = placed.target
    if isinstance(target, Keywords) and len(target.selectors) == 1:
        return target.selectors[0]
    return target if isinstance(target, Selector) else placed


def _unlisted(recipe: Recipe, base: Profile) -> Action | ByVr:
    chosen = next((each.unlisted for each in recipe.lineage if each.unlisted), None)
    match chosen:
        case None:
            return base.unlisted
        case Unlisted.BY_REVIEW:
            return base.unlisted if isinstance(base.unlisted, ByVr) else reviewed_by_vr()
        case Unlisted.REMOVE:
            return Remove()
        case Unlisted.KEEP:
            return Keep()


def _longitudinal(rules: Sequence[RecipeRule], base: Profile) -> str:
    """What (0028,0303) says of dates: the most that a rule leaves of them."""
    dated = [
        rule
        for rule in rules
        if rule.placed.text.startswith("vr:D")
        or any(vr_of(tag) in {"DA", "DT"} for tag in exact_tags(rule.placed))
    ]
    if base.longitudinal == "UNMODIFIED" or any(isinstance(r.action, Keep) for r in dated):
        return "UNMODIFIED"
    moved = any(not isinstance(r.action, (*SAFE, Keep)) for r in dated)
    return "MODIFIED" if moved else base.longitudinal
