"""`import dicomveil` offers the engine as a few functions."""

import re
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file

import dicomveil
from tests.house.tree import ROOT

KEY = bytes(range(32))


@pytest.fixture
def path() -> Path:
    found = get_testdata_file("CT_small.dcm")
    assert isinstance(found, str)
    return Path(found)


def test_bytes_and_both_kinds_of_path_give_the_same(path: Path) -> None:
    profile = dicomveil.load_profile("basic")

    outputs = {
        dicomveil.joined(dicomveil.deidentify(given, profile, KEY), given)
        for given in (path, str(path), path.read_bytes())
    }

    assert len(outputs) == 1


def test_an_output_holds_nothing_of_its_original_and_the_original_does(path: Path) -> None:
    whom = dicomveil.identity(path)
    cleaned = dicomveil.deidentify(path, dicomveil.load_profile("basic"), KEY)

    assert not dicomveil.verify(dicomveil.joined(cleaned, path), whom)
    assert dicomveil.verify(path, whom)


@pytest.mark.parametrize("kind", [str, Path])
def test_a_recipe_is_loaded_by_its_path(kind: type[str | Path], path: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "study.yaml"
    recipe.write_text("name: study\nextends: basic\nrules:\n  PatientSex: keep\n", "utf-8")
    before = pydicom.dcmread(path)

    profile = dicomveil.load_profile(kind(recipe))
    cleaned = dicomveil.deidentify(path, profile, KEY)
    after = pydicom.dcmread(BytesIO(dicomveil.joined(cleaned, path)))

    assert profile.name == "study"
    assert after.PatientSex == before.PatientSex != ""


@pytest.mark.parametrize("name", ["basic", "study.yaml"])
def test_options_are_added_by_their_names(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "study.yaml").write_text("name: study\nextends: basic\n", "utf-8")
    monkeypatch.chdir(tmp_path)

    profile = dicomveil.load_profile(name, ["retain-full-dates"])

    assert profile.longitudinal == "UNMODIFIED"


def test_faults_of_a_recipe_and_unknown_names_are_profile_errors(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("name: bad\nextends: basic\nrules:\n  PatientSecks: keep\n", "utf-8")

    with pytest.raises(dicomveil.ProfileError, match=r"bad\.yaml, line 4"):
        dicomveil.load_profile(bad)
    with pytest.raises(dicomveil.ProfileError, match="accepted"):
        dicomveil.load_profile("bsaic")
    with pytest.raises(dicomveil.ProfileError, match="accepted"):
        dicomveil.load_profile("basic", ["retain-everything"])


def test_the_report_says_places_and_actions(path: Path) -> None:
    report = dicomveil.deidentify(path, dicomveil.load_profile("basic"), KEY).report

    assert report is not None
    assert ("(0010,0010)", "PN", "Pseudonym") in report.changes
    assert report.counts["Pseudonym"] == 3


def test_a_key_of_another_length_is_refused(path: Path) -> None:
    with pytest.raises(ValueError, match="32 to 64 bytes"):
        dicomveil.deidentify(path, dicomveil.load_profile("basic"), b"short")


def test_every_public_name_is_there() -> None:
    for name in dicomveil.__all__:
        assert getattr(dicomveil, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError):
        _ = dicomveil.anonymize


def test_the_readme_calls_what_there_is() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    called = set(re.findall(r"dicomveil\.([a-z_]+)\(", text))

    assert called
    assert called <= set(dicomveil.__all__)
