"""The rim: whatever a command ends with becomes an exit code, and at most one line on stderr."""

from collections.abc import Callable

import click

from dicomveil.cli.exits import Exit, exit_of
from dicomveil.errors import DicomveilError


def ending_of(command: Callable[[], int | None]) -> int:
    """The exit code of `command`: the one it returns, or the one its error stands for."""
    try:
        return command() or Exit.DONE
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _end(Exit.INTERRUPTED, "interrupted")
    except DicomveilError as error:
        return _end(exit_of(error), str(error))
    except OSError as error:
        return _end(Exit.INCOMPLETE, f"the machine failed: {error.strerror} ({_where(error)})")
    except Exception as error:  # noqa: BLE001 - a traceback's text could hold a value or a name
        fault = f"a fault of dicomveil, please report it: {type(error).__name__} ({_where(error)})"
        return _end(Exit.INCOMPLETE, fault)


def _end(code: Exit, reason: str) -> Exit:
    """`code`, after the reason was said."""
    click.echo(f"dicomveil: {reason}", err=True)
    return code


def _where(error: BaseException) -> str:
    """The last lines of code on the way to `error`, without its text."""
    # Imported here: a start without errors is 5 ms shorter for it.
    import traceback
    from pathlib import Path

    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
