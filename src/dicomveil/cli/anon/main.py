"""The command `anon`: its groups, and how a call of it ends."""

import locale
import logging

import click

from dicomveil.cli.anon.batch import batch
from dicomveil.cli.anon.commands import AnonGroup, Ended, with_session
from dicomveil.cli.anon.completion import completion
from dicomveil.cli.anon.create import create
from dicomveil.cli.anon.find import find
from dicomveil.cli.anon.job import job
from dicomveil.cli.anon.map import map_
from dicomveil.cli.anon.select import select
from dicomveil.cli.anon.server import server
from dicomveil.cli.anon.session import Session
from dicomveil.cli.anon.settings import settings, user
from dicomveil.cli.anon.unc import unc
from dicomveil.version import __version__


@click.group(cls=AnonGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-v", "--verbose", count=True, help="Tell of each call to the server; -vv of more.")
@click.version_option(__version__, message="anon (dicomveil) %(version)s")
def anon(verbose: int) -> None:
    """Control anonymization servers: map data to pseudonyms, create jobs, follow them."""
    try:
        locale.setlocale(locale.LC_ALL, "")
    except locale.Error:  # a locale that is not installed is no reason to stop
        locale.setlocale(locale.LC_ALL, "C")
    if verbose:
        logging.basicConfig(format="%(name)s - %(message)s", level=logging.INFO)
    if verbose > 1:
        logging.getLogger().setLevel(logging.DEBUG)


@anon.command()
@with_session
def status(session: Session) -> Ended:
    """Show the servers, the user and where the settings lie."""
    settings_now = session.settings
    session.say("Status\nAvailable servers (* = active)\n")
    for one in settings_now.servers:
        mark = "*" if one == settings_now.active else " "
        session.say(f"{mark} {one.name:<10} {one.url}")
    session.say(f"\nUsing username: '{settings_now.user_name}'")
    session.say(f"Reading settings from \nAnonClientSettingsFromFile at {session.settings_path}")
    return Ended(
        {
            "servers": {one.name: one.url for one in settings_now.servers},
            "active": settings_now.active_name,
            "user_name": settings_now.user_name,
            "settings": str(session.settings_path),
        }
    )


for group in (batch, completion, create, find, job, map_, select, server, settings, unc, user):
    anon.add_command(group)


def main() -> None:
    """Run the command line."""
    anon(prog_name="anon")
