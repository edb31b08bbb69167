"""Profiles and recipes as `dicomveil profile` shows them to people and to programs."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from dicomveil.dicom.dictionary import tag_of
from dicomveil.dicom.tags import parse_tag
from dicomveil.errors import BadRecipe, Fault, Place, ProfileError
from dicomveil.policy.profile import PRESETS, Profile
from dicomveil.policy.recipe.notices import Notice, notices
from dicomveil.policy.recipe.profile import profile_of
from dicomveil.policy.recipe.reading import load_recipe
from dicomveil.policy.recipe.words import action_words, selector_words
from dicomveil.policy.rules import Rule
from dicomveil.policy.selectors import Selector
from dicomveil.policy.selectors_placed import Placed


class Listed:
    """The profiles of the package."""

    def people(self) -> Iterator[str]:
        """A line for each, with its options."""
        for name, options in PRESETS.items():
            labels = ", ".join(option.label for option in options)
            yield f"{name:<10} the Basic Profile" + (f" with {labels}" if labels else "")

    def programs(self) -> dict[str, object]:
        """The same as values that JSON has."""
        return {"profiles": {name: [o.label for o in chosen] for name, chosen in PRESETS.items()}}


class Shown:
    """The effective rules of one profile, in the order in which they decide."""

    def __init__(self, profile: Profile, elements: Sequence[str]) -> None:
        """Show all rules, or those that speak of the elements; ProfileError for an unknown one."""
        self._profile = profile
        tags = [_tag(element) for element in elements]
        self._rules = [r for r in profile.rules if not tags or any(_speaks(r, t) for t in tags)]

    def people(self) -> Iterator[str]:
        """The profile's head, then a line for each rule."""
        profile = self._profile
        yield f"{profile.name}: {profile.method}"
        codes = ", ".join(f"{code.value} {code.meaning}" for code in profile.codes)
        yield f"claims: {codes or 'nothing of the standard'}"
        yield f"dates: {profile.longitudinal}"
        unlisted = profile.unlisted
        yield f"unlisted: {_unlisted(unlisted)}"
        yield f"digest: {profile.digest}"
        yield ""
        wide = max((len(selector_words(rule.selector)) for rule in self._rules), default=0)
        wide = min(wide, 48)
        for rule in self._rules:
            words = f"{selector_words(rule.selector):<{wide}}  {action_words(rule.action):<24}"
            yield f"{words}  {rule.origin}"

    def programs(self) -> dict[str, object]:
        """The same as values that JSON has."""
        profile = self._profile
        return {
            "name": profile.name,
            "method": profile.method,
            "codes": [code._asdict() for code in profile.codes],
            "longitudinal": profile.longitudinal,
            "unlisted": _unlisted(profile.unlisted),
            "digest": profile.digest,
            "rules": [
                {
                    "selector": rule.selector.text,
                    "name": selector_words(rule.selector),
                    "action": action_words(rule.action),
                    "origin": rule.origin,
                }
                for rule in self._rules
            ],
        }


class _Checked(NamedTuple):
    """What is to be said of one recipe."""

    file: str
    faults: tuple[Fault, ...]
    notices: tuple[Notice, ...]


class Linted:
    """The faults and notices of recipes."""

    def __init__(self, files: Sequence[Path]) -> None:
        """Check each file."""
        self._files = files

    @cached_property
    def _checked(self) -> list[_Checked]:
        return [_check(file) for file in self._files]

    @property
    def faulty(self) -> bool:
        """Whether one of the recipes cannot be used."""
        return any(each.faults for each in self._checked)

    def people(self) -> Iterator[str]:
        """A line for each fault and notice, and one for each recipe."""
        for each in self._checked:
            yield from map(str, each.faults)
            yield from (f"{notice} (no fault)" for notice in each.notices)
            faults, remarks = len(each.faults), len(each.notices)
            yield f"{each.file}: {faults or 'no'} faults, {remarks or 'no'} remarks"

    def programs(self) -> dict[str, object]:
        """The same as values that JSON has."""
        return {
            "recipes": [
                {
                    "file": each.file,
                    "faults": [
                        {"line": fault.place.line, "problem": fault.problem, "fix": fault.fix}
                        for fault in each.faults
                    ],
                    "notices": [{"line": n.line, "text": n.text} for n in each.notices],
                }
                for each in self._checked
            ]
        }


def _check(file: Path) -> _Checked:
    try:
        recipe = load_recipe(file)
        return _Checked(file.name, (), notices(recipe, profile_of(recipe)))
    except BadRecipe as error:
        return _Checked(file.name, error.faults, ())
    except ProfileError as error:
        fault = Fault(Place(file.name), str(error), "see docs/recipes.md")
        return _Checked(file.name, (fault,), ())


def _unlisted(unlisted: object) -> str:
    words = action_words(unlisted)
    return "by review" if "by vr" in words else words


def _tag(element: str) -> int:
    tag = tag_of(element)
    if tag is not None:
        return tag
    try:
        return parse_tag(element)
    except ValueError:
        raise ProfileError("there is no element of this name; write a keyword or a tag") from None


def _speaks(rule: Rule, tag: int) -> bool:
    """Whether the rule speaks of elements of this tag, wherever they lie."""
    chosen = rule.selector
    target = chosen.target if isinstance(chosen, Placed) else chosen
    selectors = (target,) if isinstance(target, Selector) else getattr(target, "selectors", ())
    return any(each.matches(tag) for each in selectors)
