"""A recipe says what its file says, and every fault is told at once."""

from pathlib import Path

import pytest

from dicomveil.errors import BadRecipe
from dicomveil.policy import actions as act
from dicomveil.policy.actions import Action, Kind
from dicomveil.policy.filters import Verdict
from dicomveil.policy.options import Option
from dicomveil.policy.recipe.model import Descriptors, Private, Recipe, ShiftRange, Unlisted
from dicomveil.policy.recipe.nodes import DEEPEST, LARGEST
from dicomveil.policy.recipe.reading import load_recipe, read_recipe
from dicomveil.policy.renaming import Field, Others, Slot


def read(text: str, folder: Path = Path()) -> Recipe:
    return read_recipe(f"name: study\nextends: basic\n{text}", "study.yaml", folder)


def faults(text: str) -> list[tuple[int, str]]:
    with pytest.raises(BadRecipe) as refused:
        read(text)
    return [(fault.place.line, fault.problem) for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("written", "action"),
    [
        ("keep", act.Keep()),
        ("remove", act.Remove()),
        ("empty", act.Empty()),
        ("dummy", act.Dummy()),
        ("clean", act.Clean()),
        ("clean-strict", act.CleanStrict()),
        ("hash", act.Hash()),
        ("{hash: 8}", act.Hash(8)),
        ("{truncate: 4}", act.Truncate(4)),
        ('{mask: "[0-9]+"}', act.Mask("[0-9]+")),
        ("{replace: NO}", act.Replace("NO")),
        ('{replace: ""}', act.Replace("")),
        ("{pseudonym: patient-id}", act.Pseudonym(Kind.PATIENT_ID)),
    ],
)
def test_an_action_is_what_is_written(written: str, action: Action) -> None:
    (rule,) = read(f"rules:\n  StudyDescription: {written}\n").rules

    assert rule.action == action
    assert rule.origin == "study.yaml:4"


@pytest.mark.parametrize(
    ("written", "action"),
    [("shift-date", act.ShiftDate()), ("{date-jitter: 7}", act.JitterDate(7))],
)
def test_an_action_of_dates_is_what_is_written(written: str, action: Action) -> None:
    (rule,) = read(f"rules:\n  StudyDate: {written}\n").rules

    assert rule.action == action


def test_each_case_of_a_rule_has_its_own_line_and_conditions() -> None:
    rules = read(
        "rules:\n"
        "  StationName:\n"
        "    - when: {Modality: [CT, MR], BurnedInAnnotation: NO}\n"
        "      action: keep\n"
        "    - remove\n"
    ).rules

    assert [(rule.line, len(rule.placed.conditions)) for rule in rules] == [(5, 2), (7, 0)]
    assert rules[0].placed.text == (
        "(0008,1010) when Modality = CT or MR and BurnedInAnnotation = NO"
    )


def test_the_sections_are_what_is_written() -> None:
    recipe = read(
        "options:\n  - retain-uids\n  - clean-descriptors: strict\n"
        "unlisted: remove\n"
        "dates: {at-least: 60}\n"
        "private: safe\n"
        "filters:\n  - include: {Modality: CT}\n  - quarantine: everything\n"
    )

    assert recipe.options == (Option.CLEAN_DESCRIPTORS, Option.UIDS)
    assert recipe.descriptors is Descriptors.STRICT
    assert recipe.unlisted is Unlisted.REMOVE
    assert recipe.dates == ShiftRange(60, 3650)
    assert recipe.private is Private.SAFE
    assert [each.verdict for each in recipe.filters] == [Verdict.INCLUDE, Verdict.QUARANTINE]
    assert recipe.lines["private"] == 8


