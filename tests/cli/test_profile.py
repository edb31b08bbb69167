"""What `dicomveil profile` lists, shows, checks, writes and converts."""

import json
from pathlib import Path
from typing import Any

import pytest

from dicomveil.cli.exits import Exit
from dicomveil.cli.main import run
from dicomveil.policy.profile import PRESETS, load_profile

Captured = pytest.CaptureFixture[str]
SOUND = "name: study\nextends: basic\nrules:\n  PatientSex: keep\n"
BAD = "name: study\nextends: basic\nrules:\n  PatientSexx: keep\n  PatientAge: kep\n"


def programs(captured: Captured, *arguments: str) -> dict[str, Any]:
    run(["profile", *arguments, "--json"])
    found: dict[str, Any] = json.loads(captured.readouterr().out)
    return found


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    path = tmp_path / "study.yaml"
    path.write_text(SOUND, "utf-8")
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.yaml"
    path.write_text(BAD, "utf-8")
    return path


def test_the_profiles_of_the_package_are_listed(capsys: Captured) -> None:
    assert run(["profile", "list"]) == Exit.DONE
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]

    assert listed == list(PRESETS)
    assert list(programs(capsys, "list")["profiles"]) == list(PRESETS)


def test_a_profile_is_shown_with_the_origin_of_each_rule(capsys: Captured, sound: Path) -> None:
    assert run(["profile", "show", str(sound), "PatientSex", "(0010,0010)"]) == Exit.DONE
    shown = capsys.readouterr().out.splitlines()

    rules = [line.split(maxsplit=2) for line in shown[-2:]]
    assert [(rule[0], rule[1]) for rule in rules] == [
        ("PatientName", "pseudonym:"),
        ("PatientSex", "keep"),
    ]
    assert rules[1][2] == "study.yaml:4"
    assert "PS3.15" in rules[0][2]


def test_programs_get_every_rule_of_a_profile(capsys: Captured) -> None:
    profile = load_profile("basic")

    shown = programs(capsys, "show", "basic")

    assert shown["digest"] == profile.digest
    assert len(shown["rules"]) == len(profile.rules)


@pytest.mark.parametrize("arguments", [["nowhere"], ["basic", "Nothing"], ["nowhere.yaml"]])
def test_what_cannot_be_shown_is_refused(arguments: list[str]) -> None:
    assert run(["profile", "show", *arguments]) == Exit.REFUSED


def test_a_sound_recipe_has_no_fault(capsys: Captured, sound: Path) -> None:
    assert run(["profile", "lint", str(sound)]) == Exit.DONE

    assert "study.yaml: no faults, 1 remarks" in capsys.readouterr().out


def test_every_fault_of_a_recipe_has_its_line(capsys: Captured, sound: Path, bad: Path) -> None:
    assert run(["profile", "lint", str(sound), str(bad)]) == Exit.REFUSED
    people = capsys.readouterr().out
    found = programs(capsys, "lint", str(bad))["recipes"][0]

    assert "bad.yaml, line 4: " in people
    assert [fault["line"] for fault in found["faults"]] == [4, 5]


def test_a_tie_with_what_is_extended_names_both_rules(capsys: Captured, tmp_path: Path) -> None:
    path = tmp_path / "tie.yaml"
    path.write_text("name: study\nextends: basic\nrules:\n  (6x0x,3000): keep\n", "utf-8")

    assert run(["profile", "lint", str(path)]) == Exit.REFUSED

    told = capsys.readouterr().out
    assert "tie.yaml:4" in told
    assert "Table E.1-1" in told


def test_deid_refuses_a_bad_recipe_in_one_line(capsys: Captured, bad: Path) -> None:
    code = run(["deid", "--profile", str(bad), str(bad.parent), str(bad.parent / "out")])

    assert code == Exit.REFUSED
    assert capsys.readouterr().err.count("\n") == 1
    assert not (bad.parent / "out").exists()


@pytest.mark.parametrize("base", list(PRESETS))
def test_a_new_recipe_is_sound(tmp_path: Path, base: str) -> None:
    path = tmp_path / "My Study.yaml"

    assert run(["profile", "new", "--extends", base, str(path)]) == Exit.DONE

    assert run(["profile", "lint", str(path)]) == Exit.DONE
    assert "name: my-study" in path.read_text("utf-8")


def test_a_file_that_is_there_is_never_written_over(sound: Path) -> None:
    assert run(["profile", "new", str(sound)]) == Exit.REFUSED

    assert sound.read_text("utf-8") == SOUND


def test_a_script_is_converted_and_what_is_left_is_listed(capsys: Captured, tmp_path: Path) -> None:
    script, recipe = tmp_path / "old.deid", tmp_path / "new.yaml"
    script.write_text("FORMAT dicom\n%header\nKEEP Modality\nKEEP NoSuch\n", "utf-8")

    code = run(["profile", "convert", str(script), str(recipe)])

    assert code == Exit.INCOMPLETE
    assert "line 4: " in capsys.readouterr().err
    assert run(["profile", "lint", str(recipe)]) == Exit.DONE


def test_a_script_that_converts_whole_is_printed(capsys: Captured, tmp_path: Path) -> None:
    script = tmp_path / "old.deid"
    script.write_text("FORMAT dicom\n%header\nKEEP Modality\n", "utf-8")

    assert run(["profile", "convert", str(script), "-"]) == Exit.DONE

    assert "  Modality: keep" in capsys.readouterr().out.splitlines()


def test_a_script_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    assert run(["profile", "convert", str(tmp_path / "nowhere"), "-"]) == Exit.REFUSED
    assert run(["profile", "new", str(tmp_path / "nowhere" / "x.yaml")]) == Exit.REFUSED
