"""Every recorded case of pfdicom_tagSub 3.1.1 comes out as recorded, or as the page of differences.

`recorded/pfdicom_tagsub.json` was made by running the original with its working pins on files that
pydicom ships. Values are compared, not bytes: this tool keeps bytes that the original wrote anew.
"""

import json
import shutil
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pydicom.data
import pytest
from pydicom import Dataset, dcmread
from pydicom.dataelem import DataElement
from pydicom.multival import MultiValue

from dicomveil.cli.tagsub.command import main

RECORDED: dict[str, Any] = json.loads(
    Path(__file__).with_name("recorded").joinpath("pfdicom_tagsub.json").read_text("utf-8")
)
SHIPPED = Path(pydicom.data.__file__).parent
# Each of these is a row of docs/pfdicom_tagSub.md.
ABSENT_SOURCE = {
    ("nospc", "pf-in/liver/liver_1frame.dcm", "ManufacturerModelName"): "",
    ("nospc", "pf-in/sr/test-SR.dcm", "ManufacturerModelName"): None,
    ("charset_md5", "pf-cs/chrSQEncoding/chrSQEncoding.dcm", "PatientName"): None,
}
DOES_NOT_FIT = {"md5"}  # hexadecimal digits in UIDs and dates
ODD_LENGTH = {("rm_private", "pf-priv/p/nested_priv_SQ.dcm")}


def shipped(name: str) -> Path:
    """A file that pydicom ships."""
    places = (SHIPPED / folder / name for folder in ("test_files", ".", "charset_files"))
    return next(place for place in places if place.exists())


@pytest.fixture
def trees(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The input trees of the recording, in the current directory."""
    for tree, files in RECORDED["input_trees"].items():
        for relative, source in files.items():
            place = tmp_path / tree / relative
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(shipped(source["pydicom_file"]), place)
    for tree, files in RECORDED["extra_files"].items():
        for relative, text in files.items():
            (tmp_path / tree / relative).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


def case(name: str) -> dict[str, Any]:
    """The recorded case of this name."""
    found: dict[str, Any] = next(one for one in RECORDED["cases"] if one["name"] == name)
    return found


def said(dataset: Dataset, keyword: str) -> object:
    """A value as the recording has it; None for an element that is absent."""
    if keyword not in dataset:
        return None
    element: DataElement = dataset[keyword]
    if isinstance(element.value, MultiValue):
        return [str(one) for one in element.value]
    return "" if element.value is None else str(element.value)


def recorded_values(output: dict[str, Any]) -> dict[str, object]:
    """What the original changed and added, by keyword."""
    changed = {keyword: one["after"] for keyword, one in output.get("changed", {}).items()}
    added = {keyword: one["value"] for keyword, one in output.get("added", {}).items()}
    return changed | added


NAMES = [one["name"] for one in RECORDED["cases"]]


@pytest.mark.parametrize("name", [name for name in NAMES if name not in DOES_NOT_FIT])
def test_a_recorded_case_has_its_recorded_values(name: str, trees: Path) -> None:
    recorded = case(name)
    arguments = recorded["argv"][1:]
    target = trees / arguments[arguments.index("--outputDir") + 1]

    main([*arguments, "--verbosity", "0"])

    for relative, output in recorded["outputs"].items():
        if (name, relative) in ODD_LENGTH:
            assert not (target / relative).exists()
            continue
        dataset = dcmread(target / relative, force=True)
        if "note" in output:  # recorded at a place that has no input: two values
            assert str(dataset.PatientID) == output["PatientID"]
            continue
        for keyword, value in recorded_values(output).items():
            expected = ABSENT_SOURCE.get((name, relative, keyword), value)
            assert said(dataset, keyword) == expected, (relative, keyword)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in DOES_NOT_FIT])
def test_nothing_else_is_changed(name: str, trees: Path) -> None:
    recorded = case(name)
    arguments = recorded["argv"][1:]
    target = trees / arguments[arguments.index("--outputDir") + 1]

    main([*arguments, "--verbosity", "0"])

    for relative, output in recorded["outputs"].items():
        if "input" not in output or (name, relative) in ODD_LENGTH:
            continue
        before = dcmread(trees / recorded["tree"] / output["input"], force=True)
        after = dcmread(BytesIO((target / relative).read_bytes()), force=True)
        touched = set(recorded_values(output))
        both = {element.keyword for element in before if not element.tag.is_private} - touched
        different = [
            keyword
            for keyword in both - {"", "PixelData"}
            if said(before, keyword) != said(after, keyword)
        ]
        assert different == [], relative


def test_what_does_not_fit_its_vr_is_refused_file_by_file(
    trees: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main([*case("md5")["argv"][1:], "--json", "--verbosity", "0"])

    result = json.loads(capsys.readouterr().out)
    assert code == 3
    assert {error["code"] for error in result["errors"]} == {"result-form", "not-dicom"}
    assert {error["element"] for error in result["errors"]} == {"(0008,0018)", None}
    assert not list((trees / "pf-out").rglob("*.dcm"))


def test_one_bad_file_costs_that_file_alone(trees: Path) -> None:
    main([*case("mixed")["argv"][1:], "--verbosity", "0"])

    delivered = {path.name for path in (trees / "pf-out" / "mixed").rglob("*") if path.is_file()}
    assert delivered == {"CT_small.dcm", "zMR.dcm", "MR_small.dcm", "1.dcm"}


def test_private_elements_go_at_every_depth(trees: Path) -> None:
    main([*case("rm_private")["argv"][1:], "--verbosity", "0"])

    private = [
        (path.name, element.tag)
        for path in (trees / "pf-out").rglob("*.dcm")
        for element in dcmread(path, force=True).iterall()
        if element.tag.is_private
    ]
    assert private == []
