"""The exit codes of every command, and which error ends with which."""

from enum import IntEnum

from dicomveil.errors import (
    CannotStart,
    DicomveilError,
    KeyRefused,
    ProfileError,
    StructureError,
)


class Exit(IntEnum):
    """What a command's exit code says; the README has the same table."""

    DONE = 0  # everything asked for was done: all delivered
    DIFFERS = 1  # `diff` found the two files not to be the same
    USAGE = 2  # the command line itself is wrong
    INCOMPLETE = 3  # something was quarantined or failed, or nothing was delivered
    REFUSED = 4  # refused before starting; nothing was written
    INTERRUPTED = 130  # stopped by Ctrl-C, as shells count it: 128 + SIGINT


def exit_of(error: DicomveilError) -> Exit:
    """The exit code of a command that ends with `error`."""
    if isinstance(error, StructureError):
        return Exit.USAGE
    before_starting = isinstance(error, CannotStart | KeyRefused | ProfileError)
    return Exit.REFUSED if before_starting else Exit.INCOMPLETE
