"""What every command of `dicomveil admin` begins with: the settings, the house, and who asks."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

from dicomveil.serving import House, open_house
from dicomveil.settings import Settings, load_settings


def settings() -> Settings:
    """The settings of this machine's server."""
    named = click.get_current_context().find_root().meta.get("dicomveil.settings")
    return load_settings(os.environ, named)


@contextmanager
def house() -> Iterator[House]:
    """The server as it was made, for one command."""
    opened = open_house(settings())
    try:
        yield opened
    finally:
        opened.close()


def me() -> str:
    """Who asks, as the audit names them."""
    return f"admin {getpass.getuser()}"[:64]


def say(*lines: str) -> None:
    """Lines for people and programs alike, on standard output."""
    for line in lines:
        click.echo(line)
