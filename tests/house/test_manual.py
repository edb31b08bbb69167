"""What is written twice, in the code and in the manual, says the same."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from dicomveil.cli.exits import Exit
from dicomveil.cli.main import COMMANDS, commands
from dicomveil.errors import (
    DicomveilError,
    Failed,
    Leak,
    PlaceRefuses,
    ProfileError,
    Refused,
    UidConflict,
)
from dicomveil.job_errors import JobRefused
from tests.house.tree import ROOT, needs_deid

README = (ROOT / "README.md").read_text("utf-8")
ERRORS = (ROOT / "docs" / "errors.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
EXIT_ROW = re.compile(r"^\| (\d+) \| (.+) \|$", re.MULTILINE)


def leaves(error: type[DicomveilError]) -> Iterator[type[DicomveilError]]:
    """The errors below `error` that have none below them."""
    below = error.__subclasses__()
    if not below:
        yield error
    for kind in below:
        yield from leaves(kind)


def codes() -> set[str]:
    """Every code that a user can meet."""
    many = (Refused, JobRefused)  # each of these has a table of codes
    own = {leaf.code for leaf in leaves(DicomveilError) if not issubclass(leaf, many)}
    return (
        own
        | {Failed.code, PlaceRefuses.code, ProfileError.code}
        | set(Refused.CODES)
        | set(JobRefused.CODES)
        | {Leak().code, UidConflict().code}
    )


def test_every_error_code_has_its_paragraph_in_the_manual() -> None:
    paragraphs = re.findall(r"^### `([a-z-]+)`\n\n\S", ERRORS, re.MULTILINE)

    assert sorted(paragraphs) == sorted(codes())


def test_every_kind_of_refusal_is_counted_among_the_codes() -> None:
    assert {kind.__name__ for kind in Refused.__subclasses__()} == {"Leak", "UidConflict"}


@pytest.mark.parametrize("text", [README, ERRORS], ids=["README", "errors.md"])
def test_the_exit_codes_are_those_of_the_code(text: str) -> None:
    assert {int(code) for code, _ in EXIT_ROW.findall(text)} == {int(code) for code in Exit}


def test_the_readme_and_the_manual_say_the_same_of_each_exit_code() -> None:
    assert EXIT_ROW.findall(README) == EXIT_ROW.findall(ERRORS)


@needs_deid
def test_the_readme_lists_the_options_of_deid() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "dicomveil", "deid", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    offered = set(re.findall(r"^ +(?:-\w, )?(--[a-z-]+)", shown.stdout, re.MULTILINE))

    listed = set(re.findall(r"^\| `(--[a-z-]+)", README, re.MULTILINE))

    assert listed == offered - {"--help"}


@needs_deid
@pytest.mark.parametrize("command", COMMANDS)
def test_the_summary_of_a_command_is_the_first_sentence_of_its_help(command: str) -> None:
    context = commands.make_context("dicomveil", [command])

    found = commands.get_command(context, command)

    assert found is not None
    assert COMMANDS[command].summary == (found.help or "").split("\n\n")[0].replace("\n", " ")


def test_the_continuous_integration_runs_the_readmes_test_command() -> None:
    in_readme = re.findall(r"^(make \w+) ", README, re.MULTILINE)
    in_ci = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    in_forge = (ROOT / ".github" / "workflows" / "check.yml").read_text("utf-8")

    assert in_readme == ["make demo", "make test"]
    assert "make test" in in_ci
    assert "- run: make test\n" in in_forge
    assert re.search(r"^test: check", MAKEFILE, re.MULTILINE)
