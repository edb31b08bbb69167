"""What the options of PS3.15 E.3 make of the rows of Table E.1-1.

An option's column says K (kept) or C (cleaned) of a row, in place of the basic action. How a row is
kept or cleaned its VR says: a code is kept when it is legal, a date moves, a text loses what
identifies, a sequence is looked into. Where two options meet on a row `_ORDER` decides;
docs/options.md says so to users.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from dicomveil.policy.actions import (
    CapAge,
    Clean,
    CleanContent,
    CleanStrict,
    Hash,
    Keep,
    KeepIfLegal,
    Recurse,
    ShiftDate,
    Spans,
)
from dicomveil.policy.options import Option
from dicomveil.policy.rules import Else, Rule, Said
from dicomveil.policy.selectors import selector
from dicomveil.policy.standard import ConfidentialityTable, Row, basic_action, listed_rows
from dicomveil.policy.unlisted import ByVr

_LEGAL: Final = frozenset({"CS", "DA", "DS", "DT", "IS", "TM", "UI"})
_TEXTS: Final = frozenset({"LO", "LT", "SH", "ST", "UC", "UT", ""})
CONTEXT_VERSIONS: Final = frozenset({0x00080106, 0x00080107})
AE_CHARACTERS: Final = 16
# Content, Acquisition Context, and Specimen Preparation Step Content Item Sequence.
_CONTENT_ITEMS: Final = ("(0040,A730)", "(0040,0555)", "(0040,0612)")
# The first that has a say decides. Modified dates come before all that keeps: a true date of
# calibration beside a moved study date would tell by how much dates were moved.
_ORDER: Final = (
    Option.MODIFIED_DATES,
    Option.FULL_DATES,
    Option.UIDS,
    Option.DEVICE_IDENTITY,
    Option.INSTITUTION_IDENTITY,
    Option.CLEAN_CONTENT,
    Option.CLEAN_GRAPHICS,
    Option.CLEAN_DESCRIPTORS,
    Option.PATIENT_CHARACTERISTICS,
)


class Ways(NamedTuple):
    """How the options are carried out: by how much dates move, how strictly texts are cleaned."""

    shift: ShiftDate = ShiftDate()
    text: Clean | CleanStrict = Clean()


def option_rules(
    table: ConfidentialityTable, options: Sequence[Option], ways: Ways
) -> Iterator[Rule]:
    """The rules of the rows that the options change, in place of the basic ones."""
    if Option.CLEAN_CONTENT in options:
        columns = tuple(option.column for option in options)
        content = CleanContent(columns, ways.shift, ways.text)
        for tag in _CONTENT_ITEMS:
            yield Rule(selector(tag), content, "PS3.15 Table E.3.4-1")
    for row in listed_rows(table):
        if Option.CLEAN_CONTENT in options and row.selector.text in _CONTENT_ITEMS:
            continue
        option = deciding(row, options)
        if option is None:
            continue
        origin = f"PS3.15 {table.edition} Table E.1-1, {option.label}"
        yield Rule(row.selector, _action(row, option, options, ways), origin)


def deciding(row: Row, options: Collection[Option]) -> Option | None:
    """The option that decides about a row; None when none of them speaks of it."""
    if not row.options:
        return None
    speaking = (o for o in _ORDER if o in options and o.column in row.options)
    return next(speaking, None)


def retained(table: ConfidentialityTable, options: Collection[Option]) -> frozenset[int]:
    """The tags of devices and institutions that stay: their own values are nothing to clean."""
    identities = (Option.DEVICE_IDENTITY, Option.INSTITUTION_IDENTITY)
    return frozenset(
        row.selector.pattern
        for row in listed_rows(table)
        if (option := deciding(row, options)) in identities and row.options[option.column] == "K"
    )


def unlisted_by(options: Collection[Option], ways: Ways, basic: ByVr) -> ByVr:
    """What the options make of elements that no rule names."""
    if Option.CLEAN_DESCRIPTORS in options:
        basic = basic._replace(reviewed=ways.text)
    if Option.UIDS in options:
        basic = basic._replace(uids=KeepIfLegal())
    if Option.MODIFIED_DATES in options:
        basic = basic._replace(dates=ways.shift)
    if Option.FULL_DATES in options:
        basic = basic._replace(dates=ShiftDate(0, 0))
    return basic


def _action(row: Row, option: Option, options: Collection[Option], ways: Ways) -> Said:
    match row.options[option.column]:
        case "K":
            return _kept(row, option, options, ways)
        case _:
            return _cleaned(row, option, ways)


def _kept(row: Row, option: Option, options: Collection[Option], ways: Ways) -> Said:
    """The row kept, as far as its VR can be trusted to say no more than it should."""
    if row.vr == "SQ":
        return Recurse()
    if option is Option.FULL_DATES and row.vr != "OB":
        return Else(ShiftDate(0, 0), row.code)
    if row.vr == "AS":
        return Else(CapAge(), row.code)
    if row.vr in _LEGAL:
        return Else(KeepIfLegal(), row.code)
    if row.vr not in _TEXTS:
        return Keep()
    described = Option.CLEAN_DESCRIPTORS in options and option is Option.PATIENT_CHARACTERISTICS
    return ways.text if described else Clean(spans=Spans.KNOWN)


def _cleaned(row: Row, option: Option, ways: Ways) -> Said:
    """The row cleaned; with the basic action where nothing here can clean what it holds."""
    match option:
        case Option.MODIFIED_DATES:
            known = row.vr != "OB" and row.selector.pattern not in CONTEXT_VERSIONS
            return Else(ways.shift, row.code) if known else basic_action(row)
        case Option.CLEAN_CONTENT:
            return Recurse()
        case Option.CLEAN_GRAPHICS:
            return Recurse() if row.vr == "SQ" else basic_action(row)
        case Option.DEVICE_IDENTITY:
            return Hash(AE_CHARACTERS) if row.vr == "AE" else ways.text
        case Option.CLEAN_DESCRIPTORS | Option.PATIENT_CHARACTERISTICS:
            return _described(row, ways)
        case _:
            return basic_action(row)


def _described(row: Row, ways: Ways) -> Said:
    if row.vr == "SQ":
        return Recurse()
    if row.vr == "CS":
        return Else(KeepIfLegal(), row.code)
    return ways.text if row.vr in _TEXTS else basic_action(row)
