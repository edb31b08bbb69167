"""How a command line is answered."""

import subprocess
import sys

import pytest

import dicomveil
from dicomveil.cli.exits import Exit
from dicomveil.cli.main import run


def test_the_version_is_answered_alike_with_and_without_click(
    capsys: pytest.CaptureFixture[str],
) -> None:
    early = subprocess.run(
        [sys.executable, "-m", "dicomveil", "--version"], capture_output=True, text=True, check=True
    )

    code = run(["--version"])

    assert code == Exit.DONE
    assert capsys.readouterr().out == early.stdout == f"dicomveil {dicomveil.__version__}\n"


@pytest.mark.parametrize("arguments", [[], ["dedi"], ["--verzion"]])
def test_a_wrong_command_line_ends_with_usage(arguments: list[str]) -> None:
    assert run(arguments) == Exit.USAGE
