"""Profiles in the ledger: versions never change, and jobs keep the one they began with."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pydicom
import pytest

from dicomveil.errors import BadRecipe, ProfileError
from dicomveil.job_errors import NoSuch
from dicomveil.jobs import exporting
from dicomveil.jobs.frozen import read_plan
from dicomveil.jobs.model import Claim
from dicomveil.jobs.profiles import difference
from dicomveil.jobs.states import Event, State
from dicomveil.policy.recipe.files import content_of
from dicomveil.policy.recipe.kept import keep_recipe, profile_of_texts
from tests.jobs.estate import PROJECT, Estate, wait_until


def recipe(called: str, *more: str, name: str = "study") -> str:
    """A recipe that calls every patient so."""
    lines = [f"name: {name}", "extends: basic", f"rules: {{PatientName: {{replace: {called}}}}}"]
    return "\n".join([*lines, *more, ""])


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    made = Estate(tmp_path)
    yield made
    made.house.close()


def use(estate: Estate, profile: str) -> None:
    """Let the project name another profile."""
    estate.house.registry.change_project(PROJECT, replace(estate.recipe, profile=profile), "test")


def named(estate: Estate, number: int) -> str:
    """What the patients of a job's output are called."""
    return str(pydicom.dcmread(estate.delivered(number)[0]).PatientName)


def test_another_text_is_another_version_and_the_first_stays(estate: Estate) -> None:
    profiles = estate.house.profiles
    first = profiles.add(recipe("One"), "anna")

    second = profiles.add(recipe("Two"), "bert")

    assert (first.called, second.called, second.created_by) == ("study@1", "study@2", "bert")
    assert profiles.version("study", 1).text == recipe("One")
    assert [one.number for one in profiles.versions("study")] == [2, 1]
    assert [one.called for one in profiles.newest()] == ["study@2"]


def test_the_same_text_again_is_the_same_version(estate: Estate) -> None:
    first = estate.house.profiles.add(recipe("One"), "anna")

    assert estate.house.profiles.add(recipe("One"), "bert") == first


def test_the_difference_of_two_versions_is_their_lines(estate: Estate) -> None:
    one = estate.house.profiles.add(recipe("One"), "anna")
    two = estate.house.profiles.add(recipe("Two"), "anna")

    lines = list(difference(one, two))

    assert lines[:2] == ["--- study@1", "+++ study@2"]
    assert [line for line in lines[2:] if line[0] in "+-"] == [
        "-rules: {PatientName: {replace: One}}",
        "+rules: {PatientName: {replace: Two}}",
    ]


@pytest.mark.parametrize(
    "text",
    ["", "name: study\n", "name: basic\nextends: basic\n", "name: study\nextends: other.yaml\n"],
    ids=["empty", "not whole", "a preset's name", "one that reads another file"],
)
def test_a_text_that_does_not_stand_alone_is_no_profile(estate: Estate, text: str) -> None:
    with pytest.raises(BadRecipe):
        estate.house.profiles.add(text, "anna")

    assert estate.house.profiles.newest() == []


@pytest.mark.parametrize("called", ["nothing", "study@2", "study@x", "study@", "@1"])
def test_a_profile_that_is_not_there_is_said_to_be(estate: Estate, called: str) -> None:
    estate.house.profiles.add(recipe("One"), "anna")

    with pytest.raises(ProfileError):
        estate.house.profiles.frozen(called)


def test_a_version_that_is_not_there_is_none(estate: Estate) -> None:
    estate.house.profiles.add(recipe("One"), "anna")

    with pytest.raises(NoSuch):
        estate.house.profiles.version("study", 2)


def test_who_added_a_version_is_audited(estate: Estate) -> None:
    made = estate.house.profiles.add(recipe("One"), "anna")

    last = estate.house.heads.entries(0, 1000)[-1]

    assert (last.who, last.what, last.on) == ("anna", "profile added", "profile study")
    assert last.facts == {"version": 1, "digest": made.digest}


def test_a_project_takes_the_newest_version_or_the_one_it_names(estate: Estate) -> None:
    estate.fill("a", "4711")
    estate.house.profiles.add(recipe("One"), "anna")
    estate.house.profiles.add(recipe("Two"), "anna")
    use(estate, "study")
    (newest,) = estate.run(estate.submit())
    use(estate, "study@1")

    (pinned,) = estate.run(estate.submit())

    assert (named(estate, newest.id), named(estate, pinned.id)) == ("Two", "One")


def held_up(estate: Estate) -> int:
    """A job whose first attempt froze its plan, and then met trouble."""
    estate.fill("a", "4711")
    out = estate.share / "out"
    (out / "x").write_text("no folder: nothing can be staged here yet")
    number = estate.submit()
    estate.run_until_waiting(number)
    (out / "x").unlink()
    return number


def test_a_job_keeps_the_version_it_began_with(estate: Estate) -> None:
    estate.house.profiles.add(recipe("One"), "anna")
    use(estate, "study")
    number = held_up(estate)

    estate.house.profiles.add(recipe("Two"), "anna")
    (job,) = estate.run(number)

    assert (job.state, named(estate, number)) == (State.DONE, "One")


