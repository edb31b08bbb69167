"""Options of PS3.15 E.3: what each makes of the rows of Table E.1-1, and what excludes what."""

import pytest

from dicomveil.errors import ProfileError
from dicomveil.policy.actions import (
    CapAge,
    Clean,
    CleanContent,
    Dummy,
    Empty,
    Hash,
    KeepIfLegal,
    Recurse,
    Remove,
    ShiftDate,
    Spans,
)
from dicomveil.policy.option_rules import deciding
from dicomveil.policy.options import Option
from dicomveil.policy.profile import PRESETS, load_profile
from dicomveil.policy.standard import confidentiality_table

DEVICE_AND_DATES = (
    *range(0x00181200, 0x00181206),
    *(0x0014407C, 0x0014407E, 0x0018700C, 0x0018700E, 0x300C0127),
)
STUDY_DATE, DESCRIPTION, SERIAL, AGE, CONTENT = (
    0x00080020,
    0x00081030,
    0x00181000,
    0x00101010,
    0x0040A730,
)


@pytest.mark.parametrize(
    ("option", "tag", "vr", "action"),
    [
        (Option.UIDS, 0x00080018, "UI", KeepIfLegal),
        (Option.FULL_DATES, STUDY_DATE, "DA", ShiftDate),
        (Option.MODIFIED_DATES, STUDY_DATE, "DA", ShiftDate),
        (Option.MODIFIED_DATES, 0x00080030, "TM", ShiftDate),
        (Option.MODIFIED_DATES, 0x00080106, "DT", Dummy),
        (Option.MODIFIED_DATES, 0x00100030, "DA", Empty),
        (Option.DEVICE_IDENTITY, SERIAL, "LO", Clean),
        (Option.DEVICE_IDENTITY, 0x00080055, "AE", Hash),
        (Option.INSTITUTION_IDENTITY, 0x00080080, "LO", Clean),
        (Option.PATIENT_CHARACTERISTICS, AGE, "AS", CapAge),
        (Option.PATIENT_CHARACTERISTICS, 0x00102160, "SH", Clean),
        (Option.CLEAN_DESCRIPTORS, DESCRIPTION, "LO", Clean),
        (Option.CLEAN_DESCRIPTORS, 0x00400275, "SQ", Recurse),
        (Option.CLEAN_DESCRIPTORS, 0x0016002B, "OB", Remove),
        (Option.CLEAN_CONTENT, CONTENT, "SQ", CleanContent),
        (Option.CLEAN_GRAPHICS, 0x00700001, "SQ", Recurse),
        (Option.CLEAN_GRAPHICS, 0x60003000, "OW", Remove),
    ],
)
def test_an_option_overrides_the_basic_action(
    option: Option, tag: int, vr: str, action: type[object]
) -> None:
    chosen = load_profile("basic", [option]).compiled.action(tag, vr)

    assert isinstance(chosen, action)


@pytest.mark.parametrize("option", [o for o in Option if o.column])
def test_every_row_of_an_options_column_has_a_rule_that_names_the_option(option: Option) -> None:
    if option in (Option.SAFE_PRIVATE, Option.CLEAN_CONTENT):
        pytest.skip("carried out by tables of its own")
    rows = [r for r in confidentiality_table().rows if option.column in r.options]
    rules = {rule.selector.text: rule for rule in load_profile("basic", [option]).rules}

    told = [row for row in rows if row.selector.text in rules]

    assert told
    assert all(rules[row.selector.text].origin.endswith(option.label) for row in told)


@pytest.mark.parametrize("tag", DEVICE_AND_DATES, ids=hex)
def test_modified_dates_decide_where_device_identity_would_keep_a_date(tag: int) -> None:
    row = next(r for r in confidentiality_table().rows if r.selector.pattern == tag)
    options = (Option.DEVICE_IDENTITY, Option.MODIFIED_DATES)
    action = load_profile("basic", options).compiled.action(tag, row.vr)

    assert {row.options[o.column] for o in options} == {"K", "C"}
    assert deciding(row, options) is Option.MODIFIED_DATES
    assert isinstance(action, ShiftDate)
    assert action.most > 0


def test_there_are_eleven_such_rows() -> None:
    meeting = [
        row.selector.pattern
        for row in confidentiality_table().rows
        if {o.column for o in (Option.DEVICE_IDENTITY, Option.MODIFIED_DATES)} <= set(row.options)
    ]

    assert sorted(meeting) == sorted(DEVICE_AND_DATES)


def test_full_and_modified_dates_exclude_each_other() -> None:
    with pytest.raises(ProfileError, match="exclude each other"):
        load_profile("research", [Option.FULL_DATES])


@pytest.mark.parametrize("option", [Option.CLEAN_PIXEL_DATA, Option.CLEAN_RECOGNIZABLE])
def test_an_option_without_an_engine_is_refused_with_the_reason(option: Option) -> None:
    with pytest.raises(ProfileError, match=rf"{option.label} is refused: .+"):
        load_profile("basic", [option])


def test_an_unknown_option_names_the_accepted_ones() -> None:
    with pytest.raises(ProfileError, match=r"accepted: clean-descriptors, .*retain-uids"):
        Option.named("retain-everything")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "REMOVED"),
        ([Option.FULL_DATES], "UNMODIFIED"),
        ([Option.MODIFIED_DATES], "MODIFIED"),
    ],
)
def test_what_becomes_of_dates_is_written(options: list[Option], said: str) -> None:
    assert load_profile("basic", options).longitudinal == said


def test_the_presets_claim_their_codes() -> None:
    codes = {name: [c.value for c in load_profile(name).codes] for name in PRESETS}
    shared = ["113100", "113105", "113107", "113108", "113109", "113111"]

    assert codes == {"basic": ["113100"], "research": shared, "tcia": shared}


def test_each_set_of_options_has_its_own_digest() -> None:
    profiles = [load_profile("basic", [o]) for o in Option if o.column]
    digests = {p.digest for p in (*profiles, *map(load_profile, PRESETS))}

    assert len(digests) == len(profiles) + len(PRESETS)


def test_a_method_fits_its_element() -> None:
    every = [o for o in Option if o.column and o is not Option.FULL_DATES]

    assert len(load_profile("basic", every).method) <= 64


@pytest.mark.parametrize(
    ("option", "tag"),
    [
        (Option.INSTITUTION_IDENTITY, 0x00080080),
        (Option.DEVICE_IDENTITY, SERIAL),
        (Option.PATIENT_CHARACTERISTICS, 0x00102160),
    ],
)
def test_a_text_that_an_option_keeps_loses_names_alone(option: Option, tag: int) -> None:
    chosen = load_profile("basic", [option]).compiled.action(tag, "LO")

    assert isinstance(chosen, Clean)
    assert chosen.spans is Spans.KNOWN
