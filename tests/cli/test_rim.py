"""Whatever a command ends with becomes an exit code and one line without names."""

from collections.abc import Callable

import click
import pytest

from dicomveil.cli.exits import Exit
from dicomveil.cli.rim import ending_of
from dicomveil.errors import CannotStart, Failed, KeyRefused, ProfileError, Truncated

NAME = "Mustermann^Erika"


def ends_with(error: BaseException | None) -> Callable[[], int | None]:
    """A command that raises `error`, or returns nothing."""

    def command() -> None:
        if error is not None:
            raise error

    return command


@pytest.mark.parametrize(
    ("error", "code"),
    [
        pytest.param(None, Exit.DONE, id="done"),
        pytest.param(click.UsageError("no such option"), Exit.USAGE, id="usage"),
        pytest.param(CannotStart("DST is not empty"), Exit.REFUSED, id="cannot-start"),
        pytest.param(KeyRefused("readable by others"), Exit.REFUSED, id="key"),
        pytest.param(ProfileError("unknown"), Exit.REFUSED, id="profile"),
        pytest.param(Truncated("the file ends"), Exit.INCOMPLETE, id="truncated"),
        pytest.param(Failed("the disk is full"), Exit.INCOMPLETE, id="failed"),
        pytest.param(KeyboardInterrupt(), Exit.INTERRUPTED, id="interrupted"),
        pytest.param(OSError(28, "No space left on device"), Exit.INCOMPLETE, id="machine"),
        pytest.param(ValueError("anything"), Exit.INCOMPLETE, id="fault"),
    ],
)
def test_an_error_ends_with_its_exit_code(error: BaseException | None, code: Exit) -> None:
    assert ending_of(ends_with(error)) == code


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(PermissionError(13, "Permission denied", f"/scans/{NAME}"), id="file name"),
        pytest.param(KeyError(NAME), id="value"),
    ],
)
def test_a_fault_says_where_in_the_code_and_no_name(
    capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    ending_of(ends_with(error))

    said = capsys.readouterr().err
    assert "test_rim.py:" in said
    assert NAME not in said
    assert len(said.splitlines()) == 1


def test_our_own_errors_are_said_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    error = Truncated("the file ends", path="(0008,1140)[2]", offset=412)

    ending_of(ends_with(error))

    assert capsys.readouterr().err == "dicomveil: (0008,1140)[2] at byte 412: the file ends\n"
