"""A YAML text as a tree of nodes that know their lines: texts, lists and keys, nothing else.

Only the events of YAML are used, so no text becomes an object, a date or a truth value: `NO` is
the text NO. Anchors, aliases, tags, a second document, a key twice, and more than the bounds below
are refused.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import yaml

from dicomveil.policy.recipe.faults import Wrong

LARGEST = 1 << 20  # characters
DEEPEST = 16
MOST_NODES = 100_000
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar as it was written."""

    line: int
    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    line: int
    items: "list[Node]" = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys and what stands after them, in the order of the file; a key may stand there twice."""

    line: int
    pairs: "list[tuple[Text, Node]]" = field(default_factory=list)


Node = Text | Items | Keys


def parse(text: str) -> Node:
    """The one document of a YAML text; Wrong with the line of what is not accepted."""
    if len(text) > LARGEST:
        raise Wrong(1, "the recipe is too large", f"at most {LARGEST} characters are read")
    try:
        return _Tree().grow(yaml.parse(text, Loader=_LOADER))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        raise Wrong(
            line, "this is not YAML", _advice(error, text.splitlines()[line - 1 : line])
        ) from error


def _advice(error: yaml.YAMLError, at: Sequence[str]) -> str:
    """What is usually meant: PyYAML's own words may quote the line."""
    problem = str(getattr(error, "problem", "") or "")
    if any(line.lstrip(" ").startswith("\t") for line in at):
        return "indent with spaces, not with tabs"
    if "mapping values" in problem:
        return 'put a text that holds ": " into quotes'
    return "look for an unclosed quote or bracket, or an indentation that does not fit"


class _Tree:
    """The tree while it grows: one open list or mapping for each level."""

    def __init__(self) -> None:
        self._open: list[Items | Keys] = []
        self._key: list[Text | None] = []  # of each level, the key that waits for its value
        self._root: Node | None = None
        self._count = 0

    def grow(self, events: Iterator[yaml.Event]) -> Node:
        """The finished tree."""
        documents = 0
        for event in events:
            line = event.start_mark.line + 1 if event.start_mark else 1
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise Wrong(line, "a second document begins here", "write one recipe per file")
            self._take(event, line)
        if self._root is None:
            raise Wrong(1, "the recipe is empty", "begin with `dicomveil profile new`")
        return self._root

    def _take(self, event: yaml.Event, line: int) -> None:
        if isinstance(event, yaml.AliasEvent):
            raise Wrong(line, "YAML aliases are not accepted", "write the text out")
        if isinstance(event, yaml.NodeEvent):
            self._place(event, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            self._key.pop()

    def _place(self, event: yaml.NodeEvent, line: int) -> None:
        self._check(event, line)
        node = _node(event, line)
        self._attach(node, line)
        if isinstance(node, Items | Keys):
            self._open.append(node)
            self._key.append(None)

    def _check(self, event: yaml.NodeEvent, line: int) -> None:
        self._count += 1
        if self._count > MOST_NODES or len(self._open) >= DEEPEST:
            raise Wrong(line, "the recipe is too large", f"nest at most {DEEPEST} levels")
        if event.anchor is not None:
            raise Wrong(line, "YAML anchors are not accepted", "write the text out")
        if getattr(event, "tag", None) not in (None, "!"):
            raise Wrong(line, "YAML tags are not accepted", "write the text alone, without `!`")

    def _attach(self, node: Node, line: int) -> None:
        if not self._open:
            self._root = node
            return
        inside = self._open[-1]
        if isinstance(inside, Items):
            inside.items.append(node)
        elif self._key[-1] is not None:
            inside.pairs.append((self._key[-1], node))
            self._key[-1] = None
        elif isinstance(node, Text):
            self._key[-1] = node
        else:
            raise Wrong(line, "a key must be a text", "put it into quotes")


def _node(event: yaml.NodeEvent, line: int) -> Node:
    if isinstance(event, yaml.ScalarEvent):
        return Text(line, event.value, quoted=event.style is not None and event.style != "")
    return Items(line) if isinstance(event, yaml.SequenceStartEvent) else Keys(line)


def text_of(node: Node, what: str) -> Text:
    """The node, which must be a text that is not empty; `what` names it in the fault."""
    if not isinstance(node, Text):
        raise Wrong(node.line, f"{what} is one text", "write it on one line, after the colon")
    if not node.text.strip():
        raise Wrong(node.line, f"{what} is empty", "write it after the colon")
    return node


def items_of(node: Node) -> list[Node]:
    """The items of a list; a node by itself counts as a list of one."""
    return node.items if isinstance(node, Items) else [node]


def keys_of(node: Node, what: str, fix: str) -> list[tuple[Text, Node]]:
    """The keys of a mapping, each once; Wrong for a key that stands there twice."""
    if not isinstance(node, Keys):
        raise Wrong(node.line, f"{what} should hold keys and values", fix)
    first: dict[str, int] = {}
    for key, _ in node.pairs:
        if key.text in first:
            raise Wrong(
                key.line,
                f"this key stands at line {first[key.text]} already",
                "keep one of the two lines",
            )
        first[key.text] = key.line
    return node.pairs


def number_of(node: Node, what: str, low: int, high: int) -> int:
    """The whole number that a node says, within the bounds."""
    text = text_of(node, what).text
    if not text.isascii() or not text.isdigit() or not low <= int(text[:9]) <= high:
        raise Wrong(node.line, f"{what} is not accepted", f"a whole number from {low} to {high}")
    return int(text)
