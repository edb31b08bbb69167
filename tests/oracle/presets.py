"""Which way an element goes under a preset, by the option columns and docs/options.md."""

from enum import Enum, auto

from tests.oracle.table import CODED, TEXT, Fate, columns, reviewed, rows
from tests.oracle.tree import vr_in_dictionary


class Preset(Enum):
    """A preset of docs/options.md."""

    BASIC = "basic"
    RESEARCH = "research"
    TCIA = "tcia"


class Way(Enum):
    """What options make of an element, where they say something else than the Basic Profile."""

    MOVED = auto()  # a date, else the basic action
    CLEANED = auto()
    SPARED = auto()  # a text of a device: names of people go, nothing else
    HASHED = auto()  # an application entity: a keyed hash
    KEPT = auto()
    IF_LEGAL = auto()  # else the basic action
    RECURSED = auto()


CODES = ("113100", "113105", "113107", "113108", "113109", "113111")
DATES, DEVICES = "rtn_long_modif_dates", "rtn_dev_id"
ORDER = (DATES, DEVICES, "clean_desc", "rtn_pat_chars")
PUBLIC_DATES = frozenset({0x00080106, 0x00080107})
FORMED = CODED | {"AS", "UI"}
OF_DATES = frozenset({"DA", "DT", "TM"})


def way(tag: int, vr: str, preset: Preset) -> Way | None:
    """The way of a public element of this effective VR; None for that of the Basic Profile."""
    if preset is Preset.BASIC or tag & 0x10000 or tag >> 24 in {0x50, 0x60}:
        return None
    if tag not in rows():
        return _unlisted(tag, vr, preset)
    said = columns().get(tag, {})
    column = next((one for one in ORDER if one in said), None)
    if column is None:
        return None
    return _kept(vr, column) if said[column] == "K" else _cleaned(tag, vr, column)


def _kept(vr: str, column: str) -> Way | None:
    if vr == "SQ":
        return Way.RECURSED
    if vr in FORMED:
        return Way.IF_LEGAL
    if vr in TEXT:
        return Way.SPARED if column == DEVICES else Way.CLEANED
    return Way.KEPT


def _cleaned(tag: int, vr: str, column: str) -> Way | None:
    if column == DATES:
        zone = tag == 0x00080201
        return Way.MOVED if zone or (vr in OF_DATES and tag not in PUBLIC_DATES) else None
    if column == DEVICES:
        return Way.HASHED if vr == "AE" else None
    if vr == "SQ":
        return Way.RECURSED
    if vr == "CS":
        return Way.IF_LEGAL
    return Way.CLEANED if vr in TEXT else None


def _unlisted(tag: int, vr: str, preset: Preset) -> Way | None:
    """Dates move and texts are cleaned where the dictionary says that they are such."""
    known = vr_in_dictionary(tag)
    if tag >> 16 in {0, 2, 4} or not tag & 0xFFFF or not known:
        return None
    if vr in OF_DATES:
        return Way.MOVED if vr == known else None
    kept = reviewed().get(tag) is Fate.KEPT
    if vr in TEXT and (kept or (preset is Preset.TCIA and known in TEXT)):
        return Way.CLEANED
    return None
