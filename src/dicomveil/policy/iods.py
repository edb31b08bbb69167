"""How strictly PS3.3 asks for an attribute: its Type at its place in an object of a SOP class.

An object's IOD is a list of modules. The mandatory ones always count; a conditional or optional one
counts when the object has any of its root attributes of Type 1, or of any Type where it has none of
Type 1. Of the counted modules that define an attribute at a path, the strictest wins.
"""

import json
from enum import Enum
from functools import cache, cached_property, lru_cache
from typing import Final, NamedTuple, TypedDict

from dicomveil.dicom.tags import Tag
from dicomveil.policy import tables

TABLE: Final = "iods.json"
MANDATORY: Final = "M"

# Common Instance Reference (PS3.3 C.12.2) lists again what these sequences refer to, and is wrong
# without them: Referenced Image Sequence and Source Image Sequence.
LISTING: Final = "common-instance-reference"
LISTED: Final = frozenset({0x00081140, 0x00082112})

_REMEMBERED_SETS: Final = 256  # of modules, for one IOD
_REMEMBERED_PLACES: Final = 65_536  # a file can name countless tags; memory must not grow with them
_REPEATS: Final = range(0, 0x20, 2)
_OVERLAYS: Final = range(0x6000, 0x6020, 2)

Path = tuple[Tag, ...]
"""The tags of the sequences around an attribute, from the root; item numbers play no part."""


class Type(Enum):
    """An attribute's Type (PS3.5 7.4), the strictest first for an attribute that is present.

    A condition (C) is taken to hold where the attribute is there: it is read by nobody here.
    """

    ONE = "1"
    ONE_C = "1C"
    TWO = "2"
    TWO_C = "2C"
    THREE = "3"
    ABSENT = "no attribute of this IOD at this place"

    @property
    def needs_value(self) -> bool:
        """Whether the attribute, where it is present, may not be empty."""
        return self in (Type.ONE, Type.ONE_C)


class Types:
    """The Types of the attributes of an object that has certain modules."""

    def __init__(self, iod: "Iod", used: tuple["Module", ...]) -> None:
        self._iod = iod
        self._used = tuple(module.root for module in used)
        self._all = tuple(module.root for module in iod.modules)
        self._lists = any(module.name == LISTING for module in used)
        self._met: dict[tuple[Path, Tag], Type | None] = {}

    def at(self, path: Path, tag: Tag) -> Type | None:
        """The strictest Type of the attribute inside these sequences; None when it is not known.

        Where only modules that the object does not have define it, it is of Type 3 at the root, as
        nothing asks for it; inside a sequence it has their Type, as the sequence is there. What
        Common Instance Reference lists is of Type 1C in an object that has that module.
        """
        key = (path, tag)
        if key in self._met:
            return self._met[key]
        found = _strictest(self._used, path, tag)
        if found is None:
            found = self._of_unused(path, tag)
        if self._lists and tag in LISTED and found is Type.THREE:
            found = Type.ONE_C
        if len(self._met) < _REMEMBERED_PLACES:
            self._met[key] = found
        return found

    @property
    def required(self) -> frozenset[Tag]:
        """The attributes of Type 1 or 2, C or not, somewhere in such objects.

        To remove any other one leaves the object valid wherever it lies.
        """
        return self._iod.required

    def _of_unused(self, path: Path, tag: Tag) -> Type | None:
        found = _strictest(self._all, path, tag)
        if found is None:
            return None if self._iod.incomplete else Type.ABSENT
        return found if path else Type.THREE


class Module(NamedTuple):
    """One module of an IOD."""

    name: str
    usage: str  # M, C or U
    root: "_Node"
    signs: frozenset[Tag]  # root attributes of which any shows that the module is used

    def counts(self, present: frozenset[Tag]) -> bool:
        """Whether an object with these root attributes has the module."""
        return self.usage == MANDATORY or not self.signs.isdisjoint(present)


