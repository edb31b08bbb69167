"""A private element stays only as a table or its maker knows it."""

import re
from pathlib import Path

import pytest

from dicomveil.dicom.forms import VRS
from dicomveil.policy.characteristics import NOTHING_DECLARED, BlockItem, Declared
from dicomveil.policy.private import (
    UNKNOWN,
    Judgement,
    fitted,
    is_deleted_inside,
    judge,
)
from dicomveil.policy.private_tables import Disposition, Source, Step, listed, vr_of

SAFE, KNOWN = [Source.SAFE], [Source.KNOWN]
SIEMENS = "SIEMENS MR HEADER"
B_VALUE = Step.private(0x0019100C, SIEMENS)
PHILIPS_STATE = Step.private(0x20011000, "Philips Imaging DD 129")


def said(step: Step, vr: str, sources: list[Source]) -> Disposition:
    return judge((step,), vr, sources).disposition


@pytest.mark.parametrize(
    ("tag", "creator", "vr", "safe", "known"),
    [
        (0x0019100C, SIEMENS, "IS", Disposition.KEEP, Disposition.KEEP),
        (0x0019FF0C, " siemens mr header ", "IS", Disposition.KEEP, Disposition.KEEP),
        (0x0019100C, SIEMENS, "LO", Disposition.DELETE, Disposition.DELETE),
        (0x0019100C, "SIEMENS MR HEADE", "IS", Disposition.DELETE, Disposition.DELETE),
        (0x0021100C, SIEMENS, "IS", Disposition.DELETE, Disposition.DELETE),
        (0x001910FE, SIEMENS, "IS", Disposition.DELETE, Disposition.DELETE),
        (0x00291010, "SIEMENS CSA HEADER", "OB", Disposition.DELETE, Disposition.DELETE),
        (0x70531000, "Philips PET Private Group", "DS", Disposition.KEEP, Disposition.KEEP),
        (0x00991002, "NQHeader", "UI", Disposition.HASH_UID, Disposition.DELETE),
        (0x01191001, "SIEMENS Ultrasound SC2000", "OB", Disposition.KEEP_SCANNED, None),
        (0x01191002, "SIEMENS Ultrasound SC2000", "SQ", Disposition.CONTAINER, None),
        (0x00091027, "GEMS_IDEN_01", "SL", Disposition.DELETE, Disposition.EPOCH_DATE),
        (0x00091027, "GEMS_IDEN_01", "OB", Disposition.DELETE, Disposition.DELETE),
        (0x000910E9, "GEMS_IDEN_01", "LO", Disposition.DELETE, Disposition.EPOCH_DATE),
        (0x0009100D, "GEMS_PETD_01", "DT", Disposition.DELETE, Disposition.SHIFT_DATE),
        (0x0009100D, "GEMS_PETD_01", "LO", Disposition.DELETE, Disposition.SHIFT_DATE),
        (0x70051016, "TOSHIBA_MEC_CT3", "LO", Disposition.DELETE, Disposition.HASH_UID),
        (0x70051016, "TOSHIBA_MEC_CT3", "OB", Disposition.DELETE, Disposition.DELETE),
        (0x20011067, "Philips Imaging DD 001", "CS", Disposition.KEEP, Disposition.DELETE),
    ],
)
def test_an_element_stays_only_as_a_table_knows_it(
    tag: int, creator: str, vr: str, safe: Disposition, known: Disposition | None
) -> None:
    step = Step.private(tag, creator)

    assert said(step, vr, SAFE) is safe
    assert known is None or said(step, vr, KNOWN) is known


def test_what_no_table_knows_is_deleted() -> None:
    nobody = Step.private(0x00091001, "NOBODY 1.0")

    assert judge((nobody,), "LO", [Source.SAFE, Source.KNOWN]) == UNKNOWN
    assert judge((B_VALUE,), "IS", []) == UNKNOWN


def test_the_first_table_that_knows_the_element_decides() -> None:
    both = [Source.SAFE, Source.KNOWN]

    assert judge((B_VALUE,), "IS", both).origin == Source.SAFE.origin
    assert judge((B_VALUE,), "IS", both[::-1]).origin == Source.KNOWN.origin


