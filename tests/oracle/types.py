"""How strictly an IOD asks for an attribute, read anew from the table of modules.

Decision 0014 is the law here; the table is read as data, and nothing of the product's code is used.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

STRICTEST = ("1", "1C", "2", "2C", "3")
ELSEWHERE = "no attribute of this IOD"
LISTS = "common-instance-reference"
LISTED = (0x00081140, 0x00082112)

Node = dict[int, tuple[str, int | None]]  # tag to Type and the node of its items


@dataclass(frozen=True)
class Asks:
    """What an object of a SOP class with these root attributes is asked for."""

    used: tuple[Node, ...]
    all: tuple[Node, ...]
    lists: bool
    whole: bool

    def of(self, path: tuple[int, ...], tag: int) -> str | None:
        """The Type, `ELSEWHERE`, or None where nobody knows."""
        said = _strictest(self.used, path, tag)
        if said is None:
            said = _strictest(self.all, path, tag)
            if said is None:
                return ELSEWHERE if self.whole else None
            said = said if path else "3"
        return "1C" if said == "3" and self.lists and tag in LISTED else said


@cache
def asks(sop_class: str, present: frozenset[int]) -> Asks | None:
    """What such an object is asked for; None for a class that the table does not know."""
    name = _table()["sop_classes"].get(sop_class)
    if name is None:
        return None
    rows = [entry.split(":") for entry in _table()["iods"][name].split()]
    known = [(usage, module) for usage, module in rows if module in _table()["modules"]]
    used = [module for usage, module in known if usage == "M" or _is_used(module, present)]
    return Asks(
        tuple(_node(_table()["modules"][module]) for module in used),
        tuple(_node(_table()["modules"][module]) for _, module in known),
        LISTS in used,
        len(known) == len(rows),
    )


def _is_used(module: str, present: frozenset[int]) -> bool:
    root = _node(_table()["modules"][module])
    required = {tag for tag, (type_, _) in root.items() if type_ == "1"} or set(root)
    return any(_plain(tag) in required for tag in present)


def _strictest(nodes: Iterable[Node], path: tuple[int, ...], tag: int) -> str | None:
    """The strictest Type; a sequence in itself is written once, at its outermost place."""
    here = list(nodes)
    above, last = here, 0
    for sequence in path:
        if not (sequence == last and not any(sequence in node for node in here)):
            inner = [node[sequence][1] for node in here if sequence in node]
            above, here = here, [_node(number) for number in inner if number is not None]
        last = sequence
    if tag == last and not any(tag in node for node in here):
        here = above
    types = [node[_plain(tag)][0] for node in here if _plain(tag) in node]
    return min(types, key=STRICTEST.index, default=None)


def _plain(tag: int) -> int:
    """The tag of the first overlay group for any of them."""
    overlay = tag >> 24 == 0x60 and tag >> 16 & 1 == 0 and tag >> 16 <= 0x601E
    return tag & 0xFF00FFFF if overlay else tag


@cache
def _node(number: int) -> Node:
    node: Node = {}
    for entry in _table()["nodes"][number].split():
        tag, _, rest = entry.partition("=")
        type_, _, items = rest.partition(">")
        node[int(tag, 16)] = (type_, int(items) if items else None)
    return node


@cache
def _table() -> Any:
    text = (files("dicomveil") / "policy" / "tables" / "iods.json").read_text("utf-8")
    return json.loads(text)
