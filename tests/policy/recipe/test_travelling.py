"""A recipe's profile goes to other processes as its path and digest, however long it is."""

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from dicomveil.engine.cleaner import Options
from dicomveil.errors import ProfileError
from dicomveil.policy.finding import find_profile
from dicomveil.policy.options import Option
from dicomveil.policy.profile import Profile
from dicomveil.wiring import EngineWorkshop
from tests.builders import KEY

LARGEST = 4096  # bytes a chunk; a pipe holds 65,536
RULES = "".join(f'  "(0018,90{number:02x})": remove\n' for number in range(256))
LOAD = "import pickle, sys; print(pickle.loads(sys.stdin.buffer.read()).digest)"


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """A recipe of many rules."""
    path = tmp_path / "ours.yaml"
    path.write_text(f"name: ours\nextends: research\nrules:\n{RULES}")
    return path


def elsewhere(sent: bytes) -> "subprocess.CompletedProcess[bytes]":
    """The digest of a profile that a new process was sent."""
    return subprocess.run(
        [sys.executable, "-c", LOAD], input=sent, capture_output=True, check=False
    )


def workshop(profile: Profile) -> EngineWorkshop:
    return EngineWorkshop(profile, profile.digest, Options(), KEY)


def test_what_each_chunk_takes_along_is_small(recipe: Path) -> None:
    assert len(pickle.dumps(workshop(find_profile(str(recipe))))) < LARGEST


@pytest.mark.parametrize("options", [(), (Option.UIDS,)])
def test_another_process_gets_the_same_profile(recipe: Path, options: tuple[Option, ...]) -> None:
    profile = find_profile(str(recipe), options)

    there = elsewhere(pickle.dumps(profile))

    assert there.stdout.decode().strip() == profile.digest, there.stderr


def test_a_recipe_named_from_its_folder_is_found_from_another(
    recipe: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(recipe.parent)
    profile = find_profile(recipe.name)
    sent = pickle.dumps(profile)
    (tmp_path / "away").mkdir()
    monkeypatch.chdir(tmp_path / "away")

    assert elsewhere(sent).stdout.decode().strip() == profile.digest


def test_who_has_read_it_is_not_disturbed_by_an_edit(recipe: Path) -> None:
    profile = find_profile(str(recipe))
    sent = pickle.dumps(profile)
    recipe.write_text("name: other\nextends: basic\n")

    assert pickle.loads(sent) is profile  # noqa: S301 - our own bytes


def test_who_reads_it_after_an_edit_refuses_it(recipe: Path) -> None:
    sent = pickle.dumps(find_profile(str(recipe)))
    recipe.write_text("name: other\nextends: basic\n")

    there = elsewhere(sent)

    assert there.returncode != 0
    assert ProfileError.__name__.encode() in there.stderr


def test_an_edited_recipe_is_read_anew(recipe: Path) -> None:
    before = find_profile(str(recipe))
    recipe.write_text("name: other\nextends: basic\n")

    assert find_profile(str(recipe)).digest != before.digest
