"""The completion scripts, run by the shells that they are for."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.anon.desk import Desk

CODE = "from dicomveil.cli.anon.main import main; main()"
# How each shell is asked what it offers after some words: zsh's own functions that take the offers
# need a line editor, so they print here.
ASKED = {
    "bash": """
        source "$SCRIPT"
        complete -p anon | grep -q -- '-F _anon_completion' || exit 9
        COMP_WORDS=($LINE); COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _anon_completion anon
        printf '%s\\n' "${COMPREPLY[@]}"
    """,
    "zsh": """
        compdef() { [[ "$*" == "_anon_completion anon" ]] || exit 9 }
        compadd() { print -rl -- ${(P)@[-1]} }
        _describe() { print -rl -- ${${(P)3}%%:*} }
        source "$SCRIPT"
        words=(${=LINE}); CURRENT=${#words}
        _anon_completion
    """,
    "fish": """
        source $SCRIPT
        complete -C "$LINE"
    """,
}
START = {"bash": ["--norc", "--noprofile"], "zsh": ["-f"], "fish": ["--no-config"]}


@pytest.fixture(params=list(ASKED))
def shell(request: pytest.FixtureRequest) -> str:
    """A shell that is installed; in continuous integration each must be."""
    name = str(request.param)
    if shutil.which(name) is None:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is not installed: apt install {name}")
        pytest.skip(f"{name} is not installed")
    return name


@pytest.fixture
def command(tmp_path: Path) -> Path:
    """A folder that holds the command `anon`."""
    folder = tmp_path / "bin"
    folder.mkdir()
    anon = folder / "anon"
    anon.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{CODE}" "$@"\n', encoding="utf-8")
    anon.chmod(0o755)
    return folder


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("anon batch re", ["remove", "reset", "reset-error"]),
        ("anon job list --j", ["--json"]),
        ("anon server activate lo", ["local"]),
        ("anon batch remove 41", ["41", "4100"]),
        ("anon find acc", ["accession_number:"]),
    ],
)
def test_a_shell_completes(
    desk: Desk, shell: str, command: Path, line: str, offered: list[str]
) -> None:
    desk.done("batch", "init")
    desk.done("batch", "add", "7", "41", "4100")
    script = desk.folder / "script"
    script.write_text(desk.done("completion", shell), encoding="utf-8")
    paths = os.pathsep.join(str(Path(path).resolve()) for path in sys.path if path)

    done = subprocess.run(
        [shell, *START[shell], "-c", ASKED[shell]],
        env={
            "HOME": str(desk.home),
            "PATH": f"{command}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": paths,
            "LC_ALL": "C.UTF-8",
            "SCRIPT": str(script),
            "LINE": line,
        },
        cwd=desk.folder,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    # fish explains each offer behind a tab
    assert [one.split("\t")[0] for one in done.stdout.splitlines()] == offered
