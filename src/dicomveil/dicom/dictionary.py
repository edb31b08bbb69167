"""What the standard's data dictionary says of a tag: its VR, its VM and its keyword.

The table is a text file made from pydicom by tools/make_dictionary.py. It is read on the first
question, once for the VRs (every walk of implicit VR asks) and once for the rest (people ask).
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from sys import intern
from typing import NamedTuple

from dicomveil.dicom.packaged import packaged
from dicomveil.dicom.tags import Tag, is_group_length, is_private, is_private_creator

_TABLE = "dictionary.tsv"


class _Section(Enum):
    """The parts of the table, by the number of the `# rows:` line that begins them."""

    TAGS = 1
    REPEATING = 2


class Repeating(NamedTuple):
    """One entry for many tags, such as (60xx,3000): those that equal `pattern` under `mask`."""

    mask: int
    pattern: int
    vr: str
    vm: str
    keyword: str

    def matches(self, tag: Tag) -> bool:
        """Whether the tag is one of this entry's; the groups of a private tag never are."""
        return not is_private(tag) and tag & self.mask == self.pattern


def vr_of(tag: Tag) -> str | None:
    """The VR of a tag in data of implicit VR; None when the dictionary does not know the tag.

    Where PS3.6 leaves a choice it is the one of PS3.5 Annex A.1: "OB or OW" is OW, "US or SS" is US
    (the data set's Pixel Representation decides, which is the caller's to know). Group lengths of
    known groups are UL and private creators LO; other private tags, items and delimiters are None.
    """
    vr = _vrs().get(tag)
    return vr if vr is not None else _vr_by_rule(tag)


def vm_of(tag: Tag) -> str | None:
    """The value multiplicity as PS3.6 prints it, such as `2-2n`; None for an unknown tag."""
    row = _rows().get(tag)
    if row is not None:
        return row[0]
    entry = _repeating_entry(tag)
    if entry is not None:
        return entry.vm
    return None if _vr_by_rule(tag) is None else "1"


def keyword_of(tag: Tag) -> str:
    """The keyword, such as `PatientName`; "" when the tag is unknown or has none."""
    row = _rows().get(tag)
    if row is not None:
        return row[1]
    entry = _repeating_entry(tag)
    return "" if entry is None else entry.keyword


def tag_of(keyword: str) -> Tag | None:
    """The tag of a keyword; None when unknown, or when it names a repeating group's many tags."""
    return keywords().get(keyword)


def all_tags() -> Iterator[Tag]:
    """Every single tag of the dictionary in ascending order; see `repeating` for the others."""
    return iter(_vrs())


@cache
def keywords() -> Mapping[str, Tag]:
    """Every keyword of a single tag, in the order of their tags; no two tags share one."""
    rows = (row.split("\t", 4) for row in _rows_of(_Section.TAGS))
    return {row[3]: int(row[0], 16) for row in rows if row[3]}


@cache
def repeating() -> tuple[Repeating, ...]:
    """The entries that stand for many tags each: (50xx,eeee), (60xx,eeee) and retired ones."""
    rows = (line.split("\t") for line in _rows_of(_Section.REPEATING))
    return tuple(
        Repeating(_mask(tag), int(tag.replace("x", "0"), 16), vrs[:2], vm, keyword)
        for tag, vrs, vm, keyword, _ in rows
    )


def _vr_by_rule(tag: Tag) -> str | None:
    if is_private(tag):
        return "LO" if is_private_creator(tag) else None
    if is_group_length(tag) and _is_known_group(tag):
        return "UL"
    entry = _repeating_entry(tag)
    return None if entry is None else entry.vr


def _repeating_entry(tag: Tag) -> Repeating | None:
    if is_private(tag):
        return None
    for mask, entries in _repeating_by_mask().items():
        entry = entries.get(tag & mask)
        if entry is not None:
            return entry
    return None


def _mask(tag: str) -> int:
    return int("".join("0" if digit == "x" else "F" for digit in tag), 16)


def _is_known_group(tag: Tag) -> bool:
    if tag >> 16 in _groups():
        return True
    return any((tag ^ entry.pattern) & entry.mask & 0xFFFF0000 == 0 for entry in repeating())


@cache
def _vrs() -> dict[Tag, str]:
    # 3 ms for 5,091 rows: a row begins with eight digits, a tab and the VR, if it has one.
    rows = _rows_of(_Section.TAGS)
    return {int(row[:8], 16): intern(row[9:11]) for row in rows if row[9] != "\t"}


@cache
def _rows() -> dict[Tag, tuple[str, str]]:
    rows = (row.split("\t") for row in _rows_of(_Section.TAGS))
    return {int(tag, 16): (vm, keyword) for tag, _, vm, keyword, _ in rows}


@cache
def _repeating_by_mask() -> dict[int, dict[int, Repeating]]:
    tables: dict[int, dict[int, Repeating]] = {}
    for entry in repeating():
        tables.setdefault(entry.mask, {})[entry.pattern] = entry
    return tables


@cache
def _groups() -> frozenset[int]:
    return frozenset(tag >> 16 for tag in _vrs())


def _rows_of(section: _Section) -> list[str]:
    with packaged("dicom", _TABLE) as file:
        part = file.read().split("# rows:")[section.value]
    return part.splitlines()[1:]
