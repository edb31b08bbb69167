"""The manual of `anon` says what the commands do, and names tests that exist."""

import re
import subprocess
from pathlib import Path

from dicomveil.cli.anon.main import anon
from dicomveil.cli.anon.reference import reference
from dicomveil.mapping.columns import SPELLINGS
from dicomveil.mapping.fields import MEANING, OLD_NAMES
from dicomveil.mapping.sources import FORMS
from tests.cli.anon.desk import Desk
from tests.cli.anon.test_commands import commands

ROOT = Path(__file__).parents[3]
MANUAL = ROOT / "docs" / "anon"


def page(name: str) -> str:
    return (MANUAL / f"{name}.md").read_text("utf-8")


def test_the_command_reference_is_what_the_commands_say() -> None:
    assert page("commands") == reference()


def test_every_source_type_has_its_form_in_the_manual() -> None:
    text = page("source-identifiers")

    assert [kind for kind in FORMS if f"`{kind}:" not in text] == []


def test_every_spelling_of_a_column_is_in_the_manual() -> None:
    text = page("input-file")

    spellings = [name for names in SPELLINGS.values() for name in names]
    assert [name for name in spellings if f"`{name}`" not in text] == []


def test_every_parameter_of_a_mapping_is_in_the_manual() -> None:
    text = page("mapping")

    assert [name for name in [*MEANING, *OLD_NAMES] if f"`{name}`" not in text] == []


def test_what_is_held_by_a_test_names_one_that_exists() -> None:
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = re.findall(r"`(test_\w+)`", page("held"))

    assert [name for name in named if f"def {name}(" not in tests] == []
    assert len(named) > 30


def test_every_command_line_in_the_manual_is_of_a_command_that_exists() -> None:
    known = set(commands(anon))
    texts = "".join(path.read_text("utf-8") for path in MANUAL.glob("*.md"))
    shown = [line.split() for line in re.findall(r"^(?:\$ )?anon (.+)$", texts, re.MULTILINE)]

    unknown = [
        words for words in shown if not any(tuple(words[:length]) in known for length in (1, 2, 3))
    ]

    assert len(shown) > 20
    assert unknown == []


def test_the_tutorial_can_be_walked_word_for_word(desk: Desk, dicom: bytes) -> None:
    for patient in ("patient1", "patient2"):
        (desk.folder / patient).mkdir()
        (desk.folder / patient / "1.dcm").write_bytes(dicom)
    options = "root_source_path,\\\\server\\share\\mydata\nproject,P\n"
    begun = f"## Description ##\n## Options ##\n{options}destination_path,\\\\server\\share\\out\n"
    lines = re.findall(r"^\$ anon (.+)$", page("tutorial"), re.MULTILINE)
    walked = [line for line in lines if not line.startswith(("server", "settings", "unc"))]

    for line in walked:
        words = line.replace('"', "").split()
        if words == ["map", "edit"]:
            desk.mapping(f"{begun}## Mapping ##\nsource,pseudo_id,pseudo_name,description\n")
        else:
            desk.done(*words, *(["--yes"] if words[0] == "create" else []))

    assert walked[0] == "map init"
    assert "batch status" in walked


def test_the_page_of_the_project_has_no_line_too_many() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "docs/anon"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split()
    linked = set(re.findall(r"\]\(([\w-]+\.md)\)", page("README")))

    assert {Path(name).name for name in listed} - {"README.md"} <= linked
