"""What holds for every command of `anon`: JSON, help, no identifier and no token shown."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from dicomveil.cli.anon.main import anon
from dicomveil.cli.anon.show import summary, table
from dicomveil.client.jobs import Job
from dicomveil.mapping.mapping_file import load_mapping
from tests.cli.anon.desk import Desk
from tests.client.recording import TOKEN, Recording


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of every command."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        elif not command.hidden:
            yield (*path, name)


# What must be given so that each command has something to do at the desk below.
GIVEN = {
    "batch add": ["5"],
    "batch remove": ["5"],
    "batch reset": ["-y"],
    "batch cancel": ["-y"],
    "batch cancel-active": ["-y"],
    "batch reset-error": ["-y"],
    "completion": ["bash"],
    "create from-mapping": ["-y"],
    "create set-defaults": ["--project", "P", "--destination-path", r"\\a\b"],
    "find": ["accession_number:4711"],
    "job cancel": ["1", "-y"],
    "job info": ["1"],
    "job list": ["1"],
    "job reset": ["1", "-y"],
    "job set-opt-out-ignore": ["1", "reason", "-y"],
    "job watch": ["1"],
    "map add-accession-numbers": ["4711"],
    "map add-input-file": ["list.csv"],
    "map add-selection": ["fileselection.txt"],
    "map add-selection-file": ["fileselection.txt"],
    "map add-study-folders": ["study"],
    "map add-study-uids": ["1.2.3"],
    "map init": ["-y"],
    "select add": ["*"],
    "server activate": ["local"],
    "server add": ["a", "https://a"],
    "server remove": ["local"],
    "settings set-ca-bundle": ["list.csv"],
    "settings set-validate-ssl": ["true"],
    "settings user set-token": ["abc"],
    "settings user set-username": ["z"],
    "unc add": [r"\\a\b", "/mnt/b"],
    "unc remove": [r"\\c\d"],
    "user set-token": ["abc"],
    "user set-username": ["z"],
}


@pytest.fixture
def full_desk(desk: Desk, server: Recording, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk with a mapping, a batch, a selection and a list."""
    monkeypatch.setenv("EDITOR", "true")
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.chdir(desk.folder)
    server.add("DONE")
    server.api = "/api/v1"
    server.studies = {"accession_number:4711": [{"study_instance_uid": "1.2.3"}]}
    desk.mapping()
    desk.done("batch", "init")
    desk.done("unc", "add", r"\\c\d", "/mnt/d")
    (desk.folder / "study").mkdir()
    (desk.folder / "list.csv").write_text("accession number\n4711\n", encoding="utf-8")
    selection = "id: x\ndescription: y\nselected_paths: []\n"
    (desk.folder / "fileselection.txt").write_text(selection, encoding="utf-8")
    return desk


def given_for(words: tuple[str, ...], desk: Desk) -> list[str]:
    """The rest of a command line that succeeds at this desk."""
    if words == ("batch", "init"):
        (desk.folder / ".anonbatch").unlink()
    return GIVEN.get(" ".join(words), [])


@pytest.mark.parametrize("words", list(commands(anon)), ids=" ".join)
def test_every_command_can_speak_json(full_desk: Desk, words: tuple[str, ...]) -> None:
    given = given_for(words, full_desk)

    result = full_desk.run(*words, *given, "--json")

    assert result.exit_code == 0, result.output
    json.loads(result.stdout)


@pytest.mark.parametrize("words", list(commands(anon)), ids=" ".join)
def test_every_command_says_something_and_never_the_token(
    full_desk: Desk, words: tuple[str, ...]
) -> None:
    said = full_desk.done(*words, *given_for(words, full_desk))

    assert said.strip()
    assert TOKEN not in said


@pytest.mark.parametrize("words", list(commands(anon)), ids=" ".join)
def test_every_command_has_help_that_ends_in_a_full_stop(
    desk: Desk, words: tuple[str, ...]
) -> None:
    said = desk.done(*words, "--help")

    assert "--json" in said
    assert said.splitlines()[2].strip()
    assert not (desk.home / "created").exists()


