"""What is to happen to an element, by Table E.1-1 and by the prose for the elements it lacks.

Read from the tables that the product ships, as data; nothing of its code is used.
"""

import csv
import json
import re
from collections.abc import Mapping
from enum import Enum, auto
from functools import cache
from importlib.resources import files
from typing import Any

from tests.oracle.registry import is_entry
from tests.oracle.tree import vr_in_dictionary
from tests.oracle.types import ELSEWHERE

TABLES = files("dicomveil") / "policy" / "tables"


class Fate(Enum):
    """What becomes of an element."""

    KEPT = auto()
    REMOVED = auto()
    EMPTIED = auto()
    DUMMY = auto()  # on a sequence: one item of dummies
    NEW_UID = auto()  # each value
    RECURSED = auto()  # a sequence: its items by the same rules
    UNLESS_REGISTERED = auto()  # a UID: each value that is no entry of the registry is replaced
    IF_LEGAL = auto()  # kept when legal for the VR, else removed
    EITHER = auto()  # kept or removed: the prose does not say


ACTIONS = {
    "X": Fate.REMOVED,
    "Z": Fate.EMPTIED,
    "D": Fate.DUMMY,
    "K": Fate.KEPT,
    "U": Fate.NEW_UID,
    "X/Z": Fate.EMPTIED,
    "X/D": Fate.DUMMY,
    "X/Z/D": Fate.DUMMY,
    "Z/D": Fate.DUMMY,
    "X/Z/U*": Fate.NEW_UID,
}

NUMERIC = frozenset("US SS UL SL UV SV FL FD OF OD OL OV AT".split())
REMOVED = frozenset("PN DA DT TM AS AE UR UN".split())
TEXT = frozenset("LO SH ST LT UT UC".split())
CODED = frozenset("CS DS IS".split())

# The bytes that are pixel data, look-up tables or waveforms (PS3.3 C.7.6.3, C.11, C.10.9).
SHOWN = frozenset(
    {
        *(0x7FE00010, 0x00283006, 0x00281408, 0x00701808),
        *range(0x00281200, 0x00281205),
        *range(0x00281211, 0x00281214),
        *range(0x00281221, 0x00281225),
        *(0x54000110, 0x54000112, 0x5400100A, 0x54001010),
    }
)
# Retired coefficients of pixel data: pixel data to some, to others not.
CONTESTED = frozenset({0x7FE00020, 0x7FE00030, 0x7FE00040})


# PS3.15 Table E.1-1a and decision 0014: by the Type where one is known, 1C as 1 and 2C as 2.
BY_TYPE = {
    "X": {"1": "D", "2": "Z", "3": "X"},
    "Z": {"1": "D", "2": "Z", "3": "Z"},
    "Z/D": {"1": "D", "2": "Z", "3": "Z"},
    "X/Z": {"1": "D", "2": "Z", "3": "X"},
    "X/D": {"1": "D", "2": "D", "3": "X"},
    "X/Z/D": {"1": "D", "2": "Z", "3": "X"},
    "X/Z/U*": {"1": "U", "2": "U", "3": "X"},
    "D": {"1": "D", "2": "D", "3": "D", ELSEWHERE: "X"},
}


def by_type(action: str, type_: str | None) -> str:
    """The action for an attribute of this Type; None where the Type is not known."""
    if type_ is None or action not in BY_TYPE:
        return action
    choices = BY_TYPE[action]
    return choices.get(type_) or choices["3" if type_ == ELSEWHERE else type_[0]]


def fate(tag: int, vr: str, type_: str | None = None) -> Fate:
    """What happens to an element of this tag, effective VR and Type under the Basic profile."""
    group, element = tag >> 16, tag & 0xFFFF
    if group % 2 or element == 0 or group in {0x0000, 0x0004}:
        return Fate.REMOVED
    if group & 0xFF00 in {0x5000, 0x6000} or not _known(tag):
        return Fate.REMOVED
    row = rows().get(tag)
    if row:
        return _dummied(tag, vr, _listed(by_type(row, type_), vr))
    unlisted = _unlisted(tag, vr)
    if unlisted is Fate.REMOVED and type_ in {"1", "1C", "2", "2C"}:
        return _dummied(tag, vr, ACTIONS[by_type("X", type_)])
    return unlisted


