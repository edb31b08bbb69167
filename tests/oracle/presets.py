"""Which way an element goes under a preset, by the option columns and docs/options.md."""

from enum import Enum, auto

from tests.oracle.table import CODED, TEXT, Fate, columns, reviewed, rows
from tests.oracle.tree import vr_in_dictionary


class Preset(Enum):
    """A preset of docs/options.md, or the Basic Profile with one option."""

    BASIC = "basic"
    RESEARCH = "research"
    TCIA = "tcia"
    GRAPHICS = "clean-graphics"
    DESCRIPTORS = "clean-descriptors"
    FULL_DATES = "retain-full-dates"
    MODIFIED_DATES = "retain-modified-dates"
    CHARACTERISTICS = "retain-patient-characteristics"
    DEVICES = "retain-device-identity"
    UIDS = "retain-uids"
    PRIVATE = "retain-safe-private"
    INSTITUTIONS = "retain-institution-identity"

    @property
    def options(self) -> tuple[str, ...]:
        """The names of its options."""
        if self in {Preset.RESEARCH, Preset.TCIA}:
            return SHARED
        return () if self is Preset.BASIC else (self.value,)

    @property
    def codes(self) -> tuple[str, ...]:
        """What it claims in (0012,0064)."""
        return ("113100", *(COLUMNS[option][1] for option in self.options))

    @property
    def longitudinal(self) -> bytes:
        """What it says of dates in (0028,0303)."""
        if Preset.MODIFIED_DATES.value in self.options:
            return b"MODIFIED"
        return b"UNMODIFIED" if self is Preset.FULL_DATES else b"REMOVED "

    @property
    def columns(self) -> frozenset[str]:
        """The columns of Table E.1-1 that it asks."""
        return frozenset(COLUMNS[option][0] for option in self.options)


# The column of Table E.1-1 and the code of CID 7050 of each option.
COLUMNS = {
    "clean-graphics": ("clean_graph", "113103"),
    "clean-descriptors": ("clean_desc", "113105"),
    "retain-full-dates": ("rtn_long_full_dates", "113106"),
    "retain-modified-dates": ("rtn_long_modif_dates", "113107"),
    "retain-patient-characteristics": ("rtn_pat_chars", "113108"),
    "retain-device-identity": ("rtn_dev_id", "113109"),
    "retain-uids": ("rtn_uids", "113110"),
    "retain-safe-private": ("rtn_safe_priv", "113111"),
    "retain-institution-identity": ("rtn_inst_id", "113112"),
}
SHARED = tuple(
    name
    for name, (_, code) in COLUMNS.items()
    if code in {"113105", "113107", "113108", "113109", "113111"}
)


class Way(Enum):
    """What options make of an element, where they say something else than the Basic Profile."""

    MOVED = auto()  # a date, else the basic action
    TRUE = auto()  # a date as it is where it is one, else the basic action
    CLEANED = auto()
    SPARED = auto()  # a text of a device: names of people go, nothing else
    HASHED = auto()  # an application entity: a keyed hash
    KEPT = auto()
    IF_LEGAL = auto()  # else the basic action
    OWN_UID = auto()  # an unlisted UID where it is legal, else as what may not stay
    RECURSED = auto()


DATES, FULL, UIDS, DEVICES = (
    "rtn_long_modif_dates",
    "rtn_long_full_dates",
    "rtn_uids",
    "rtn_dev_id",
)
INSTITUTIONS, GRAPHICS, TEXTS = "rtn_inst_id", "clean_graph", "clean_desc"
ORDER = (DATES, FULL, UIDS, DEVICES, INSTITUTIONS, GRAPHICS, TEXTS, "rtn_pat_chars")
PUBLIC_DATES = frozenset({0x00080106, 0x00080107})
FORMED = CODED | {"AS", "UI"}
OF_DATES = frozenset({"DA", "DT", "TM"})
TIMEZONE = 0x00080201


def way(tag: int, vr: str, preset: Preset) -> Way | None:
    """The way of a public element of this effective VR; None for that of the Basic Profile."""
    asked = preset.columns
    if not asked or tag & 0x10000 or tag >> 24 in {0x50, 0x60}:
        return None
    if tag not in rows():
        return _unlisted(tag, vr, preset)
    said = columns().get(tag, {})
    column = next((one for one in ORDER if one in said and one in asked), None)
    if column is None:
        return None
    return _kept(vr, column, asked) if said[column] == "K" else _cleaned(tag, vr, column)


def _kept(vr: str, column: str, asked: frozenset[str]) -> Way | None:
    if vr == "SQ":
        return Way.RECURSED
    if column == FULL:
        return Way.TRUE
    if vr in FORMED | OF_DATES:
        return Way.IF_LEGAL
    if vr in TEXT:
        spared = column in {DEVICES, INSTITUTIONS} or TEXTS not in asked
        return Way.SPARED if spared else Way.CLEANED
    return Way.KEPT


def _cleaned(tag: int, vr: str, column: str) -> Way | None:
    if column == DATES:
        moves = tag == TIMEZONE or (vr in OF_DATES and tag not in PUBLIC_DATES)
        return Way.MOVED if moves else None
    if column == DEVICES:
        return Way.HASHED if vr == "AE" else None
    if vr == "SQ":
        return Way.RECURSED
    if column == GRAPHICS:
        return None
    if vr == "CS":
        return Way.IF_LEGAL
    return Way.CLEANED if vr in TEXT else None


def _unlisted(tag: int, vr: str, preset: Preset) -> Way | None:
    """Dates move and texts are cleaned where the dictionary says that they are such."""
    known, asked = vr_in_dictionary(tag), preset.columns
    if tag >> 16 in {0, 2, 4} or not tag & 0xFFFF or not known:
        return None
    if vr in OF_DATES and vr == known and asked & {DATES, FULL}:
        return Way.MOVED if DATES in asked else Way.TRUE
    if vr == "UI" and UIDS in asked:
        return Way.OWN_UID
    kept = reviewed().get(tag) is Fate.KEPT
    if vr in TEXT and TEXTS in asked and (kept or (preset is Preset.TCIA and known in TEXT)):
        return Way.CLEANED
    return None
