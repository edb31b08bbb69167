"""The table of commands: each is imported when it is called, so that `--help` costs little."""

import gc
from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple

import click

from dicomveil.cli.rim import ending_of
from dicomveil.version import __version__


class Lazy(NamedTuple):
    """A command not yet imported: where it is, and the line `--help` prints for it."""

    module: str
    function: str
    summary: str  # a test holds it to the first line of the command's own help


COMMANDS = {
    "deid": Lazy("dicomveil.cli.deid", "deid", "De-identify the DICOM files of SRC into DST."),
    "tags": Lazy(
        "dicomveil.cli.tags",
        "tags",
        "Substitute values of elements over a tree of DICOM files.",
    ),
    "receive": Lazy(
        "dicomveil.cli.receive",
        "receive",
        "Receive studies by DICOM, de-identify them and deliver them.",
    ),
    "inspect": Lazy(
        "dicomveil.cli.inspect",
        "inspect",
        "Print the elements of FILE with their offsets, values masked.",
    ),
    "diff": Lazy(
        "dicomveil.cli.diff",
        "diff",
        "Show what changed from BEFORE to AFTER, by the rule that explains it, values masked.",
    ),
    "explain": Lazy(
        "dicomveil.cli.explain",
        "explain",
        "Show what a profile does to each element, and which rule says so.",
    ),
    "place": Lazy(
        "dicomveil.cli.place",
        "place",
        "Add, list, test and remove the places that objects come from and go to.",
    ),
    "profile": Lazy(
        "dicomveil.cli.profile",
        "profile",
        "List, show, check, write and convert profiles and recipes.",
    ),
    "serve": Lazy(
        "dicomveil.cli.serve",
        "serve",
        "Answer anonymization jobs over HTTP, carry them out, and deliver them.",
    ),
    "admin": Lazy(
        "dicomveil.cli.admin.main", "admin", "Set up and look after a server on this machine."
    ),
}


class LazyGroup(click.Group):
    """A group that knows its commands' names and summaries, and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """The names, in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command itself, imported now; None when there is none of that name."""
        lazy = COMMANDS.get(cmd_name)
        if lazy is None:
            return None
        command = getattr(import_module(lazy.module), lazy.function)
        gc.freeze()
        gc.enable()  # __main__ disabled it
        assert isinstance(command, click.Command)  # COMMANDS names commands only
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """The summaries of the table; click's own would import every command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.summary) for name, lazy in COMMANDS.items()])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="dicomveil %(version)s")
def commands() -> None:
    """De-identify DICOM by the standard's profiles, and prove that it was done."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line; the exit code it ends with."""
    return ending_of(lambda: commands.main(list(arguments), "dicomveil", standalone_mode=False))
