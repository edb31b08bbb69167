"""Read the rules of a recipe, and refuse two that are equally specific and can meet."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from dicomveil.policy.recipe.actions import read_action
from dicomveil.policy.recipe.conditions import read_conditions
from dicomveil.policy.recipe.faults import Faults, Wrong
from dicomveil.policy.recipe.files import HERE, Beside
from dicomveil.policy.recipe.model import RecipeRule
from dicomveil.policy.recipe.nodes import Items, Keys, Node
from dicomveil.policy.recipe.selectors import read_selector
from dicomveil.policy.selectors import Selector
from dicomveil.policy.selectors_placed import Keywords, Placed, Target

MOST: Final = 10_000
_CASE: Final = "write {when: {Modality: CT}, action: keep}"


def read_rules(node: Node, faults: Faults, beside: Beside = HERE) -> tuple[RecipeRule, ...]:
    """The rules in the order of the file; notes every fault, and every tie between two of them.

    Files that they name are found by `beside`.
    """
    if not isinstance(node, Keys):
        raise Wrong(node.line, "rules should hold selectors and actions", "write PatientSex: keep")
    if len(node.pairs) > MOST:
        raise Wrong(node.line, "there are too many rules", f"at most {MOST}")
    rules: list[RecipeRule] = []
    for key, value in node.pairs:
        with faults.noted():
            placed = read_selector(key.text, key.line)
            rules += [_rule(case, placed, faults.file, beside) for case in _cases(value)]
    for one, other in _ties(rules):
        problem = f"line {one.line} speaks of the same elements as specifically"
        fix = "remove one of the two, or make one more specific"
        faults.add(Wrong(other.line, problem, fix))
    return tuple(rules)


def _cases(node: Node) -> list[Node]:
    """The cases of a rule: one for each condition that its actions depend on."""
    if isinstance(node, Items):
        if not node.items:
            raise Wrong(node.line, "the rule has no action", "write keep or remove")
        return node.items
    return [node]


def _rule(node: Node, placed: Placed, file: str, beside: Beside) -> RecipeRule:
    if not isinstance(node, Keys) or not any(k.text == "when" for k, _ in node.pairs):
        return RecipeRule(placed, read_action(node, placed, beside), file, node.line)
    parts = {k.text: v for k, v in node.pairs}
    if set(parts) != {"when", "action"} or len(node.pairs) != len(parts):
        raise Wrong(node.line, "a rule with a condition has when and action", _CASE)
    conditions = read_conditions(parts["when"])
    action = read_action(parts["action"], placed, beside)
    return RecipeRule(placed._replace(conditions=conditions), action, file, node.line)


def _ties(rules: Sequence[RecipeRule]) -> Iterator[tuple[RecipeRule, RecipeRule]]:
    """Each rule that ties with an earlier one, and that one."""
    alike: dict[object, list[RecipeRule]] = defaultdict(list)
    for rule in rules:
        group = (rule.placed.rank, _single(rule.placed.target))
        tied = next((each for each in alike[group] if each.placed.ties(rule.placed)), None)
        if tied is not None:
            yield tied, rule
        alike[group].append(rule)


def _single(target: Target) -> int:
    """The one tag that a target speaks of; -1 for any other target."""
    if isinstance(target, Keywords) and len(target.selectors) == 1:
        target = target.selectors[0]
    return target.pattern if isinstance(target, Selector) and target.breadth == 1 else -1