def test_an_error_speaks_json_as_well(desk: Desk) -> None:
    found = json.loads(desk.run("batch", "info", "--json").stdout)

    assert found == {
        "error": "cannot-start",
        "message": "No batch defined in current folder. You can create one with 'anon batch init'",
    }


IDENTIFYING = [
    ("find", "planted4711"),
    ("find", "folder:planted4711"),
    ("find", "accession_number:planted4711*"),
    ("find", "accession_number:planted4711"),
    ("map", "add-accession-numbers", "planted4711"),
    ("map", "add-accession-numbers", "planted4711*"),
    ("map", "add-study-uids", "planted4711"),
    ("map", "add-accession-numbers", "-f", "list.csv"),
    ("map", "add-study-folders", "planted4711"),
    ("map", "add-study-folders", "planted4711absent"),
    ("map", "add-selection", "planted4711/absent"),
    ("map", "validate"),
    ("create", "from-mapping", "--dry-run"),
    ("create", "from-mapping", "--yes"),
]


@pytest.mark.parametrize("words", IDENTIFYING, ids=" ".join)
def test_progress_and_errors_never_show_an_identifier(
    desk: Desk, server: Recording, words: tuple[str, ...]
) -> None:
    server.projects.clear()
    desk.mapping(
        "## Description ##\n## Options ##\nproject,P\ndestination_path,\\\\a\\b\n"
        "root_source_path,\\\\a\\c\n## Mapping ##\nsource,pseudo_name,description\n"
        "folder:planted4711,A,planted4711\naccession_number:planted4711,B,\n"
    )
    (desk.folder / "planted4711").mkdir()
    (desk.folder / "list.csv").write_text("acc nr\nplanted4711\n", encoding="utf-8")

    result = desk.run(*words, "--show-values")  # no terminal, so nothing is shown all the same

    assert "planted4711" not in result.output


