"""`dicomveil admin job`: what one job was, so that it can be done again by hand."""

from pathlib import Path

import click

from dicomveil.cli.admin.desk import house, me, say
from dicomveil.jobs import exporting


@click.group()
def job() -> None:
    """Jobs of the server."""


@job.command()
@click.argument("number", type=int)
@click.argument("folder", type=click.Path(path_type=Path))
def export(number: int, folder: Path) -> None:
    """Write the frozen recipe of a job, with which `dicomveil deid` repeats it."""
    with house() as opened:
        exporting.export(opened.ledger, opened.keyring, number, folder)
        opened.heads.note(me(), "job exported", f"job {number}")
    say(f"{folder / exporting.RECIPE} has the command")
