"""What becomes of a content item of a structured report, by its concept (PS3.15 Table E.3.4-1).

The table lists 214 pairs of a concept and a value type. An item of any other pair is treated by its
value type alone (`UNLISTED`), so a template that is newer than the table, or private, is no leak.
"""

from collections.abc import Collection
from enum import Enum
from functools import cache
from typing import Final, NamedTuple

from dicomveil.policy import tables

TABLE: Final = "ps3.15_e3.4-1.tsv"

# PS3.16 §8.2 and Annex O: designators under which SNOMED-RT codes were written before SNOMED CT.
RETIRED_SCHEMES: Final = frozenset({"SRT", "SNM3", "99SDM"})


class ContentAction(Enum):
    """What becomes of one content item."""

    KEEP = "it stays as it is"
    RECURSE = "it stays, and each item in it is judged by itself"
    REMOVE = "it goes with all that lies in it"
    DUMMY = "its value becomes the constant of its VR"
    NEW_UIDS = "its UIDs become those of the objects it refers to, as they are now"
    SHIFT_DATE = "its date moves as the patient's dates do"
    CLEAN = "the spans of its text that identify go"
    KEEP_CODE = "its code stays where its scheme is public; else its meaning is cleaned as text"


class Concept(NamedTuple):
    """The code of a Concept Name, as it is written."""

    scheme: str  # Coding Scheme Designator
    code: str


class ContentRow(NamedTuple):
    """One row of the table: the Basic Profile's action, and those of options by their column."""

    concept: Concept
    value_type: str
    basic: str
    options: dict[str, str]
    retired: str  # the SNOMED-RT code of the same concept, "" where there is none


_REFERENCES: Final = frozenset({"UIDREF", "IMAGE", "COMPOSITE", "WAVEFORM"})
_DATES: Final = frozenset({"DATE", "DATETIME", "TIME"})
_FULL: Final = "rtn_long_full_dates"
_MODIFIED: Final = "rtn_long_modif_dates"
_UIDS: Final = "rtn_uids"
_DESCRIPTORS: Final = "clean_desc"

# What no option touches, for an item that the table does not list: (0040,A040) to its action.
UNLISTED: Final = {
    "CONTAINER": ContentAction.RECURSE,
    "CODE": ContentAction.KEEP_CODE,
    "NUM": ContentAction.KEEP,
    "SCOORD": ContentAction.KEEP,
    "SCOORD3D": ContentAction.KEEP,
    "TCOORD": ContentAction.KEEP,
    "TEXT": ContentAction.DUMMY,
    "PNAME": ContentAction.DUMMY,
    **dict.fromkeys(_DATES, ContentAction.DUMMY),
    **dict.fromkeys(_REFERENCES, ContentAction.NEW_UIDS),
}
# The options that say something of unlisted items, in the order in which they decide.
_BY_OPTION: Final = (
    (_DESCRIPTORS, {"TEXT": ContentAction.CLEAN}),
    (_MODIFIED, dict.fromkeys(_DATES, ContentAction.SHIFT_DATE)),
    (_FULL, dict.fromkeys(_DATES, ContentAction.KEEP)),
    (_UIDS, dict.fromkeys(_REFERENCES, ContentAction.KEEP)),
)


def content_action(concept: Concept, value_type: str, columns: Collection[str]) -> ContentAction:
    """What becomes of an item of this Concept Name and Value Type (0040,A040).

    `columns` are the options in force, by their columns of Table E.1-1. Where two of them meet, the
    one that cleans decides before the one that keeps. An item of an unknown Value Type goes.
    """
    row = content_row(concept, value_type)
    if row is None:
        return _unlisted(value_type, columns)
    said = {action for column, action in row.options.items() if column in columns}
    if "C" in said:
        return ContentAction.SHIFT_DATE if value_type in _DATES else ContentAction.CLEAN
    if "K" in said:
        return ContentAction.RECURSE if value_type == "CONTAINER" else ContentAction.KEEP
    return _basic(row)


def content_row(concept: Concept, value_type: str) -> ContentRow | None:
    """The row of the table for the concept, also under its retired code; None when unlisted."""
    scheme = "SRT" if concept.scheme in RETIRED_SCHEMES else concept.scheme
    return _rows().get((Concept(scheme, concept.code), value_type))


def _basic(row: ContentRow) -> ContentAction:
    """The Basic Profile's action; X/D is D, which no template forbids."""
    if row.basic == "X":
        return ContentAction.REMOVE
    return ContentAction.NEW_UIDS if row.value_type in _REFERENCES else ContentAction.DUMMY


def _unlisted(value_type: str, columns: Collection[str]) -> ContentAction:
    for column, actions in _BY_OPTION:
        if column in columns and value_type in actions:
            return actions[value_type]
    return UNLISTED.get(value_type, ContentAction.REMOVE)


@cache
def _rows() -> dict[tuple[Concept, str], ContentRow]:
    """Every row under its concept, and under its retired code where it has one."""
    rows: dict[tuple[Concept, str], ContentRow] = {}
    for scheme, code, value_type, basic, options, retired, _ in tables.read_rows(TABLE):
        chosen = dict(one.split(" ") for one in options.split("; ") if one)
        row = ContentRow(Concept(scheme, code), value_type, basic, chosen, retired)
        rows[row.concept, value_type] = row
        if retired:
            rows[Concept("SRT", retired), value_type] = row
    return rows
