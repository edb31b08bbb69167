"""The command `pfdicom_tagSub`: parse, run, end with a code."""

import gc
import sys
from argparse import Namespace
from collections.abc import Sequence

import click

from dicomveil.cli.rim import ending_of
from dicomveil.cli.tagsub.manual import DESCRIPTION, manual, synopsis, version


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 0 when every file was delivered, see cli/exits.py."""
    gc.disable()  # imports leave no garbage: not looking for it saves a tenth of the start
    try:
        return _main(sys.argv[1:] if arguments is None else list(arguments))
    finally:
        gc.enable()


def _main(arguments: list[str]) -> int:
    from dicomveil.cli.tagsub.parser import parser_sa

    given = parser_sa().parse_args(arguments)
    text = _asked_for(given)
    if text:
        click.echo(text)
        return 0
    return ending_of(lambda: _ran(given))


def _ran(given: Namespace) -> int:
    from dicomveil.cli.tagsub.run import Run

    run = Run(vars(given))
    gc.enable()
    result = run.run()
    if given.printElapsedTime:
        run.say(f"Elapsed time = {result['runTime']:f} seconds")
    return run.exit


def _asked_for(given: Namespace) -> str:
    """The text that is asked for instead of a run; "" for a run."""
    if given.man:
        return manual()
    if given.synopsis:
        return DESCRIPTION + synopsis()
    return version() if given.b_version else ""