def test_a_safe_element_is_safe_at_any_depth_and_a_known_one_at_its_own_place() -> None:
    nested = (Step.standard(0x00081140), B_VALUE)

    assert judge(nested, "IS", SAFE).disposition is Disposition.KEEP
    assert judge(nested, "IS", KNOWN) == UNKNOWN


def test_a_nested_element_is_known_by_its_whole_path() -> None:
    above = Step.standard(0x00081110)
    transform = Step.private(0x200110C1, "Philips Imaging DD 001")

    assert judge((above, transform), "LO", KNOWN).disposition is Disposition.KEEP
    assert judge((Step.standard(0x00081115), transform), "LO", KNOWN) == UNKNOWN


def test_a_row_of_vr_un_speaks_of_the_same_element_where_its_vr_is_known() -> None:
    step = Step.private(0x00131035, "SIEMENS CM VA0  CMS")

    assert listed(Source.KNOWN, (step,), "CS") is None
    assert vr_of(step) == "CS"
    assert said(step, "CS", KNOWN) is Disposition.KEEP
    assert said(step, "UN", KNOWN) is Disposition.KEEP_SCANNED
    assert said(step, "SH", KNOWN) is Disposition.DELETE


@pytest.mark.parametrize(
    ("vr", "left"),
    [
        ("UI", Disposition.HASH_UID),
        ("PN", Disposition.DELETE),
        ("AE", Disposition.DELETE),
        ("UR", Disposition.DELETE),
        ("DA", Disposition.SHIFT_DATE),
        ("DT", Disposition.SHIFT_DATE),
        ("TM", Disposition.SHIFT_DATE),
        ("OB", Disposition.KEEP_SCANNED),
        ("OW", Disposition.KEEP_SCANNED),
        ("UN", Disposition.KEEP_SCANNED),
        ("SQ", Disposition.CONTAINER),
        ("DS", Disposition.KEEP),
        ("LO", Disposition.KEEP),
    ],
)
def test_a_keep_never_outranks_the_rule_of_the_vr(vr: str, left: Disposition) -> None:
    assert fitted(Disposition.KEEP, vr) is left


@pytest.mark.parametrize(
    ("disposition", "vr"),
    [
        (Disposition.CONTAINER, "LO"),
        (Disposition.CONTAINER, "UN"),
        (Disposition.HASH_UID, "UL"),
        (Disposition.HASH_UID, "UN"),
        (Disposition.SHIFT_DATE, "OB"),
        (Disposition.EPOCH_DATE, "UN"),
        (Disposition.EPOCH_DATE, "FL"),
    ],
)
def test_what_cannot_be_carried_out_is_deleted(disposition: Disposition, vr: str) -> None:
    assert fitted(disposition, vr) is Disposition.DELETE


def test_no_row_of_a_table_keeps_bytes_or_a_name() -> None:
    """Over all rows: what stays as it is holds numbers or text that can be looked through."""
    unsafe = {"UI", "PN", "AE", "UR", "DA", "DT", "TM", "SQ", "OB", "OW", "OF", "UN"}

    assert not [vr for vr in unsafe if fitted(Disposition.KEEP, vr) is Disposition.KEEP]


def test_inside_a_private_sequence_tables_only_delete_standard_elements() -> None:
    above = Step.private(0x00231080, "GEMS_STDY_01")

    assert is_deleted_inside((above, Step.standard(0x00400255)), "LO", KNOWN) is True
    assert is_deleted_inside((above, Step.standard(0x00400255)), "LO", SAFE) is False
    assert is_deleted_inside((PHILIPS_STATE, Step.standard(0x00280010)), "US", KNOWN) is False


@pytest.mark.parametrize(
    ("tag", "creator", "vr"),
    [
        (0x0019100C, SIEMENS, "IS"),
        (0x00091027, "GEMS_IDEN_01", "SL"),
        (0x01191002, "SIEMENS Ultrasound SC2000", "SQ"),
        (0x00091001, "NOBODY 1.0", None),
    ],
)
def test_the_vr_of_an_element_that_arrives_without_one_is_known(
    tag: int, creator: str, vr: str | None
) -> None:
    assert vr_of(Step.private(tag, creator)) == vr


