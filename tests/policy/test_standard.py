"""The shipped Table E.1-1 is the whole of it, and its rows become rules."""

import json
from collections import Counter

import pytest

from dicomveil.policy import tables
from dicomveil.policy.actions import Action, Dummy, Empty, Kind, NewUid, Pseudonym, Remove
from dicomveil.policy.compounds import Code
from dicomveil.policy.profile import load_profile
from dicomveil.policy.standard import TABLE, basic_rules, confidentiality_table

# PS3.15 2026d: what a reader of the book counts.
COUNTS = {"X": 417, "D": 93, "U": 55, "Z": 42, "X/D": 23, "X/Z": 11, "X/Z/D": 8, "Z/D": 6}


def test_the_table_has_every_row_of_the_edition() -> None:
    rows = confidentiality_table().rows

    counted = Counter(row.code.value for row in rows)

    assert len(rows) == 657
    assert counted == COUNTS | {"X/Z/U*": 2}


def test_the_table_says_where_it_comes_from() -> None:
    meta = json.loads(tables.read_text(TABLE))["meta"]

    assert meta["edition"] == "2026d"
    assert meta["made_from"]["rows"] == 656
    assert meta["added_in_2026d"] == ["(3004,007F)"]


def test_no_tag_has_two_rows() -> None:
    texts = [row.selector.text for row in confidentiality_table().rows]

    assert len(set(texts)) == len(texts)


def test_the_families_of_the_table_are_the_four_that_are_not_tags() -> None:
    families = {r.selector.text for r in confidentiality_table().rows if r.selector.breadth > 1}

    private = "(gggg,eeee) where gggg is odd"
    assert families == {private, "(50xx,xxxx)", "(60xx,3000)", "(60xx,4000)"}


@pytest.mark.parametrize(
    ("column", "counts"),
    [
        ("rtn_uids", {"K": 60}),
        ("rtn_dev_id", {"K": 48, "C": 11}),
        ("rtn_inst_id", {"K": 10}),
        ("rtn_pat_chars", {"K": 14, "C": 5}),
        ("rtn_long_full_dates", {"K": 169}),
        ("rtn_long_modif_dates", {"C": 169}),
        ("clean_desc", {"C": 141}),
        ("clean_struct_cont", {"C": 4}),
        ("clean_graph", {"C": 4}),
        ("rtn_safe_priv", {"C": 1}),
    ],
)
def test_each_option_has_as_many_rows_as_in_the_book(column: str, counts: dict[str, int]) -> None:
    contents = json.loads(tables.read_text(TABLE))
    options = [row[contents["columns"].index("options")] for row in contents["rows"]]

    assert Counter(o[column] for o in options if column in o) == counts


@pytest.mark.parametrize(
    ("tag", "vr", "action"),
    [
        pytest.param(0x00080090, "PN", Empty(), id="Z"),
        pytest.param(0x0010_1040, "LO", Remove(), id="X"),
        pytest.param(0x00080018, "UI", NewUid(), id="U"),
        pytest.param(0x00120010, "LO", Dummy(), id="D"),
        pytest.param(0x00080022, "DA", Empty(), id="X/Z"),
        pytest.param(0x00181030, "LO", Dummy(), id="X/D"),
        pytest.param(0x00080080, "LO", Dummy(), id="X/Z/D"),
        pytest.param(0x00080023, "DA", Dummy(), id="Z/D"),
        pytest.param(0x00100010, "PN", Pseudonym(Kind.PATIENT_NAME), id="patient's name"),
        pytest.param(0x00100020, "LO", Pseudonym(Kind.PATIENT_ID), id="patient's ID"),
        pytest.param(0x00080050, "SH", Pseudonym(Kind.ACCESSION), id="accession number"),
        pytest.param(0x00200010, "SH", Pseudonym(Kind.STUDY_ID), id="study ID"),
    ],
)
def test_a_row_of_the_table_becomes_its_action(tag: int, vr: str, action: Action) -> None:
    assert load_profile("basic").compiled.action(tag, vr) == action


def test_every_row_is_a_rule_but_for_groups_that_go_whole() -> None:
    table = confidentiality_table()
    spoken = {rule.selector.text for rule in basic_rules(table)}

    missing = {row.selector.text for row in table.rows} - spoken

    assert missing
    assert {text[:6] for text in missing} <= {"(0000,", "(0002,", "(0004,"}


def test_every_code_of_the_book_is_used() -> None:
    used = {row.code for row in confidentiality_table().rows}

    assert set(Code) - used == {Code.K}  # the Basic Profile keeps nothing by name
