"""The Basic Application Level Confidentiality Profile of PS3.15 Annex E, as rules."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, TypedDict

from dicomveil.policy import tables
from dicomveil.policy.actions import (
    Action,
    Dummy,
    Empty,
    Keep,
    Kind,
    NewUid,
    Pseudonym,
    Remove,
)
from dicomveil.policy.compounds import ByType, Code, is_typed
from dicomveil.policy.rules import Rule
from dicomveil.policy.selectors import GROUP_LENGTHS, Selector, selector, whole_group

TABLE = "ps3.15_e1-1.json"

# Z and Z/D rows that get a pseudonym instead of nothing: without them a study falls apart.
PSEUDONYMS = {
    0x00080050: Kind.ACCESSION,
    0x00100010: Kind.PATIENT_NAME,
    0x00100020: Kind.PATIENT_ID,
    0x00200010: Kind.STUDY_ID,
}

# Groups that have no place in a data set; Table E.1-1 lists some of their elements, which go too.
STRAY_GROUPS = {
    0x0000: "PS3.7 E.1: command elements",
    0x0002: "PS3.10 7.1: file meta elements in the data set",
    0x0004: "PS3.10 8.6: directory elements, PS3.15 E.1.1",
}
# Without its Overlay Data, which the table removes, an overlay plane is not valid.
OVERLAYS = Rule(selector("(60xx,xxxx)"), Remove(), "PS3.3 C.9.2: Overlay Data is of Type 1")
WHOLE_GROUPS = STRAY_GROUPS | {
    0xFFFA: "PS3.15 E.1.1: digital signatures of what is no longer there",
    0xFFFC: "PS3.10 7.2: data set trailing padding",
}


class Row(NamedTuple):
    """One row of Table E.1-1: what the Basic Profile does, and what each option does instead."""

    selector: Selector
    name: str
    code: Code
    vr: str = ""  # "" where the dictionary does not know it
    options: Mapping[str, str] = MappingProxyType({})  # K or C by the option's column


class ConfidentialityTable(NamedTuple):
    """Table E.1-1 of one edition of PS3.15."""

    edition: str
    rows: tuple[Row, ...]


class Source(TypedDict):
    """Where the table comes from."""

    edition: str


class Contents(TypedDict):
    """The file of the table: each row has a value, text for most, for each column."""

    meta: Source
    columns: list[str]
    rows: list[list[object]]


def table_contents() -> Contents:
    """All columns of Table E.1-1, the options' too."""
    contents: Contents = json.loads(tables.read_text(TABLE))
    return contents


def confidentiality_table() -> ConfidentialityTable:
    """Table E.1-1 with its options."""
    contents = table_contents()
    columns = ("tag", "name", "basic", "vr", "options")
    tag, name, basic, vr, options = (contents["columns"].index(column) for column in columns)
    rows = tuple(
        Row(
            selector(str(row[tag])),
            str(row[name]),
            Code(row[basic]),
            str(row[vr] or ""),
            _columns(row[options]),
        )
        for row in contents["rows"]
    )
    return ConfidentialityTable(contents["meta"]["edition"], rows)


def _columns(options: object) -> Mapping[str, str]:
    return options if isinstance(options, dict) else {}


def basic_rules(table: ConfidentialityTable) -> tuple[Rule, ...]:
    """The rules of the Basic Profile: the table's rows, and the groups the prose speaks of."""
    origin = f"PS3.15 {table.edition} Table E.1-1"
    listed = [Rule(row.selector, basic_action(row), origin) for row in listed_rows(table)]
    groups = [Rule(whole_group(n), Remove(), clause) for n, clause in WHOLE_GROUPS.items()]
    lengths = Rule(GROUP_LENGTHS, Remove(), "PS3.5 7.2: group lengths, retired")
    return (*listed, *groups, OVERLAYS, lengths)


def listed_rows(table: ConfidentialityTable) -> tuple[Row, ...]:
    """The rows that a data set may hold: elements of stray groups go with their groups."""
    return tuple(row for row in table.rows if not _stray(row))


def basic_action(row: Row) -> Action | ByType:
    """What the Basic Profile does to the elements of a row."""
    kind = PSEUDONYMS.get(row.selector.pattern)
    if kind:
        return Pseudonym(kind)
    family = row.selector.breadth > 1  # as overlays: what is left of it goes too
    return PLAIN[row.code] if family or not is_typed(row.code) else ByType(row.code)


def _stray(row: Row) -> bool:
    return row.selector.breadth == 1 and row.selector.pattern >> 16 in STRAY_GROUPS


PLAIN: Mapping[Code, Action] = {
    Code.D: Dummy(),
    Code.Z: Empty(),
    Code.X: Remove(),
    Code.K: Keep(),
    Code.U: NewUid(),
}
