"""Actions and selectors in the words of recipes, for people and for recipes that are written."""

from functools import cache

from dicomveil.dicom.dictionary import keyword_of
from dicomveil.policy import actions as act
from dicomveil.policy.compounds import ByType
from dicomveil.policy.recipe.actions import PLAIN
from dicomveil.policy.rules import Else
from dicomveil.policy.selectors import Selector
from dicomveil.policy.selectors_placed import Placed


@cache
def _names() -> dict[type, str]:
    return {type(action): name for name, action in PLAIN.items()}


def action_words(action: object) -> str:  # noqa: C901 - one case for each action
    """The action as a recipe writes it; for those that no recipe can write, their class's name."""
    match action:
        case act.Hash(length):
            return f"hash: {length}"
        case act.Replace():
            return "replace: …"  # the text may be a person's
        case act.Document(kind):
            return f"document: … ({kind.name})"
        case act.Truncate(length):
            return f"truncate: {length}"
        case act.Mask(pattern):
            return f"mask: {pattern}"
        case act.JitterDate(days):
            return f"date-jitter: {days}"
        case act.Pseudonym(kind):
            return f"pseudonym: {kind.value}"
        case ByType() | Else():
            return str(action)
        case _:
            return _names().get(type(action)) or _spelled(type(action).__name__)


def selector_words(selector: Selector | Placed) -> str:
    """The keyword of a single tag; other selectors as they are written."""
    if isinstance(selector, Selector) and selector.breadth == 1:
        return keyword_of(selector.pattern) or selector.text
    return selector.text


def _spelled(name: str) -> str:
    """`KeepIfLegal` as `keep if legal`."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()
