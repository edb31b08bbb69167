"""What a terminal sees and a file or pipe does not: drawn tables, and colour."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.anon.desk import Desk
from tests.client.recording import Recording

pty = pytest.importorskip("pty", reason="terminals are made otherwise there")

CODE = "from dicomveil.cli.anon.main import main; main()"
COLOUR = "\x1b["


def environment(desk: Desk, **more: str) -> dict[str, str]:
    paths = os.pathsep.join(str(Path(path).resolve()) for path in sys.path if path)
    terminal = {"TERM": "xterm-256color", "COLUMNS": "120", "LC_ALL": "C.UTF-8", "NO_PROXY": "*"}
    return {"HOME": str(desk.home), "PYTHONPATH": paths, **terminal, **more}


def on_terminal(desk: Desk, *words: str, **more: str) -> str:
    """What a command shows on a terminal."""
    terminal, there = pty.openpty()
    called = subprocess.Popen(
        [sys.executable, "-c", CODE, *words],
        env=environment(desk, **more),
        cwd=desk.folder,
        stdout=there,
    )
    os.close(there)
    shown = bytearray()
    while part := _read(terminal):
        shown += part
    os.close(terminal)
    assert called.wait() == 0
    return shown.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so when the other side is closed
        return b""


def piped(desk: Desk, *words: str) -> str:
    """What the same command writes into a pipe."""
    return subprocess.run(
        [sys.executable, "-c", CODE, *words],
        env=environment(desk),
        cwd=desk.folder,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


@pytest.fixture
def jobs(server: Recording) -> Recording:
    server.add("DONE", user_name="[red]z1[/red]")
    server.add("ERROR")
    return server


def test_a_terminal_gets_a_drawn_table_in_the_colours_of_the_states(
    desk: Desk, jobs: Recording
) -> None:
    shown = on_terminal(desk, "job", "list", "1", "2")

    lines = {
        word: line for line in shown.splitlines() for word in ("DONE", "ERROR") if word in line
    }
    assert "─" in shown
    assert "\x1b[32m" in lines["DONE"]
    assert "\x1b[31m" in lines["ERROR"]
    assert len(jobs.jobs) == 2


def test_what_a_server_says_is_no_markup_on_a_terminal(desk: Desk, jobs: Recording) -> None:
    jobs.jobs[2]["user_name"] = "a\x1b[2Jb"

    shown = on_terminal(desk, "job", "list", "1", "2")

    assert "[red]z1[/red]" in shown
    assert "\x1b[2J" not in shown


def test_a_pipe_gets_anonapis_form_without_colour(desk: Desk, jobs: Recording) -> None:
    said = piped(desk, "job", "list", "1", "2")

    assert said.startswith("  id  date")
    assert "\n----  ---" in said
    assert COLOUR not in said
    assert "─" not in said
    assert len(jobs.jobs) == 2


def test_a_terminal_that_wants_no_colour_gets_none(desk: Desk, jobs: Recording) -> None:
    shown = on_terminal(desk, "job", "list", "1", "2", NO_COLOR="1")

    assert "─" in shown
    assert "\x1b[3" not in shown
    assert len(jobs.jobs) == 2


def test_json_is_json_on_a_terminal_too(desk: Desk, jobs: Recording) -> None:
    shown = on_terminal(desk, "job", "list", "1", "--json")

    assert '"status": "DONE"' in shown
    assert COLOUR not in shown
    assert "─" not in shown
    assert len(jobs.jobs) == 2


def test_a_narrow_terminal_loses_nothing_of_a_mapping(desk: Desk) -> None:
    desk.mapping()

    shown = on_terminal(desk, "map", "status", COLUMNS="30")

    table = "".join(shown.split("─\n")[-1].split())
    assert "12345678.1234567" in table.replace("│", "")
