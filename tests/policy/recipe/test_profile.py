"""The profile of a recipe: the more specific rule decides, wherever it is written."""

from dataclasses import replace
from pathlib import Path

import pytest

from dicomveil.errors import ProfileError
from dicomveil.policy.actions import (
    CleanStrict,
    Hash,
    Keep,
    KeepIfLegal,
    NewUid,
    Pseudonym,
    Recurse,
    Remove,
    ShiftDate,
)
from dicomveil.policy.finding import find_profile
from dicomveil.policy.options import Option
from dicomveil.policy.private_tables import Source
from dicomveil.policy.profile import Profile, load_profile
from dicomveil.policy.recipe.notices import notices
from dicomveil.policy.recipe.profile import profile_of
from dicomveil.policy.recipe.reading import load_recipe, read_recipe
from dicomveil.policy.selectors_placed import Place

SEX, PATIENT_ID, COMMENTS, STUDY_DATE = 0x00100040, 0x00100020, 0x00204000, 0x00080020
BASIC = "name: study\nextends: basic\n"
BARE = "name: study\nunlisted: remove\n"


def made(text: str) -> Profile:
    return profile_of(read_recipe(text, "study.yaml", Path()))


def said(text: str) -> list[str]:
    recipe = read_recipe(text, "study.yaml", Path())
    return [str(notice) for notice in notices(recipe, profile_of(recipe))]


def test_a_rule_stands_in_place_of_the_row_for_its_element() -> None:
    profile = made(BASIC + "rules:\n  PatientSex: keep\n")

    assert profile.compiled.action(SEX, "CS") == Keep()
    assert profile.compiled.action(PATIENT_ID, "LO") == load_profile("basic").compiled.action(
        PATIENT_ID, "LO"
    )


def test_a_general_rule_never_switches_off_a_row_of_the_standard() -> None:
    profile = made(BASIC + "rules:\n  regex:.*Comments: keep\n  vr:LO: keep\n")

    assert profile.compiled.action(COMMENTS, "LT") == load_profile("basic").compiled.action(
        COMMENTS, "LT"
    )
    assert isinstance(profile.compiled.action(PATIENT_ID, "LO"), Pseudonym)


def test_an_expression_decides_where_no_narrower_rule_does() -> None:
    profile = made(BARE + "rules:\n  regex:Patient(Sex|Size): keep\n  PatientSize: remove\n")

    assert profile.compiled.action(SEX, "CS") == Keep()
    assert profile.compiled.action(0x00101020, "DS") == Remove()


def test_a_rule_at_the_root_leaves_items_to_others() -> None:
    compiled = made(BASIC + "rules:\n  /PatientID: {hash: 8}\n").compiled

    assert compiled.action(PATIENT_ID, "LO") == Hash(8)
    assert isinstance(compiled.at(Place(PATIENT_ID, "LO", "", ((0x00101002, ""),))), Pseudonym)


@pytest.mark.parametrize(("modality", "action"), [("CT", Keep()), ("MR", Remove())])
def test_a_rule_with_a_condition_decides_where_it_holds(modality: str, action: object) -> None:
    profile = made(
        BARE + "rules:\n  StationName:\n    - {when: {Modality: CT}, action: keep}\n    - remove\n"
    )

    compiled = profile.compiled.for_object("1.2", (), lambda _: [modality])

    assert compiled.action(0x00081010, "SH") == action


def test_dates_move_within_the_range_of_the_recipe() -> None:
    profile = made(BASIC + "dates: {at-least: 90, at-most: 91}\nrules:\n  StudyDate: shift-date\n")

    assert profile.compiled.action(STUDY_DATE, "DA") == ShiftDate(90, 91)
    assert profile.longitudinal == "MODIFIED"


def test_a_recipe_extends_another_with_all_it_says(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(
        "name: site\nextends: basic\noptions: [retain-uids]\nrules:\n  PatientSex: keep\n"
        "  PatientAge: keep\n",
        "utf-8",
    )
    (tmp_path / "study.yaml").write_text(
        "name: study\nextends: site.yaml\nrules:\n  PatientSex: remove\n", "utf-8"
    )

    profile = profile_of(load_recipe(tmp_path / "study.yaml"))

    assert profile.compiled.action(SEX, "CS") == Remove()
    assert profile.compiled.action(0x00101010, "AS") == Keep()
    assert profile.options == (Option.UIDS,)


def test_a_recipe_that_takes_nothing_back_claims_what_it_extends() -> None:
    profile = made(BASIC + "rules:\n  SeriesDescription: remove\n  ImageType: empty\n")

    assert profile.codes == load_profile("basic").codes


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("rules:\n  PatientSex: keep\n", id="an element"),
        pytest.param("rules:\n  PatientName: {truncate: 1}\n", id="a part of one"),
        pytest.param(
            "rules:\n  StationName: {when: {Modality: CT}, action: keep}\n", id="in some objects"
        ),
        pytest.param("unlisted: keep\n", id="all that no rule names"),
    ],
)
def test_a_recipe_that_takes_back_claims_nothing(text: str) -> None:
    assert made(BASIC + text).codes == ()


