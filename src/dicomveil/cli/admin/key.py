"""`dicomveil admin key`: the keys of projects and of the ledger's sealed columns."""

import os
from pathlib import Path

import click

from dicomveil.cli.admin.desk import house, me, say
from dicomveil.cli.exits import Exit
from dicomveil.jobs.keyfile import read_key
from dicomveil.jobs.master import master_of


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
@click.argument("fingerprint")
@click.argument("file", type=click.Path(path_type=Path))
def unwrap(fingerprint: str, file: Path) -> None:
    """Write a key in clear into a new file, for `dicomveil deid --key-file`; this is audited."""
    with house() as opened:
        opened.heads.note(me(), "key unwrapped", f"key {fingerprint}"[:64])
        opened.keyring.unwrap(fingerprint, file)


@key.command()
def check() -> Exit:
    """Say of each project and master key whether it is there; ends with 3 when one is not."""
    with house() as opened:
        projects = opened.registry.projects()
        missing = opened.keyring.missing(p.recipe.key for p in projects)
        for project in projects:
            state = "missing" if project.recipe.key in missing else "there"
            say(f"{project.name}\t{project.recipe.key}\t{state}")
        absent = {one for one in opened.keyring.masters() if not opened.keyring.is_openable(one)}
        for master in sorted(opened.keyring.masters()):
            say(f"master key\t{master}\t{'missing' if master in absent else 'there'}")
    return Exit.INCOMPLETE if missing or absent else Exit.DONE


@key.command()
@click.option("--master", metavar="WHERE", help="file:PATH, env:NAME, command:/PATH ... or none.")
def rotate(master: str | None) -> None:
    """Seal the ledger's identifying columns under a new key; pseudonyms stay as they are.

    With --master, wrap every key by that master key instead, and change nothing else.
    """
    with house() as opened:
        if master is None:
            opened.rotate(me())
            say("the ledger's columns are sealed under a new key; keep a copy of it")
            return
        new = None if master == "none" else master_of(master, os.environ)
        count = opened.wrap_keys(new, me())
    name = new.fingerprint if new else "none"
    say(f"{count} keys are wrapped by master key {name}; say so in the settings (master_key)")
