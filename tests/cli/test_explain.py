"""`dicomveil explain`: each element, its action, the rule that chose it, and its value's fate."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dicomveil.cli.main import commands
from tests.builders import El, part10
from tests.engine.roads import slice_of


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A slice that has a date, a description that names the patient, and a private block."""
    path = tmp_path / "slice.dcm"
    more = (
        El(0x00080020, "DA", "20200229"),
        El(0x0008103E, "LO", "Chest of Secretname"),
        El(0x00190010, "LO", "ACME"),
        El(0x0019100C, "LO", "unknown"),
    )
    path.write_bytes(part10(slice_of(1, *more)))
    return path


def explained(*arguments: object) -> Result:
    return CliRunner().invoke(commands, ["explain", *map(str, arguments)], standalone_mode=False)


def element(file: Path, path: str, *more: str) -> dict[str, str]:
    found = json.loads(explained(file, "--format", "json", *more).stdout)["elements"]
    return next(row for row in found if row["path"] == path)


@pytest.mark.parametrize(
    ("profile", "path", "what", "action"),
    [
        ("basic", "(0008,0020)", "emptied", "empty"),
        ("research", "(0008,0020)", "replaced", "shift-date"),
        ("basic", "(0008,103E)", "removed", "remove"),
        ("research", "(0008,103E)", "replaced", "clean"),
        ("research", "(0019,0010)", "removed", "remove"),
        ("basic", "(0008,0070)", "kept", "keep"),
    ],
)
def test_each_element_has_its_fate(
    file: Path, profile: str, path: str, what: str, action: str
) -> None:
    row = element(file, path, "--profile", profile)

    assert (row["what"], row["action"]) == (what, action)


def test_the_row_of_the_standard_or_the_option_is_named(file: Path) -> None:
    basic, research = (
        element(file, "(0008,103E)", "--profile", name)["origin"] for name in ("basic", "research")
    )

    assert basic == "PS3.15 2026d Table E.1-1"
    assert research == "PS3.15 2026d Table E.1-1, clean-descriptors"


def test_values_are_masked_unless_asked_for(file: Path) -> None:
    masked = explained(file, "--profile", "research").stdout
    shown = explained(file, "--profile", "research", "--values").stdout

    assert "Secretname" not in masked
    assert "Chest of Secretname -> Chest of" in shown


def test_a_recipes_rule_is_named_by_file_and_line(file: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "mine.yaml"
    recipe.write_text("name: mine\nextends: basic\nrules:\n  StudyDate: remove\n")

    row = element(file, "(0008,0020)", "--profile", str(recipe))

    assert row["what"] == "removed"
    assert "mine.yaml" in row["origin"]
    assert "4" in row["origin"]


def test_what_would_be_quarantined_is_said(tmp_path: Path) -> None:
    path = tmp_path / "burned.dcm"
    path.write_bytes(part10(slice_of(1, El(0x00280301, "CS", "YES"))))

    said = json.loads(explained(path, "--format", "json").stdout)

    assert (said["leaves"], said["refused"]) == (False, "pixels-unproven")


def test_a_page_of_html_holds_every_element_and_escapes_values(tmp_path: Path) -> None:
    path = tmp_path / "slice.dcm"
    path.write_bytes(part10(slice_of(1, El(0x00181210, "SH", "<b>B30s"))))

    page = explained(path, "--format", "html", "--values").stdout

    assert "&lt;b&gt;B30s" in page
    assert "<b>B30s" not in page
    assert "<script" not in page


@pytest.mark.parametrize("tag", ["PatientID", "(0010,0020)", "00100020"])
def test_a_tag_is_explained_without_a_file(tag: str) -> None:
    assert explained(tag).stdout.split()[:4] == ["(0010,0020)", "PatientID", "LO", "pseudonym:"]


def test_the_conformance_statement_names_each_row_where_options_meet() -> None:
    said = explained("--statement", "--profile", "research").stdout

    assert "113107 DCM: Retain Longitudinal Temporal Information Modified Dates Option" in said
    assert "(0018,1200) Date of Last Calibration: retain-modified-dates decides" in said
    assert "dates move into the past by 30 to 3650 days" in said