def test_verbose_calls_name_the_server_and_never_the_token(
    desk: Desk, server: Recording, tmp_path: Path
) -> None:
    code = "from dicomveil.cli.anon.main import main; main()"
    called = subprocess.run(
        [sys.executable, "-c", code, "-vv", "server", "status"],
        env={"HOME": str(desk.home), "PYTHONPATH": ":".join(sys.path), "LC_ALL": "C"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert called.returncode == 0, called.stderr
    assert server.url in called.stderr
    assert TOKEN not in called.stdout + called.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="terminals are made otherwise there")
@pytest.mark.parametrize(("flag", "shown"), [("--show-values", True), ("--dry-run", False)])
def test_identifiers_are_shown_on_a_terminal_that_asks_for_them(
    desk: Desk, server: Recording, flag: str, shown: bool
) -> None:
    desk.mapping()
    terminal, there = pty.openpty()
    code = "from dicomveil.cli.anon.main import main; main()"

    subprocess.run(
        [sys.executable, "-c", code, "create", "from-mapping", "--dry-run", flag],
        env={"HOME": str(desk.home), "PYTHONPATH": ":".join(sys.path), "LC_ALL": "C"},
        cwd=desk.folder,
        stdout=there,
        check=True,
    )
    os.close(there)
    said = os.read(terminal, 100_000).decode()
    os.close(terminal)

    assert ("12345678.1234567" in said) is shown
    assert server.jobs == {}


def test_without_a_command_the_help_is_shown_and_no_settings_are_made(tmp_path: Path) -> None:
    desk = Desk(tmp_path, tmp_path)

    assert "Commands:" in desk.run().output
    assert "Commands:" in desk.done("--help")
    assert "Commands:" in desk.done("batch", "--help")
    assert list(tmp_path.iterdir()) == []


def test_tables_are_those_that_scripts_read() -> None:
    rows = [[1, "DONE", None, "a\nb"], [10, "ERROR", 5, ""]]

    assert table(["id", "status", "down", "text"], rows) == (
        "  id  status      down  text\n"
        "----  --------  ------  ------\n"
        "   1  DONE              a b\n"
        "  10  ERROR          5"
    )


def test_the_summary_counts_what_the_server_does_not_know() -> None:
    jobs = [Job({"status": "ACTIVE"}), Job({"status": "ACTIVE"})]

    assert summary(jobs, 3) == (
        "Status       count    percentage\n"
        "-------------------------------\n"
        "ACTIVE       2        66.7 %  \n"
        "NOT_FOUND    1        33.3 %  \n"
        "-------------------------------\n"
        "Total        3        100%"
    )


def test_http_to_another_computer_is_warned_of(desk: Desk) -> None:
    said = desk.done("server", "add", "a", "http://example.org")

    assert "http sends your token readable" in said


def test_a_token_is_asked_for_without_echo(desk: Desk) -> None:
    said = desk.done("settings", "user", "set-token", answer="secret-token\n")

    assert "secret-token" not in said
    assert desk.settings.token == "secret-token"  # noqa: S105 - of this test


def test_a_keyring_that_is_not_there_is_said_to_be_so(desk: Desk) -> None:
    assert "keyring" in desk.failed("user", "set-token", "abc", "--keyring")
    assert desk.settings.token == TOKEN


def test_mounted_shares_are_listed_once_known(desk: Desk) -> None:
    desk.done("unc", "add", r"//server/share/", "/mnt/share")

    assert desk.done("unc", "list") == "\\\\server\\share = /mnt/share\n"
    assert desk.done("unc", "remove", r"\\SERVER\share") == "Removed \\\\SERVER\\share\n"


def test_wild_cards_name_folders_at_any_depth(desk: Desk, dicom: bytes) -> None:
    path = desk.mapping()
    for name in ("a/x/1", "a/y/1", "b/deep/x/1"):
        (desk.folder / name).parent.mkdir(parents=True)
        (desk.folder / name).write_bytes(dicom)

    desk.done("map", "add-study-folders", "**/x", "a/y", "a/?")

    added = [row.cells["source"] for row in load_mapping(path).rows[4:]]  # type: ignore[index] # a StrEnum
    assert added == [
        f"fileselection:{folder}/fileselection.txt" for folder in ("a/x", "b/deep/x", "a/y")
    ]


def test_folders_on_a_known_share_are_found_by_their_unc_path(desk: Desk, dicom: bytes) -> None:
    path = desk.mapping()
    (desk.folder / "data/a").mkdir(parents=True)
    (desk.folder / "data/a/1").write_bytes(dicom)
    desk.done("unc", "add", r"\\server\share2", str(desk.folder))
    (desk.folder / "list.csv").write_text("folder\n\\\\SERVER\\share2\\data\\a\n", encoding="utf-8")

    desk.done("map", "add-study-folders", "-f", "list.csv")
    desk.done("map", "add-study-folders", "data/../data/a", r"\\server\share2\data\a")
    unknown = desk.failed("map", "add-study-folders", r"\\elsewhere\share\a")

    added = [row.cells["source"] for row in load_mapping(path).rows[4:]]  # type: ignore[index] # a StrEnum
    assert added == ["fileselection:a/fileselection.txt"] * 2
    assert "not in the translation table" in unknown


def test_a_thousand_bad_rows_are_not_all_told(desk: Desk) -> None:
    rows = "accession_number:,A\n" * 1000
    desk.mapping(f"## Description ##\n## Options ##\n## Mapping ##\nsource,pseudo_id\n{rows}")

    said = desk.failed("map", "validate")

    assert said.count("Error: anon_mapping.csv, row ") == 100
    assert "Error: 900 more rows; --json tells of all" in said
    assert len(desk.json("map", "validate")["bad"]) == 1000