def _dummied(tag: int, vr: str, chosen: Fate) -> Fate:
    """A dummy as the VR can have one: a UID is replaced, a sequence without dummies goes."""
    if chosen is Fate.DUMMY and vr == "UI":
        return Fate.NEW_UID
    lacks = vr == "SQ" and (tag,) not in {path[:1] for path in dummy_items()}
    return Fate.REMOVED if chosen is Fate.DUMMY and lacks else chosen


def _listed(action: str, vr: str) -> Fate:
    chosen = ACTIONS[action]
    on_sequence = {Fate.NEW_UID: Fate.RECURSED, Fate.KEPT: Fate.RECURSED}
    return on_sequence.get(chosen, chosen) if vr == "SQ" else chosen


def _unlisted(tag: int, vr: str) -> Fate:
    if vr in TEXT:
        return reviewed().get(tag, Fate.REMOVED)
    if vr in {"OB", "OW"}:
        if tag in CONTESTED:
            return Fate.EITHER
        return Fate.KEPT if tag in SHOWN else Fate.REMOVED
    by_vr = {"UI": Fate.UNLESS_REGISTERED, "SQ": Fate.RECURSED}
    by_vr |= dict.fromkeys(CODED, Fate.IF_LEGAL) | dict.fromkeys(NUMERIC, Fate.KEPT)
    return by_vr.get(vr, Fate.REMOVED)


@cache
def rows() -> Mapping[int, str]:
    """The basic action of each single tag of Table E.1-1."""
    return {tag: str(row["basic"]) for tag, row in _table().items()}


@cache
def columns() -> Mapping[int, Mapping[str, str]]:
    """What the columns of the options say, K or C, of each single tag of Table E.1-1."""
    return {tag: dict(row["options"]) for tag, row in _table().items()}


@cache
def _table() -> Mapping[int, Mapping[str, Any]]:
    table: Any = json.loads((TABLES / "ps3.15_e1-1.json").read_text("utf-8"))
    single = re.compile(r"\(([0-9A-F]{4}),([0-9A-F]{4})\)")
    told = (dict(zip(table["columns"], row, strict=True)) for row in table["rows"])
    pairs = ((single.fullmatch(row["tag"]), row) for row in told)
    return {int(tag[1] + tag[2], 16): row for tag, row in pairs if tag}


@cache
def reviewed() -> Mapping[int, Fate]:
    """What the reviewed list says of unlisted text; a tag it lacks is removed."""
    lines = (TABLES / "reviewed_text.tsv").read_text("utf-8").splitlines()
    told = (row for row in csv.reader(lines, delimiter="\t") if len(row) >= 4)
    decided: dict[int, Fate] = {}
    for tag, _, _, verdict, *_ in told:
        digits = re.sub(r"[(),]", "", tag)
        if re.fullmatch("[0-9A-Fa-f]{8}", digits):
            decided[int(digits, 16)] = {"keep": Fate.KEPT, "remove": Fate.REMOVED}[verdict]
    return decided


@cache
def dummies() -> Mapping[str, str]:
    """The documented dummy of each VR."""
    lines = (TABLES / "dummies_by_vr.tsv").read_text("utf-8").splitlines()
    told = (row for row in csv.reader(lines, delimiter="\t") if len(row) >= 2)
    return {vr: value for vr, value, *_ in told if not vr.startswith("#")}


@cache
def own_dummies() -> Mapping[tuple[int, str], bytes]:
    """The documented dummies of single tags, padded, by tag and VR."""
    lines = (TABLES / "dummies_by_tag.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    return {(_path(tag)[0], vr): _dummy_bytes(vr, value) for tag, vr, value, _ in rows}


def _dummy_bytes(vr: str, value: str) -> bytes:
    if vr == "OB":
        return bytes.fromhex(value)
    return value.encode() + b" " * (len(value) % 2)


@cache
def dummy_items() -> Mapping[tuple[int, ...], tuple[str, str]]:
    """VR and value of each element of the documented dummies, by its path from the sequence."""
    lines = (TABLES / "dummies_by_sequence.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return {_path(path): (vr, value) for path, vr, value in rows}


def _path(text: str) -> tuple[int, ...]:
    return tuple(int(re.sub(r"[(),]", "", step), 16) for step in text.split(" > "))


def registered(value: bytes) -> bool:
    """Whether a UID is exactly an entry of the registry (PS3.6 Annex A)."""
    return is_entry(value.decode("latin-1"))


def _known(tag: int) -> bool:
    return tag in rows() or bool(vr_in_dictionary(tag))