def test_an_element_that_an_option_keeps_is_not_taken_back() -> None:
    profile = made(
        BASIC + "options: [retain-device-identity]\nrules:\n  DeviceSerialNumber: hash\n"
    )

    assert Option.DEVICE_IDENTITY.code in profile.codes


@pytest.mark.parametrize(
    ("tag", "vr"),
    [
        pytest.param(0x00080000, "UL", id="a group length"),
        pytest.param(0xFFFCFFFC, "OB", id="padding"),
        pytest.param(0x00191010, "LO", id="a private element"),
    ],
)
def test_some_things_go_whatever_is_kept(tag: int, vr: str) -> None:
    profile = made("name: study\nunlisted: keep\n")

    assert profile.compiled.action(tag, vr) == Remove()


def test_a_sequence_that_is_kept_is_looked_into() -> None:
    profile = made("name: study\nunlisted: keep\nrules:\n  SOPInstanceUID: uid\n")

    assert profile.compiled.action(0x00081110, "SQ") == Recurse()
    assert profile.compiled.action(0x00080018, "UI") == NewUid()


def test_equal_rules_have_equal_digests_and_others_do_not() -> None:
    one = made(BASIC + "rules:\n  PatientSex: keep\n")
    same = made(BASIC + "rules:\n  (0010,0040): keep\n")
    other = made(BASIC + "rules:\n  PatientSex: empty\n")
    sifted = made(BASIC + "rules:\n  PatientSex: keep\nfilters:\n  - skip: {Modality: PR}\n")

    assert one.digest == same.digest
    assert len({one.digest, other.digest, sifted.digest}) == 3


def test_a_profile_is_found_by_its_name_or_its_file(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(BASIC, "utf-8")

    assert find_profile("basic").name == "basic"
    assert find_profile(str(path), [Option.UIDS]).options == (Option.UIDS,)
    with pytest.raises(ProfileError):
        find_profile("nowhere")


@pytest.mark.parametrize(
    ("private", "sources"),
    [("safe", (Source.SAFE,)), ("known", (Source.KNOWN, Source.SAFE))],
)
def test_private_elements_stay_by_the_tables_that_the_recipe_names(
    private: str, sources: tuple[Source, ...]
) -> None:
    profile = made(BASIC + f"private: {private}\n")

    assert profile.keeping is not None
    assert profile.keeping.sources == sources
    assert Option.SAFE_PRIVATE in profile.options


def test_a_recipe_can_give_up_the_private_elements_of_its_base() -> None:
    profile = made("name: study\nextends: research\nprivate: remove\n")

    assert profile.keeping is None
    assert Option.SAFE_PRIVATE not in profile.options


def test_texts_are_cleaned_as_strictly_as_the_recipe_says() -> None:
    profile = made(BASIC + "options:\n  - clean-descriptors: strict\n")

    assert profile.compiled.action(0x0008103E, "LO") == CleanStrict()


@pytest.mark.parametrize(
    ("unlisted", "action"),
    [("by-review", KeepIfLegal()), ("remove", Remove()), ("keep", Keep())],
)
def test_what_no_rule_names_becomes_what_the_recipe_says(unlisted: str, action: object) -> None:
    for base in (BASIC, "name: study\n"):
        profile = made(f"{base}unlisted: {unlisted}\n")

        assert profile.compiled.action(0x00185100, "CS") == action  # Patient Position


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("StudyDate: keep", "UNMODIFIED"),
        ("StudyDate: {date-jitter: 3}", "MODIFIED"),
        ("vr:DA: keep", "UNMODIFIED"),
        ("StudyDate: remove", "REMOVED"),
        ("PatientSex: keep", "REMOVED"),
    ],
)
def test_an_output_says_what_became_of_dates(rule: str, said: str) -> None:
    assert made(BASIC + f"rules:\n  {rule}\n").longitudinal == said


def test_options_need_a_base() -> None:
    recipe = replace(read_recipe(BARE, "study.yaml", Path()), options=(Option.UIDS,))

    with pytest.raises(ProfileError):
        profile_of(recipe)


def test_what_takes_back_or_never_acts_is_remarked() -> None:
    found = said(
        BASIC + "unlisted: keep\n"
        "rules:\n"
        "  PatientSex: keep\n"
        "  regex:.*Comments: empty\n"
        "  OriginalAttributesSequence/PatientID: remove\n"
        "  vr:TM: keep\n"
        'identity:\n  patient-id: "ALL"\n'
    )

    assert [text.partition(":")[0] for text in found] == [
        f"study.yaml, line {line}" for line in (3, 5, 6, 7, 8, 9)
    ]


def test_a_recipe_of_narrower_rules_alone_is_not_remarked() -> None:
    assert said(BASIC + "rules:\n  PatientSex: remove\n") == []
