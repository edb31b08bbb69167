"""Read the small sections of a recipe: options, unlisted, filters, dates, private."""

from enum import Enum
from typing import Final, NamedTuple, TypeVar

from dicomveil.errors import ProfileError
from dicomveil.policy.filters import Filter, Verdict
from dicomveil.policy.options import EXCLUDING, REFUSED, Option
from dicomveil.policy.recipe.conditions import read_conditions
from dicomveil.policy.recipe.faults import Wrong, accepted
from dicomveil.policy.recipe.model import Descriptors, Private, ShiftRange, Unlisted
from dicomveil.policy.recipe.nodes import (
    Items,
    Keys,
    Node,
    Text,
    items_of,
    keys_of,
    number_of,
    text_of,
)

NEAREST_SHIFT: Final = 30  # days: a smaller shift is guessed from a holiday or a weekday
FARTHEST_SHIFT: Final = 36_500
DATES_KEYS: Final = ("at-least", "at-most")
EVERYTHING: Final = "everything"
STRICT: Final = "strict"
MOST_FILTERS: Final = 1000

_Choice = TypeVar("_Choice", bound=Enum)


class Chosen(NamedTuple):
    """What the options of a recipe say."""

    options: tuple[Option, ...]
    descriptors: Descriptors


def read_options(node: Node) -> Chosen:
    """The options in the standard's order; refused ones and excluding pairs with their lines."""
    lines: dict[Option, int] = {}
    descriptors = Descriptors.SPANS
    for item in items_of(node):
        option, strict = _option(item)
        if option in lines:
            problem = f"{option.label} stands at line {lines[option]} already"
            raise Wrong(item.line, problem, "name it once")
        lines[option] = item.line
        if strict:
            descriptors = Descriptors.STRICT
    for one, other in EXCLUDING:
        if one in lines and other in lines:
            problem = f"{one.label} (line {lines[one]}) and {other.label} exclude each other"
            raise Wrong(max(lines[one], lines[other]), problem, "keep one of them")
    return Chosen(tuple(each for each in Option if each in lines), descriptors)


def _option(node: Node) -> tuple[Option, bool]:
    name, strict = node, False
    if isinstance(node, Keys) and len(node.pairs) == 1:
        name, value = node.pairs[0]
        if name.text != Option.CLEAN_DESCRIPTORS.label:
            raise Wrong(node.line, "nothing stands after this option", f"write - {name.text}")
        if not isinstance(value, Text) or value.text != STRICT:
            raise Wrong(value.line, "only strict stands after this option", "or nothing")
        strict = True
    label = text_of(name, "an option").text
    try:
        option = Option.named(label)
    except ProfileError as error:
        labels = [each.label for each in Option if each not in REFUSED]
        raise Wrong(node.line, "there is no such option", accepted(label, labels)) from error
    if option in REFUSED:
        raise Wrong(node.line, f"{label} is refused: {REFUSED[option]}", "remove this line")
    return option, strict


def read_unlisted(node: Node) -> Unlisted:
    """What becomes of elements that no rule names."""
    return _choice(node, Unlisted, "unlisted")


def read_private(node: Node) -> Private:
    """Which private elements are kept."""
    return _choice(node, Private, "private")


def _choice(node: Node, choices: type[_Choice], what: str) -> _Choice:
    by_name = {str(each.value): each for each in choices}
    text = text_of(node, what).text
    if text not in by_name:
        raise Wrong(node.line, f"this is not accepted for {what}", accepted(text, by_name))
    return by_name[text]


def read_dates(node: Node) -> ShiftRange:
    """The range of the shift of dates."""
    days = {"at-least": NEAREST_SHIFT, "at-most": 3650}
    for key, value in keys_of(node, "dates", "write at-least: 30 and at-most: 3650 below it"):
        if key.text not in DATES_KEYS:
            raise Wrong(key.line, "there is no such key of dates", accepted(key.text, DATES_KEYS))
        days[key.text] = number_of(value, key.text, NEAREST_SHIFT, FARTHEST_SHIFT)
    if days["at-least"] >= days["at-most"]:
        raise Wrong(node.line, "at-least is not less than at-most", "leave a range between them")
    return ShiftRange(days["at-least"], days["at-most"])


def read_filters(node: Node) -> tuple[Filter, ...]:
    """The filters in their order; it is known what becomes of every object."""
    if not isinstance(node, Items) or not 0 < len(node.items) <= MOST_FILTERS:
        raise Wrong(node.line, "filters is a list", "write - skip: {Modality: [PR, KO]} below it")
    filters = [_filter(item) for item in node.items]
    for at, each in enumerate(filters[:-1]):
        if not each.conditions:
            problem = f"no object gets here: line {each.line} takes everything"
            raise Wrong(filters[at + 1].line, problem, "put it last")
    includes = [each for each in filters if each.verdict is Verdict.INCLUDE]
    if includes and filters[-1].conditions:
        problem = "it is not said what becomes of objects that no include names"
        raise Wrong(filters[-1].line, problem, "end with - skip: everything")
    return tuple(filters)


def _filter(node: Node) -> Filter:
    verdicts = {each.value: each for each in Verdict}
    if not isinstance(node, Keys) or len(node.pairs) != 1:
        raise Wrong(node.line, "this is no filter", "write - quarantine: {Modality: US}")
    key, value = node.pairs[0]
    if key.text not in verdicts:
        raise Wrong(key.line, "there is no such filter", accepted(key.text, verdicts))
    if isinstance(value, Text) and value.text == EVERYTHING:
        return Filter(verdicts[key.text], (), node.line)
    return Filter(verdicts[key.text], read_conditions(value), node.line)