class Iod:
    """The modules of the objects of a SOP class."""

    def __init__(self, modules: tuple[Module, ...], *, incomplete: bool) -> None:
        """Take the modules that are known; `incomplete` when the IOD has others."""
        self.modules = modules
        self.incomplete = incomplete
        self._met: dict[tuple[str, ...], Types] = {}

    def types(self, present: frozenset[Tag]) -> Types:
        """The Types in an object that has these attributes at its root."""
        used = tuple(module for module in self.modules if module.counts(present))
        key = tuple(module.name for module in used)
        types = self._met.get(key)
        if types is None:
            types = Types(self, used)
            if len(self._met) < _REMEMBERED_SETS:
                self._met[key] = types
        return types

    @cached_property
    def required(self) -> frozenset[Tag]:
        """The attributes that some module has as Type 1 or 2, C or not, at some path."""
        met: set[_Node] = set()
        waiting = [module.root for module in self.modules]
        while waiting:
            node = waiting.pop()
            if node not in met:
                met.add(node)
                waiting += map(_node, node.items.values())
        return frozenset(tag for node in met for tag in node.required)


@lru_cache(maxsize=256)
def iod(sop_class: str) -> Iod | None:
    """The IOD of a SOP class; None when the table does not know it, as private and retired ones."""
    table = _table()
    name = table["sop_classes"].get(sop_class)
    return None if name is None else _iod(name)


def described() -> str:
    """The whole table as text: equal texts give equal Types."""
    return tables.read_text(TABLE)


class _Node:
    """Attributes that lie side by side, with their Types, and the node of each one's items."""

    __slots__ = ("items", "types")

    def __init__(self, line: str) -> None:
        self.types: dict[Tag, Type] = {}
        self.items: dict[Tag, int] = {}
        for entry in line.split():
            tag, _, rest = entry.partition("=")
            word, _, items = rest.partition(">")
            self.types[int(tag, 16)] = Type(word)
            if items:
                self.items[int(tag, 16)] = int(items)

    @property
    def required(self) -> frozenset[Tag]:
        """The attributes of Type 1 or 2, C or not."""
        return frozenset(tag for tag, type_ in self.types.items() if type_ is not Type.THREE)


_Nodes = tuple[_Node, ...]


def _strictest(nodes: _Nodes, path: Path, tag: Tag) -> Type | None:
    """The strictest Type that the nodes of a root have for `tag` at `path`.

    The table writes a sequence that lies in itself, as content items and codes do, only once.
    """
    outer, around = nodes, 0
    for sequence in path:
        if sequence == around and not _defined(nodes, sequence):
            continue
        outer, nodes, around = nodes, _items(nodes, sequence), sequence
    if tag == around and not _defined(nodes, tag):
        nodes = outer
    tag = _of_first_group(tag)
    return min((n.types[tag] for n in nodes if tag in n.types), key=_STRICTNESS, default=None)


def _defined(nodes: _Nodes, tag: Tag) -> bool:
    return any(tag in node.types for node in nodes)


def _items(nodes: _Nodes, sequence: Tag) -> _Nodes:
    return tuple(_node(node.items[sequence]) for node in nodes if sequence in node.items)


_STRICTNESS: Final = list(Type).index


def _of_first_group(tag: Tag) -> Tag:
    """The tag as the table has it: overlays repeat in the groups 6000 to 601E (PS3.5 7.6)."""
    return tag & 0xFF00FFFF if tag >> 16 in _OVERLAYS else tag


class _Table(TypedDict):
    """The file of the table, as tools/make_iod_table.py writes it."""

    sop_classes: dict[str, str]
    iods: dict[str, str]
    modules: dict[str, int]
    nodes: list[str]


@cache
def _table() -> _Table:
    table: _Table = json.loads(tables.read_text(TABLE))
    return table


@cache
def _node(number: int) -> _Node:
    return _Node(_table()["nodes"][number])


@cache
def _iod(name: str) -> Iod:
    rows = [entry.split(":") for entry in _table()["iods"][name].split()]
    known = _table()["modules"]
    modules = tuple(_module(name, usage) for usage, name in rows if name in known)
    return Iod(modules, incomplete=len(modules) < len(rows))


def _module(name: str, usage: str) -> Module:
    root = _node(_table()["modules"][name])
    required = frozenset(tag for tag, type_ in root.types.items() if type_ is Type.ONE)
    signs = required or frozenset(root.types)
    overlays = {tag + (group << 16) for tag in signs if tag >> 16 == 0x6000 for group in _REPEATS}
    return Module(name, usage, root, signs | overlays)
