"""What becomes of a content item, by its concept, its value type and the options."""

import json
import os
import re
from pathlib import Path

import pytest

from dicomveil.policy import tables
from dicomveil.policy.content_items import (
    TABLE,
    UNLISTED,
    Concept,
    ContentAction,
    content_action,
    content_row,
)
from tests.policy.test_generated import tool

DESCRIPTORS, FULL, MODIFIED = "clean_desc", "rtn_long_full_dates", "rtn_long_modif_dates"
UIDS, DEVICE, INSTITUTION = "rtn_uids", "rtn_dev_id", "rtn_inst_id"
PATIENT = "rtn_pat_chars"


def dcm(code: str) -> Concept:
    return Concept("DCM", code)


@pytest.mark.parametrize(
    ("concept", "value_type", "columns", "action"),
    [
        (dcm("121022"), "TEXT", (), ContentAction.REMOVE),
        (dcm("121022"), "TEXT", (DESCRIPTORS,), ContentAction.REMOVE),
        (dcm("121071"), "TEXT", (), ContentAction.DUMMY),
        (dcm("121071"), "TEXT", (DESCRIPTORS,), ContentAction.CLEAN),
        (dcm("121008"), "PNAME", (DESCRIPTORS, UIDS), ContentAction.DUMMY),
        (dcm("121088"), "PNAME", (), ContentAction.REMOVE),
        (dcm("113809"), "DATETIME", (), ContentAction.DUMMY),
        (dcm("113809"), "DATETIME", (MODIFIED,), ContentAction.SHIFT_DATE),
        (dcm("113809"), "DATETIME", (FULL,), ContentAction.KEEP),
        (dcm("121031"), "DATE", (FULL, PATIENT), ContentAction.REMOVE),
        (dcm("111061"), "TIME", (MODIFIED,), ContentAction.SHIFT_DATE),
        (dcm("110180"), "UIDREF", (), ContentAction.NEW_UIDS),
        (dcm("110180"), "UIDREF", (UIDS,), ContentAction.KEEP),
        (dcm("113795"), "IMAGE", (), ContentAction.NEW_UIDS),
        (dcm("121080"), "IMAGE", (), ContentAction.REMOVE),
        (dcm("121080"), "WAVEFORM", (UIDS,), ContentAction.KEEP),
        (dcm("121112"), "IMAGE", (), ContentAction.NEW_UIDS),
        (dcm("121112"), "WAVEFORM", (), ContentAction.REMOVE),
        (dcm("121033"), "NUM", (), ContentAction.REMOVE),
        (dcm("121033"), "NUM", (PATIENT,), ContentAction.KEEP),
        (dcm("121000"), "CONTAINER", (), ContentAction.REMOVE),
        (dcm("121000"), "CONTAINER", (DEVICE,), ContentAction.RECURSE),
        (dcm("121122"), "TEXT", (DEVICE,), ContentAction.KEEP),
        (dcm("121122"), "TEXT", (DEVICE, DESCRIPTORS), ContentAction.CLEAN),
        (dcm("121017"), "TEXT", (INSTITUTION,), ContentAction.KEEP),
        (Concept("LN", "11329-0"), "TEXT", (DESCRIPTORS,), ContentAction.CLEAN),
        (Concept("NCDR [2.0b]", "76"), "PNAME", (), ContentAction.DUMMY),
    ],
)
def test_a_listed_item_is_treated_by_the_table(
    concept: Concept, value_type: str, columns: tuple[str, ...], action: ContentAction
) -> None:
    assert content_action(concept, value_type, columns) is action


@pytest.mark.parametrize("scheme", ["SRT", "SNM3", "99SDM"])
def test_a_retired_code_is_its_concept(scheme: str) -> None:
    retired, today = Concept(scheme, "F-02455"), Concept("SCT", "160476009")

    assert content_row(retired, "TEXT") == content_row(today, "TEXT")
    assert content_action(retired, "TEXT", ()) is ContentAction.REMOVE


@pytest.mark.parametrize(
    ("value_type", "columns", "action"),
    [
        ("CONTAINER", (), ContentAction.RECURSE),
        ("CODE", (), ContentAction.KEEP_CODE),
        ("NUM", (), ContentAction.KEEP),
        ("SCOORD3D", (), ContentAction.KEEP),
        ("TEXT", (), ContentAction.DUMMY),
        ("TEXT", (DESCRIPTORS,), ContentAction.CLEAN),
        ("PNAME", (DESCRIPTORS, PATIENT), ContentAction.DUMMY),
        ("DATE", (), ContentAction.DUMMY),
        ("DATETIME", (MODIFIED,), ContentAction.SHIFT_DATE),
        ("TIME", (FULL,), ContentAction.KEEP),
        ("UIDREF", (), ContentAction.NEW_UIDS),
        ("IMAGE", (UIDS,), ContentAction.KEEP),
        ("TABLE", (), ContentAction.REMOVE),
        ("", (DESCRIPTORS,), ContentAction.REMOVE),
    ],
)
def test_an_unlisted_item_is_treated_by_its_value_type(
    value_type: str, columns: tuple[str, ...], action: ContentAction
) -> None:
    assert content_action(Concept("99LOCAL", "1"), value_type, columns) is action


def test_a_listed_concept_of_another_value_type_is_unlisted() -> None:
    assert content_row(dcm("121022"), "CODE") is None
    assert content_action(dcm("121022"), "CODE", ()) is ContentAction.KEEP_CODE


def test_without_an_option_no_unlisted_text_name_or_date_stays() -> None:
    stays = {ContentAction.KEEP, ContentAction.CLEAN}

    assert {kind for kind, action in UNLISTED.items() if action in stays} == {
        "NUM",
        "SCOORD",
        "SCOORD3D",
        "TCOORD",
    }


def test_every_option_of_the_table_is_a_column_of_table_e_1_1() -> None:
    columns = {one.split(" ")[0] for row in tables.read_rows(TABLE) for one in row[4].split("; ")}
    maker = tool("make_confidentiality_table")

    assert columns - {""} <= set(maker.OPTIONS)


def test_the_table_is_remade_byte_for_byte() -> None:
    place = os.environ.get("DICOMVEIL_STANDARD")
    folder = Path(place) if place else Path(__file__).parents[3] / "shared" / "standard"
    if not folder.is_dir():
        pytest.skip("DICOMVEIL_STANDARD names no folder with the tables as JSON")
    source = json.loads((folder / "ps3.15_table_e3.4-1_content_items.json").read_text("utf-8"))

    made = tool("make_content_items").contents(source)

    assert made == tables.read_text(TABLE)


def test_the_table_has_all_rows_of_its_edition() -> None:
    assert len(tables.read_rows(TABLE)) == 214
    assert sum(bool(row[5]) for row in tables.read_rows(TABLE)) == 11


def test_the_maker_wants_its_source() -> None:
    with pytest.raises(SystemExit, match=r"content_items\.json"):
        tool("make_content_items").main([])


def test_the_page_has_a_line_for_each_value_type() -> None:
    page = (Path(__file__).parents[2] / "docs" / "structured-reports.md").read_text("utf-8")
    rows = re.findall(r"^\| ([A-Z0-9]+(?:, [A-Z0-9]+)*) \|", page, re.MULTILINE)

    assert {kind for row in rows for kind in row.split(", ")} == set(UNLISTED)
