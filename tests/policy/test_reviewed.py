"""Every tag whose VR says too little has been decided, and none besides."""

from collections.abc import Iterator

import pytest
from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary

from dicomveil.policy.selectors import Selector, selector
from dicomveil.policy.standard import confidentiality_table
from dicomveil.policy.unlisted import BULK_TABLE, TEXT_TABLE, Verdict, verdicts

TEXT = frozenset({"LO", "SH", "ST", "LT", "UT", "UC"})
BULK = frozenset({"OB", "OW", "OF", "OD", "OL", "OV"})
TABLES = [pytest.param(TEXT_TABLE, TEXT, id="text"), pytest.param(BULK_TABLE, BULK, id="bulk")]

# PS3.15 E.1.1 Note 9 and the code macro of PS3.3 8.8: codes stay.
CODE_MACRO = (0x00080100, 0x00080102, 0x00080103, 0x00080104, 0x00080119, 0x00080122)

Entry = tuple[Selector, str, frozenset[str]]  # selector, keyword, VRs


def dictionary() -> Iterator[Entry]:
    for tag, (vr, _, _, _, keyword) in DicomDictionary.items():
        text = f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
        yield selector(text), keyword, frozenset(vr.split(" or "))
    for digits, (vr, _, _, _, keyword) in RepeatersDictionary.items():
        text = f"({digits[:4]},{digits[4:]})"
        yield selector(text), keyword, frozenset(vr.split(" or "))


def without_row(vrs: frozenset[str]) -> dict[str, Entry]:
    """The dictionary's entries of these VRs that Table E.1-1 does not speak of."""
    rows = [row.selector for row in confidentiality_table().rows]
    exact = {row.text for row in rows if row.breadth == 1}
    families = [row for row in rows if row.breadth > 1]
    return {
        entry[0].text: entry
        for entry in dictionary()
        if entry[2] & vrs
        and entry[0].text not in exact
        and not any(family.matches(entry[0].pattern) for family in families)
    }


@pytest.mark.parametrize(("table", "vrs"), TABLES)
def test_every_tag_whose_vr_says_too_little_is_decided(table: str, vrs: frozenset[str]) -> None:
    decided = {verdict.selector.text for verdict in verdicts(table)}

    assert without_row(vrs).keys() - decided == set()


@pytest.mark.parametrize(("table", "vrs"), TABLES)
def test_no_tag_is_decided_that_needs_no_decision(table: str, vrs: frozenset[str]) -> None:
    decided = [verdict.selector.text for verdict in verdicts(table)]

    assert decided == sorted(set(decided), key=lambda text: text.replace("x", "0"))
    assert set(decided) - without_row(vrs).keys() == set()


@pytest.mark.parametrize(("table", "vrs"), TABLES)
def test_each_line_says_the_keyword_and_vr_of_the_dictionary(
    table: str, vrs: frozenset[str]
) -> None:
    known = without_row(vrs)

    for verdict in verdicts(table):
        _, keyword, allowed = known[verdict.selector.text]
        assert verdict.keyword == keyword
        assert frozenset(verdict.vr.split(" or ")) == allowed


@pytest.mark.parametrize(("table", "vrs"), TABLES)
def test_each_line_has_a_verdict_and_a_reason(table: str, vrs: frozenset[str]) -> None:
    del vrs

    for verdict in verdicts(table):
        assert verdict.word in {"keep", "remove"}
        assert len(verdict.reason) >= len("a size")


def kept_texts() -> list[Verdict]:
    return [verdict for verdict in verdicts(TEXT_TABLE) if verdict.word == "keep"]


@pytest.mark.parametrize(("table", "vrs"), TABLES)
def test_what_stays_is_single_tags(table: str, vrs: frozenset[str]) -> None:
    del vrs

    assert all(v.selector.breadth == 1 for v in verdicts(table) if v.word == "keep")


def test_code_values_and_meanings_stay() -> None:
    kept = {verdict.selector.pattern for verdict in kept_texts()}

    assert kept.issuperset(CODE_MACRO)


def test_bytes_stay_only_as_pixels_tables_or_waveforms() -> None:
    kept = [v for v in verdicts(BULK_TABLE) if v.word == "keep" and v.vr.startswith(("OB", "OW"))]

    shown = ("picture", "look-up table", "palette", "waveform", "pixel")
    assert [v.keyword for v in kept if not any(word in v.reason for word in shown)] == []


@pytest.mark.parametrize(
    "word", ["Comment", "Notes", "Institution", "Serial", "Patient", "Contact", "Organization"]
)
def test_no_text_stays_whose_name_warns_of_people_and_places(word: str) -> None:
    warned = {verdict.keyword for verdict in kept_texts() if word in verdict.keyword}

    assert warned <= {"PatientSpeciesDescription"}  # tells animals from people
