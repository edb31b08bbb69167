"""What a recipe says becomes of an object, on both roads."""

from io import BytesIO
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread

from dicomveil.engine.cleaner import Cleaner, Options, Templates
from dicomveil.engine.pseudonyms import Pseudonyms, patient_message
from dicomveil.policy.profile import Profile
from dicomveil.policy.recipe.profile import profile_of
from dicomveil.policy.recipe.reading import load_recipe, read_recipe
from tests.builders import KEY, El, Item, part10
from tests.engine.roads import Outcome, outcome, roads_of, series, slice_of
from tests.engine.test_template_variations import of

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "docs" / "recipes").glob("*.yaml"))
BASIC = "name: study\nextends: basic\n"
BARE = "name: study\nunlisted: by-review\n"
STATION, DESCRIPTION, MODALITY = 0x00081010, 0x0008103E, 0x00080060
CODE = Pseudonyms(KEY).code("patient-id", patient_message("", "PID12345", "")).decode()
MAPPING = "identity:\n  mapping: {file: ids.csv, old: old, patient-id: new, patient-name: name"


def made(text: str, folder: Path = Path()) -> Profile:
    return profile_of(read_recipe(text, "study.yaml", folder))


def became(text: str, *more: El, folder: Path = Path()) -> Outcome:
    cleaner = Cleaner(made(text, folder), KEY, options=Options(templates=Templates.OFF))
    return outcome(cleaner, part10(slice_of(1, *more)))


def written(text: str, *more: El, folder: Path = Path()) -> Dataset:
    found = became(text, *more, folder=folder)
    assert found.written, found.said
    return dcmread(BytesIO(found.written))


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("keep", "Chest of 2020"),
        ("empty", ""),
        ("{truncate: 5}", "Chest"),
        ('{mask: "[0-9]+"}', "Chest of XXXX"),
        ("{replace: Thorax}", "Thorax"),
    ],
)
def test_an_action_of_a_recipe_is_carried_out(rule: str, value: str) -> None:
    ds = written(
        BASIC + f"rules:\n  SeriesDescription: {rule}\n", El(DESCRIPTION, "LO", "Chest of 2020")
    )

    assert (ds.SeriesDescription or "") == value


def test_a_rule_for_items_leaves_the_root_alone() -> None:
    inside = Item((El(0x00080100, "SH", "T-D4000"), El(0x00080104, "LO", "Abdomen")))
    region = El(0x00082218, "SQ", [inside])
    rules = "rules:\n  AnatomicRegionSequence: keep\n  AnatomicRegionSequence/CodeMeaning: empty\n"

    ds = written(BARE + rules, region)

    (item,) = ds.AnatomicRegionSequence
    assert (item.CodeValue, item.CodeMeaning) == ("T-D4000", "")


@pytest.mark.parametrize(("creator", "stays"), [("ACME 1", True), ("ACME 2", False)])
def test_a_private_element_stays_by_its_creator(creator: str, stays: bool) -> None:
    ds = written(
        BASIC + 'rules:\n  (0019,"ACME 1",0C): keep\n',
        El(0x00190010, "LO", creator),
        El(0x0019100C, "IS", "1000"),
        El(0x0019100D, "IS", "2000"),
    )

    assert ((0x0019, 0x100C) in ds) is stays
    assert ((0x0019, 0x0010) in ds) is stays
    assert (0x0019, 0x100D) not in ds


@pytest.mark.parametrize(("modality", "stays"), [("CT", True), ("MR", False), ("", False)])
def test_a_condition_is_asked_of_each_object(modality: str, stays: bool) -> None:
    rule = "rules:\n  StationName:\n    - {when: {Modality: CT}, action: keep}\n    - remove\n"

    ds = written(BASIC + rule, El(STATION, "SH", "CT1"), El(MODALITY, "CS", modality))

    assert ("StationName" in ds) is stays


@pytest.mark.parametrize(
    ("filters", "code"),
    [
        ("skip: {Modality: CT}", "excluded"),
        ("quarantine: {Manufacturer: {starts-with: ac}}", "filtered"),
        ("skip: everything", "excluded"),
        ("skip: {PatientSex: {is: absent}}", "excluded"),
    ],
)
def test_a_filter_keeps_an_object_back(filters: str, code: str) -> None:
    found = became(BASIC + f"filters:\n  - {filters}\n")

    assert found.written == b""
    assert found.said[1] == code


