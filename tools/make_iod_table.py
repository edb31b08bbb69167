"""Make src/dicomveil/policy/tables/iods.json from the module maps that highdicom ships.

    pip download --no-deps highdicom==0.28.2
    python tools/make_iod_table.py highdicom-0.28.2-py3-none-any.whl

highdicom (MIT licence) condenses the modules of PS3.3 to three JSON files; the SHA-256 of each must
be the one below. They write a macro out wherever it is included, 23 MB in all. Here each distinct
set of attributes is a node that is written once, and a sequence points to the node of its items.
"""

import hashlib
import json
import re
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, TypedDict

from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary

TARGET: Final = Path(__file__).parents[1] / "src/dicomveil/policy/tables/iods.json"
VERSION: Final = "0.28.2"
MEMBERS: Final = {
    "sop_class_iod_map": "5d9301911eb9c3d0e47fe32129a9f2d68deff6f2bfcbe5a2649ef4bf3fa63fd8",
    "iod_module_map": "2005935f6aa6a58cdad9944f0b2ef34d97f0520f88e20927905743b315eea8a3",
    "module_attribute_map": "9026a2f2037e868396bf74c55fef77183a7a69979b83e4cd3cc2b425e87f8fa6",
}
LICENCE: Final = "MIT, Copyright 2020 MGH Computational Pathology"
EDITION: Final = "not named by the package; the newest SOP class is Height Map Segmentation Storage"
TYPES: Final = ("1", "1C", "2", "2C", "3")  # the strictest for an attribute at hand first


class Attribute(TypedDict):
    """One row of a module: an attribute, and the sequences around it."""

    keyword: str
    type: str
    path: list[str]


class Module(TypedDict):
    """One row of an IOD."""

    key: str
    usage: str  # M, C or U
    ie: str


class Maps(TypedDict):
    """The three files, as highdicom writes them."""

    sop_class_iod_map: dict[str, str]
    iod_module_map: dict[str, list[Module]]
    module_attribute_map: dict[str, list[Attribute]]


class Node:
    """Attributes that lie side by side: each with its type, and those of its items."""

    def __init__(self) -> None:
        self.types: dict[int, str] = {}
        self.items: dict[int, Node] = {}

    def at(self, path: Sequence[str]) -> "Node":
        """The node inside these sequences, made where it is new."""
        node = self
        for keyword in path:
            node = node.items.setdefault(tag_of(keyword), Node())
        return node


class Nodes:
    """All distinct nodes as lines, the innermost first."""

    def __init__(self) -> None:
        self.lines: dict[str, int] = {}

    def number(self, node: Node) -> int:
        """The number of the node's line, which is written where it is new."""
        tags = sorted(node.types.keys() | node.items.keys())
        line = " ".join(self._entry(node, tag) for tag in tags)
        return self.lines.setdefault(line, len(self.lines))

    def _entry(self, node: Node, tag: int) -> str:
        inside = node.items.get(tag)
        entry = f"{tag:08X}={node.types[tag]}"
        return entry if inside is None else f"{entry}>{self.number(inside)}"


def read_maps(wheel: Path) -> Maps:
    """The three files in the wheel; SystemExit where one is not that of the version above."""
    with zipfile.ZipFile(wheel) as opened:
        read = {name: opened.read(f"highdicom/_standard/{name}.json") for name in MEMBERS}
    for name, content in read.items():
        if hashlib.sha256(content).hexdigest() != MEMBERS[name]:
            raise SystemExit(f"{name}.json is not that of highdicom {VERSION}")
    maps: Maps = {  # type: ignore[assignment]  # what lies under these hashes
        name: json.loads(content) for name, content in read.items()
    }
    return maps


def contents(maps: Maps) -> str:
    """The file: one node, module, IOD and SOP class a line, so that a new edition shows as lines.

    A module that an IOD names and the package does not have is not among the modules.
    """
    iods = {name: maps["iod_module_map"][name] for name in maps["sop_class_iod_map"].values()}
    wanted = {row["key"] for rows in iods.values() for row in rows}
    nodes = Nodes()
    modules = {
        name: nodes.number(tree(rows))
        for name, rows in sorted(maps["module_attribute_map"].items())
        if name in wanted
    }
    shown = {name: " ".join(f"{row['usage']}:{row['key']}" for row in iods[name]) for name in iods}
    parts: dict[str, Mapping[str, object]] = {
        "meta": source(),
        "sop_classes": maps["sop_class_iod_map"],
        "iods": shown,
        "modules": modules,
    }
    members = [f'"{name}": {_lines(part)}' for name, part in parts.items()]
    members.append('"nodes": [\n' + ",\n".join(json.dumps(line) for line in nodes.lines) + "\n]")
    return "{\n" + ",\n".join(members) + "\n}\n"


def source() -> dict[str, object]:
    """Where the table comes from, and how to read it."""
    return {
        "source": f"PyPI highdicom {VERSION}, _standard/*.json, from DICOM PS3.3",
        "licence": LICENCE,
        "edition": EDITION,
        "sha256": MEMBERS,
        "iods": "usage:module of each module, M mandatory, C conditional, U optional",
        "modules": "the number of each module's node, from 0",
        "nodes": "tag=type>node of each attribute, the node being that of a sequence's items",
    }


def tree(rows: Sequence[Attribute]) -> Node:
    """A module's attributes; the strictest type where one stands twice."""
    root = Node()
    for row in rows:
        types = root.at(row["path"]).types
        tag = tag_of(row["keyword"])
        types[tag] = min(types.get(tag, TYPES[-1]), row["type"], key=TYPES.index)
    return root


def tag_of(keyword: str) -> int:
    """The tag of a keyword; that of group 6000 for the repeating overlays (PS3.5 7.6)."""
    return _TAGS[keyword]


_TAGS = {entry[4]: int(tag.replace("x", "0"), 16) for tag, entry in RepeatersDictionary.items()} | {
    entry[4]: tag for tag, entry in DicomDictionary.items()
}


def _lines(members: Mapping[str, object]) -> str:
    lines = (f"{json.dumps(name)}: {json.dumps(member)}" for name, member in members.items())
    return "{\n" + ",\n".join(lines) + "\n}"


def main(arguments: Sequence[str]) -> None:
    """Read the wheel named on the command line, and write the table."""
    if len(arguments) != 1 or not re.search(r"\.whl$", arguments[0]):
        raise SystemExit(__doc__)
    TARGET.write_text(contents(read_maps(Path(arguments[0]))), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