@pytest.mark.parametrize(
    ("step", "text"),
    [(B_VALUE, "(0019,SIEMENS MR HEADER,0C)"), (Step.standard(0x00081140), "(0008,1140)")],
)
def test_a_step_is_written_as_tables_write_it(step: Step, text: str) -> None:
    assert str(step) == text


def test_what_a_file_calls_its_blocks_stands_in_no_repr() -> None:
    item = BlockItem(0x0019, "MILLER^ANN", "SAFE")
    step = Step.private(0x00191001, "MILLER^ANN")

    assert "MILLER" not in f"{item!r} {step!r} {(step,)!r} {Declared([item])!r}"


def block(status: str, **rest: tuple[object, ...]) -> Declared:
    item = BlockItem(0x0019, f"{SIEMENS} ", status)
    return Declared([item._replace(**rest)])  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("declared", "disposition"),
    [
        (block("SAFE"), Disposition.KEEP),
        (block("safe "), Disposition.KEEP),
        (block("MIXED", nonidentifying=(0x0C,)), Disposition.KEEP),
        (block("MIXED", nonidentifying=(0x0D,)), Disposition.DELETE),
        (block("UNSAFE", nonidentifying=(0x0C,)), Disposition.DELETE),
        (block(""), Disposition.DELETE),
        (block("MIXED", actions=(("D", (0x0C,)),)), Disposition.DUMMY),
        (block("UNSAFE", actions=(("Z", (0x0C,)),)), Disposition.EMPTY),
        (block("UNSAFE", actions=(("X", (0x0C,)),)), Disposition.DELETE),
        (block("UNSAFE", actions=(("U", (0x0C,)),)), Disposition.HASH_UID),
        (block("SAFE", actions=(("U", (0x0C,)), ("D", (0x0C,)))), Disposition.DELETE),
        (block("SAFE", actions=(("K", (0x0C,)),)), Disposition.DELETE),
    ],
)
def test_a_declared_block_answers_for_all_its_elements(
    declared: Declared, disposition: Disposition
) -> None:
    assert declared.disposition(B_VALUE) is disposition
    assert judge((B_VALUE,), "IS", SAFE, declared) == Judgement(disposition, "(0008,0300)")


def test_two_items_that_disagree_on_a_block_delete_its_elements() -> None:
    items = [BlockItem(0x0019, SIEMENS, status) for status in ("SAFE", "UNSAFE")]

    assert Declared(items).disposition(B_VALUE) is Disposition.DELETE
    assert Declared(items[:1] * 2).disposition(B_VALUE) is Disposition.KEEP


def test_a_declaration_never_outranks_the_rule_of_the_vr() -> None:
    assert judge((B_VALUE,), "PN", SAFE, block("SAFE")).disposition is Disposition.DELETE
    assert judge((B_VALUE,), "UN", SAFE, block("SAFE")).disposition is Disposition.KEEP_SCANNED


def test_a_block_that_is_not_declared_is_left_to_the_tables() -> None:
    other = Declared([BlockItem(0x0021, SIEMENS, "UNSAFE")])

    assert other.disposition(B_VALUE) is None
    assert judge((B_VALUE,), "IS", SAFE, other).origin == Source.SAFE.origin


def test_a_declared_vr_is_told_where_the_items_agree() -> None:
    one = BlockItem(0x0019, SIEMENS, "SAFE", vrs=((0x0C, "IS"), (0x0D, "CS")))

    assert Declared([one]).vr(B_VALUE) == "IS"
    assert Declared([one, one._replace(vrs=((0x0C, "LO"),))]).vr(B_VALUE) is None
    assert NOTHING_DECLARED.vr(B_VALUE) is None


def test_the_page_says_what_becomes_of_each_vr() -> None:
    page = (Path(__file__).parents[2] / "docs" / "private.md").read_text("utf-8")
    rows = re.findall(r"^\| ([A-Z]{2}(?:, [A-Z]{2})*) \| (.+) \|$", page, re.MULTILINE)
    told = {vr: fate for vrs, fate in rows for vr in vrs.split(", ")}

    special = {vr for vr in VRS.values() if fitted(Disposition.KEEP, vr) is not Disposition.KEEP}

    assert set(told) == special
    assert {vr for vr, fate in told.items() if fate == "it is deleted"} == {
        vr for vr in special if fitted(Disposition.KEEP, vr) is Disposition.DELETE
    }