def test_a_recipe_file_that_is_edited_between_attempts_changes_nothing(
    estate: Estate, tmp_path: Path
) -> None:
    file = tmp_path / "study.yaml"
    file.write_text(recipe("One"))
    use(estate, str(file))
    number = held_up(estate)

    file.write_text(recipe("Two"))
    (job,) = estate.run(number)

    assert (job.state, named(estate, number)) == (State.DONE, "One")


def test_a_job_that_another_version_of_the_rules_began_is_not_finished_by_these(
    estate: Estate,
) -> None:
    number = held_up(estate)
    (claim,) = claimed(estate)
    frozen = read_plan(estate.house.ledger.plan(number))
    other = replace(frozen, digest="0" * 32).written()
    estate.house.ledger.keep_plan(claim, other, 1)
    estate.house.ledger.release("test")

    (job,) = estate.run(number)

    assert (job.state, job.code) == (State.FAILED, "profile")
    assert "reset it" in job.error
    assert not estate.output(number).exists()


def claimed(estate: Estate) -> list[Claim]:
    """The job that waited, claimed once it is due."""
    found: list[Claim] = []

    def is_claimed() -> bool:
        estate.house.ledger.sweep()
        found.extend(estate.house.ledger.claim("test"))
        return bool(found)

    wait_until(is_claimed)
    return found


def test_a_job_that_is_reset_takes_the_newest_version(estate: Estate) -> None:
    estate.fill("a", "4711")
    estate.house.profiles.add(recipe("One"), "anna")
    use(estate, "study")
    (job,) = estate.run(estate.submit())
    estate.house.profiles.add(recipe("Two"), "anna")

    estate.house.ledger.act(job.id, Event.RESET, "anna")
    estate.run(job.id)

    assert named(estate, job.id) == "Two"


def test_an_exported_recipe_is_the_frozen_one_and_makes_the_same_bytes(
    estate: Estate, tmp_path: Path
) -> None:
    folder = tmp_path / "recipes"
    folder.mkdir()
    (folder / "parent.yaml").write_text(recipe("One", name="parent"))
    (folder / "study.yaml").write_text("name: study\nextends: parent.yaml\n")
    use(estate, str(folder / "study.yaml"))
    estate.fill("a", "4711")
    (job,) = estate.run(estate.submit())
    for file in folder.iterdir():
        file.write_text("edited since")

    exporting.export(estate.house.ledger, estate.house.keyring, job.id, tmp_path / "export")

    command = json.loads((tmp_path / "export" / "recipe.json").read_text())["command"]
    subprocess.run(
        [sys.executable, "-m", *command[:-1], str(tmp_path / "again")],
        check=True,
        capture_output=True,
    )
    by_hand = {path.name: path.read_bytes() for path in (tmp_path / "again").rglob("*.dcm")}
    assert by_hand == {path.name: path.read_bytes() for path in estate.delivered(job.id)}
    assert named(estate, job.id) == "One"


def test_a_kept_recipe_has_every_file_it_reads(tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "who.csv").write_text("old,new\r\n4711,P1\r\n")
    (tmp_path / "parent.yaml").write_text(recipe("One", name="parent"))
    mapping = "{file: tables/who.csv, old: old, patient-id: new}"
    (tmp_path / "study.yaml").write_text(
        f"name: study\nextends: parent.yaml\nidentity: {{mapping: {mapping}}}\n"
    )

    kept = keep_recipe(tmp_path / "study.yaml")

    digest = profile_of_texts(kept).digest
    assert [name for name, _ in kept] == ["study.yaml", "parent.yaml", "tables/who.csv"]
    for file in tmp_path.glob("*.yaml"):
        file.unlink()
    assert profile_of_texts(kept).digest == digest


def test_a_kept_document_is_the_same_bytes(tmp_path: Path) -> None:
    document = b"%PDF-1.4\n\xff\xfe\x00\r\n\x80%%EOF\n"
    (tmp_path / "blank.pdf").write_bytes(document)
    rule = "rules: {EncapsulatedDocument: {document: blank.pdf}}"
    (tmp_path / "study.yaml").write_text(f"name: study\nextends: basic\n{rule}\n")

    kept = keep_recipe(tmp_path / "study.yaml")

    assert [name for name, _ in kept] == ["study.yaml", "blank.pdf"]
    assert content_of(json.loads(json.dumps(kept))[1][1]) == document
    digest = profile_of_texts(kept).digest
    (tmp_path / "blank.pdf").unlink()
    assert profile_of_texts(kept).digest == digest


def test_a_recipe_that_reads_a_file_elsewhere_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "parent.yaml").write_text(recipe("One", name="parent"))
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "study.yaml").write_text("name: study\nextends: ../parent.yaml\n")

    with pytest.raises(BadRecipe, match="elsewhere"):
        keep_recipe(tmp_path / "below" / "study.yaml")