def test_the_first_filter_that_fits_decides() -> None:
    filters = "filters:\n  - include: {Modality: CT}\n  - skip: everything\n"

    assert became(BASIC + filters).written
    assert not became(BASIC + filters, El(MODALITY, "CS", "MR")).written


def test_a_patient_is_renamed_by_templates() -> None:
    ds = written(
        BASIC + 'identity:\n  patient-id: "R-{code:9}"\n  patient-name: "{patient-id}^Study"\n'
    )

    assert ds.PatientID == f"R-{CODE[:9]}"
    assert str(ds.PatientName) == f"R-{CODE[:9]}^Study"


def test_a_patient_is_renamed_by_the_mapping(tmp_path: Path) -> None:
    (tmp_path / "ids.csv").write_text("old,new,name\n pid12345 ,R7,Seven^R\n", "utf-8")

    ds = written(BASIC + MAPPING + "}\n", folder=tmp_path)

    assert (ds.PatientID, str(ds.PatientName)) == ("R7", "Seven^R")


def test_a_patient_that_the_mapping_does_not_name_is_kept_back(tmp_path: Path) -> None:
    (tmp_path / "ids.csv").write_text("old,new,name\nOTHER,R7,Seven^R\n", "utf-8")

    refused = became(BASIC + MAPPING + "}\n", folder=tmp_path)
    taken = written(BASIC + MAPPING + ", others: pseudonym}\n", folder=tmp_path)

    assert refused.said[1] == "patient-unmapped"
    assert taken.PatientID == CODE


VARYING = [
    pytest.param(of(STATION, "SH", *(f"CT{n}" for n in range(6))), id="what a rule keeps"),
    pytest.param(of(MODALITY, "CS", "CT", "CT", "CT", "MR", "MR", "CT"), id="what rules ask of"),
    pytest.param(
        of(0x00080070, "LO", "SIEMENS", "SIEMENS", "SIEMENS", "ACME", "", "Siemens"),
        id="what filters ask of",
    ),
    pytest.param(
        of(0x00100020, "LO", "PID12345", "PID12345", "PID12345", "P2", "", "P2"), id="patients"
    ),
    pytest.param(of(DESCRIPTION, "LO", "Chest", "Head 1", "Knee", "", "Chest 22"), id="texts"),
    pytest.param(
        [[El(0x00190010, "LO", c), El(0x0019100C, "IS", "1")] for c in ("A", "A", "A", "B", "A")],
        id="creators",
    ),
]
MANY = (
    BASIC + "rules:\n"
    "  StationName:\n    - {when: {Modality: CT}, action: keep}\n    - {hash: 8}\n"
    "  SeriesDescription: {truncate: 4}\n"
    '  (0019,"A",0C): keep\n'
    "  /PatientSex: keep\n"
    "filters:\n  - quarantine: {Manufacturer: ACME}\n"
    'identity:\n  patient-id: "R-{code:9}"\n  patient-name: "{patient-id}"\n'
)


@pytest.mark.parametrize("cases", VARYING)
def test_both_roads_agree_on_a_recipe(cases: list[list[El]]) -> None:
    vendor = [El(0x00080070, "LO", "SIEMENS")]
    files = [[*vendor, *case] if case[0].tag != 0x00080070 else case for case in cases]

    roads = roads_of(series(files), profile=made(MANY))

    assert roads.differences == []


def test_objects_of_a_recipe_take_the_templates_road() -> None:
    vendor = El(0x00080070, "LO", "SIEMENS")
    files = [[vendor, El(STATION, "SH", f"CT{n}")] for n in range(6)]

    roads = roads_of(series(files), profile=made(MANY))

    assert roads.hits == 4


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_cleans_an_image(path: Path) -> None:
    cleaner = Cleaner(profile_of(load_recipe(path)), KEY)

    found = outcome(cleaner, part10(slice_of(1)))

    assert found.written, found.said
    assert b"Secretname" not in found.written
    assert len(dcmread(BytesIO(found.written)).PixelData) == 32