def test_an_identity_is_made_of_templates_and_a_mapping(tmp_path: Path) -> None:
    (tmp_path / "ids.csv").write_text("a,b,c\nPlanted 1,R1,Name^R1\n", "utf-8")

    recipe = read(
        'identity:\n  patient-id: "R-{code:8}"\n  patient-name: "{patient-id}^x"\n'
        "  mapping: {file: ids.csv, old: a, patient-id: b, patient-name: c, others: pseudonym}\n",
        tmp_path,
    )

    assert recipe.identity is not None
    assert recipe.identity.patient_id == ("R-", Slot(Field.CODE, 8))
    assert recipe.identity.patient_name == (Slot(Field.PATIENT_ID), "^x")
    assert recipe.identity.mapped is not None
    assert recipe.identity.mapped.patients == {"Planted 1": ("R1", "Name^R1")}
    assert recipe.identity.mapped.others is Others.PSEUDONYM
    assert "Planted" not in repr(recipe)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param("a,b\nPlanted,\n", id="an empty cell"),
        pytest.param("a,b\nPlanted,R\\1\n", id="a backslash"),
        pytest.param("a,b\nPlanted,Ä\n", id="a letter that not every object can hold"),
        pytest.param("a,b\n", id="no row"),
        pytest.param('a,b\n"Planted,R1\n', id="an open quote"),
        pytest.param("a,b\nPlanted\n", id="a row cut short"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_told_without_its_cells(tmp_path: Path, rows: str) -> None:
    (tmp_path / "ids.csv").write_text(rows, "utf-8")

    with pytest.raises(BadRecipe) as refused:
        read("identity:\n  mapping: {file: ids.csv, old: a, patient-id: b}\n", tmp_path)

    assert refused.value.faults[0].place.line == 4
    assert "Planted" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("rules: [PatientSex]\n", "rules should hold"),
        ("rules:\n  PatientSex: []\n", "no action"),
        ("rules:\n  PatientSex: [[keep]]\n", "one action is chosen"),
        ("rules:\n  PatientSex: {keep: 1, empty: 2}\n", "one action is chosen"),
        ("rules:\n  PatientSex: {shrink: 1}\n", "no such action"),
        ("rules:\n  PatientSex:\n", "is empty"),
        ("rules:\n  PatientID: {pseudonym: person}\n", "no such kind"),
        ('rules:\n  PatientComments: {mask: "(a"}\n', "no regular expression"),
        ('rules:\n  PatientComments: {replace: "a\\tb"}\n', "control character"),
        ("rules:\n  PatientComments: {replace: [a]}\n", "one text"),
        ("rules:\n  Rows: {replace: many}\n", "not legal"),
        ("rules:\n  RadiationDose: keep\n", "no element of this keyword"),
        ("rules:\n  RecommendedDisplayFrameRateInFloat: {replace: x}\n", "not legal"),
        ("rules:\n  AccessionNumber: {replace: 12345678901234567}\n", "not legal"),
        ("rules:\n  vr:SH: uid\n", "cannot be done"),
        ("rules:\n  A/B/C/D/E/F/G/H/I: keep\n", "too long"),
        ("rules:\n  A//B: keep\n", "no selector"),
        ("rules:\n  vr:SQ/PatientID: keep\n", "only the last step"),
        ("rules:\n  A/regex:.*: keep\n", "cannot be a step"),
        ("rules:\n  a thing: keep\n", "no selector"),
        ('rules:\n  (0019," ",10): keep\n', "creator is empty"),
        ("rules:\n  PatientSex: {when: {PatientAge: [], Rows: 1}, action: keep}\n", "list"),
        ("rules:\n  PatientSex: {when: {Rows: 512}, action: keep}\n", "binary"),
        ("rules:\n  PatientSex: {when: {Modality: Ä}, action: keep}\n", "ASCII"),
        ("rules:\n  PatientSex: {when: {PatientSex: {}}, action: keep}\n", "one test"),
        ("rules:\n  PatientSex: {when: {PatientSex: {is: odd}}, action: keep}\n", "no such state"),
        ("rules:\n  PatientSex: {when: {OverlayData: x}, action: keep}\n", "one public element"),
        ("rules:\n  PatientSex: {when: x, action: keep}\n", "should hold"),
        ("options:\n  - retain-uids: strict\n", "nothing stands after"),
        ("options:\n  - clean-descriptors: loose\n", "only strict"),
        ("dates: {first: 40}\n", "no such key"),
        ("dates: {at-least: few}\n", "not accepted"),
        ("filters: skip\n", "filters is a list"),
        ("filters: [skip]\n", "no filter"),
        ("identity: {patient: x}\n", "no such key"),
        ("identity: {patient-id: [x]}\n", "one text"),
        ('identity: {patient-id: " "}\n', "is empty"),
        ('identity: {patient-id: "{code:x}"}\n', "no number"),
        ("identity: {mapping: {from: x}}\n", "no such key"),
        ("identity: {mapping: {old: x}}\n", "has no file"),
        ("identity: {mapping: {file: a, old: b, patient-id: c, others: d}}\n", "others"),
        ('identity: {mapping: {file: "\\0", old: b, patient-id: c}}\n', "path"),
        ("description: [a]\n", "one text"),
        ("name2: x: y\n", "not YAML"),
    ],
)
def test_what_is_not_accepted_is_told(text: str, problem: str) -> None:
    ((line, told),) = faults(text)

    assert problem in told
    assert line >= 3


def test_a_hundred_faults_are_enough() -> None:
    rules = "".join(f"  Nobody{n}: keep\n" for n in range(300))

    assert len(faults("rules:\n" + rules)) == 100


def test_all_faults_of_a_recipe_are_told_in_the_order_of_its_lines() -> None:
    found = faults(
        "unlisted: some\nrules:\n  PatientSexx: keep\n  PatientAge: kep\noptions: [retain]\n"
    )

    assert [line for line, _ in found] == [3, 5, 6, 7]


def test_a_fault_names_how_many_more_there_are() -> None:
    with pytest.raises(BadRecipe, match=r"1 more: dicomveil profile lint"):
        read("unlisted: some\nprivate: some\n")


def test_no_text_of_identity_stands_in_a_fault() -> None:
    with pytest.raises(BadRecipe) as refused:
        read('identity:\n  patient-id: "Planted {x}"\n  patient-name: "Planted {code:2}"\n')

    assert "Planted" not in "".join(map(str, refused.value.faults))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("name: a\n" + "# x\n" * LARGEST, id="too large"),
        pytest.param("name: " + "[" * (DEEPEST + 1), id="too deep"),
        pytest.param("[" * 5_000, id="much too deep"),
        pytest.param("name: a\nrules: {? [a]: keep}\n", id="a key that is no text"),
        pytest.param("name: \x00\n", id="a control character"),
        pytest.param("name: a\nname: a\n", id="a section twice"),
        pytest.param("just a text", id="no keys"),
        pytest.param("name:\n", id="a key without a value"),
    ],
)
def test_what_is_no_recipe_is_refused_with_a_line(text: str) -> None:
    with pytest.raises(BadRecipe) as refused:
        read_recipe(text, "study.yaml", Path())

    assert refused.value.faults[0].place.line >= 1


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00")

    for path in (tmp_path / "nowhere.yaml", tmp_path, binary):
        with pytest.raises(BadRecipe):
            load_recipe(path)


def test_recipes_that_extend_each_other_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("name: a\nextends: b.yaml\n", "utf-8")
    (tmp_path / "b.yaml").write_text("name: b\nextends: a.yaml\n", "utf-8")

    with pytest.raises(BadRecipe, match="extends itself"):
        load_recipe(tmp_path / "a.yaml")
