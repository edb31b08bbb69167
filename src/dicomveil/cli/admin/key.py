"""`dicomveil admin key`: the keys of projects and of the ledger's sealed columns."""

from pathlib import Path

import click

from dicomveil.cli.admin.desk import house, me, say
from dicomveil.cli.exits import Exit
from dicomveil.jobs.keyfile import read_key


@click.group()
def key() -> None:
    """The keys of pseudonyms; they lie in files, outside the ledger."""


@key.command()
def make() -> None:
    """Make a key, and say its fingerprint."""
    with house() as opened:
        say(opened.keyring.make())


@key.command()
@click.argument("file", type=click.Path(path_type=Path))
def add(file: Path) -> None:
    """Keep the key of a file from now on, and say its fingerprint."""
    with house() as opened:
        say(opened.keyring.add(read_key(str(file))))


@key.command()
@click.argument("folder", type=click.Path(path_type=Path))
def backup(folder: Path) -> None:
    """Copy every key to a new folder, which only its owner may read."""
    with house() as opened:
        say(*opened.keyring.backup(folder))


@key.command()
def check() -> Exit:
    """Say of each project whether its key is there; ends with 3 when one is not."""
    with house() as opened:
        missing = opened.keyring.missing(p.recipe.key for p in opened.registry.projects())
        for project in opened.registry.projects():
            state = "missing" if project.recipe.key in missing else "there"
            say(f"{project.name}\t{project.recipe.key}\t{state}")
    return Exit.INCOMPLETE if missing else Exit.DONE


@key.command()
def rotate() -> None:
    """Seal the ledger's identifying columns under a new key; pseudonyms stay as they are."""
    with house() as opened:
        opened.rotate(me())
    say("the ledger's columns are sealed under a new key; keep a copy of it")
