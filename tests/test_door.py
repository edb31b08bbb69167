"""`import dicomveil` offers the engine as a few functions."""

import re
from pathlib import Path

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
