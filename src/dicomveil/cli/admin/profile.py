"""`dicomveil admin profile`: the profiles in the ledger, and their versions."""

from pathlib import Path

import click

from dicomveil.cli.admin.desk import house, me, say
from dicomveil.jobs.profiles import difference
from dicomveil.jobs.recipe_files import read_text


@click.group()
def profile() -> None:
    """Profiles that the ledger keeps, version by version."""


@profile.command("list")
def list_profiles() -> None:
    """List the newest version of each profile, with the SHA-256 of its text."""
    with house() as opened:
        say(*(f"{one.name}\t{one.number}\t{one.digest}" for one in opened.profiles.newest()))


@profile.command()
@click.argument("file", type=click.Path(path_type=Path))
def add(file: Path) -> None:
    """Add a recipe as a profile, or as a new version of one, and say which it is."""
    text = read_text(file)
    with house() as opened:
        say(opened.profiles.add(text, me()).called)


@profile.command()
@click.argument("name")
@click.option("--version", "number", type=int, metavar="N", help="By default the newest.")
def show(name: str, number: int | None) -> None:
    """Show the text of a version."""
    with house() as opened:
        click.echo(opened.profiles.version(name, number).text, nl=False)


@profile.command()
@click.argument("name")
@click.argument("old", type=int)
@click.argument("new", type=int)
def diff(name: str, old: int, new: int) -> None:
    """Show what differs between two versions."""
    with house() as opened:
        versions = opened.profiles.version(name, old), opened.profiles.version(name, new)
    say(*difference(*versions))
