"""`dicomveil admin backup`, `restore` and `migrate-to`: whole ledgers, copied."""

import os
from pathlib import Path

import click

from dicomveil.cli.admin.desk import house, me, say, settings
from dicomveil.serving import move_house, restore_house
from dicomveil.settings import load_settings

_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--with-keys", "folder", type=_FILE, help="Copy the keys too, to this new folder.")
def backup(file: Path, folder: Path | None) -> None:
    """Write the ledger as it is now into a new FILE; servers go on meanwhile.

    Keys are not in it: without them nobody reads what identifies patients in it.
    """
    with house() as opened:
        opened.back_up(file, me())
        say("the ledger was written")
        if folder is not None:
            say(*opened.keyring.backup(folder))


@click.command()
@click.argument("file", type=_FILE)
def restore(file: Path) -> None:
    """Make the ledger of the settings from a backup; there must be none yet, and no server."""
    say(f"the ledger is there; its audit holds to entry {restore_house(settings(), file, me())}")


@click.command("migrate-to")
@click.argument("file", metavar="SETTINGS", type=_FILE)
def migrate_to(file: Path) -> None:
    """Copy the ledger into the database of other SETTINGS, which has none yet.

    The server is stopped before, and started with the other settings afterwards. The old ledger
    stays as it is.
    """
    wanted = load_settings(os.environ, str(file))
    head = move_house(settings(), wanted, me())
    say(f"the ledger was copied; its audit holds to entry {head}")
