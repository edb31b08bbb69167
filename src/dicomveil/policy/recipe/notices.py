"""What an author should know of a recipe that is sound: rules that take back or never act."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from dicomveil.policy.actions import Dummy, Empty, Keep, Remove
from dicomveil.policy.compounds import ByType, Code
from dicomveil.policy.profile import Profile
from dicomveil.policy.recipe.model import Recipe, RecipeRule, Unlisted
from dicomveil.policy.recipe.profile import base_of, exact_rules, takes_back
from dicomveil.policy.recipe.words import action_words, selector_words
from dicomveil.policy.rules import Rule, Said
from dicomveil.policy.selectors import Selector
from dicomveil.policy.selectors_placed import Keywords


class Notice(NamedTuple):
    """One remark, at the line it is about."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        """The place, then the remark."""
        return f"{self.file}, line {self.line}: {self.text}"


def notices(recipe: Recipe, profile: Profile) -> tuple[Notice, ...]:
    """Everything worth knowing of the recipe's own rules; `profile` is what it stands for."""
    found = [*_weaker(recipe), *_idle(recipe, profile), *_sections(recipe)]
    return tuple(sorted(found, key=lambda notice: notice.line))


def _weaker(recipe: Recipe) -> Iterator[Notice]:
    base = base_of(recipe)
    for rule, other in takes_back(recipe.rules, base):
        name = selector_words(other.selector)
        text = f"{name}: {action_words(rule.action)} leaves more than {base.name}"
        yield Notice(rule.file, rule.line, f"{text}; its codes are not claimed [{other.origin}]")


def _idle(recipe: Recipe, profile: Profile) -> Iterator[Notice]:
    exact = exact_rules(profile)
    for rule in recipe.rules:
        yield from _outranked(rule, exact)
        yield from _under_removed(rule, exact)


def _outranked(rule: RecipeRule, exact: Mapping[int, Rule]) -> Iterator[Notice]:
    """For an expression of several keywords: those that a rule of their own decides about."""
    target = rule.placed.target
    if not isinstance(target, Keywords) or rule.placed.length or len(target.selectors) == 1:
        return
    decided = [each for each in target.selectors if each.pattern in exact]
    if not decided:
        return
    first = selector_words(decided[0])
    other = exact[decided[0].pattern]
    text = f"{len(decided)} of {len(target.selectors)} elements have a rule of their own, which"
    said = f"{first}: {action_words(other.action)} [{other.origin}]"
    yield Notice(rule.file, rule.line, f"{text} decides: {said}")


def _under_removed(rule: RecipeRule, exact: Mapping[int, Rule]) -> Iterator[Notice]:
    """For a path: a sequence on it that is removed with all that it holds."""
    for step in rule.placed.steps:
        above = exact.get(step.pattern) if isinstance(step, Selector) else None
        if above and _takes_items(above.action):
            name = selector_words(above.selector)
            text = f"never acts: {name} is removed or emptied whole [{above.origin}]"
            yield Notice(rule.file, rule.line, text)


def _takes_items(action: Said) -> bool:
    """Whether a sequence's items go, whatever lies in them."""
    if isinstance(action, ByType):
        return action.code is not Code.X_Z_U
    return isinstance(action, Remove | Empty | Dummy)


def _sections(recipe: Recipe) -> Iterator[Notice]:
    if recipe.unlisted is Unlisted.KEEP:
        text = "elements that no rule names are kept, whatever they hold"
        yield Notice(recipe.file, recipe.lines["unlisted"], text)
    template = recipe.identity.patient_id if recipe.identity else None
    if template and all(isinstance(part, str) for part in template):
        text = "all patients get the same Patient ID and become one"
        yield Notice(recipe.file, recipe.lines["identity"], text)
    for rule in recipe.rules:
        if isinstance(rule.action, Keep) and rule.placed.text.startswith("vr:"):
            text = f"every {rule.placed.text} that no narrower rule names is kept"
            yield Notice(rule.file, rule.line, text)
