"""`dicomveil place`: the places that objects come from and go to."""

import os
import sys
from typing import TYPE_CHECKING

import click

from dicomveil.cli.exits import Exit
from dicomveil.errors import PlaceFailed, Unusable
from dicomveil.places.credentials import keep
from dicomveil.places.register import KINDS, SECRETS, add, file_of, read_places, remove

if TYPE_CHECKING:
    from dicomveil.places.place import Step

_NUMBERS = (int, float)


@click.group()
def place() -> None:
    """Add, list, test and remove the places that objects come from and go to.

    They are listed in places.toml beside the settings that DICOMVEIL_SETTINGS names, or in
    ~/.config/dicomveil; the variable DICOMVEIL_PLACES names another file.
    """


@place.command("add")
@click.argument("name")
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.argument("address")
@click.option("--user", metavar="NAME", help="Who logs in; without one, a secret is a token.")
@click.option("--secret", is_flag=True, help="Ask for the secret, or read a line from a pipe.")
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Any other setting.")
def add_place(name: str, kind: str, address: str, **given: object) -> Exit:
    r"""Add a place of this NAME, of a KIND, at an ADDRESS.

    The address is \\server\share\folder, s3://bucket/prefix, https://server/dicom-web or
    host:port. The secret is never given as an argument: --secret keeps it in a file of mode 0600.
    """
    table: dict[str, object] = {"kind": kind, "address": address}
    if given["user"]:
        table["user"] = given["user"]
    settings = given["settings"]
    assert isinstance(settings, tuple)  # a multiple option
    for setting in settings:
        key, _, value = str(setting).partition("=")
        table[key] = _typed(kind, key, value)
    file = file_of(os.environ)
    add(file, name, table)
    if given["secret"]:
        try:
            keep(name, file.parent / SECRETS / name, _asked())
        except PlaceFailed:
            remove(file, name)
            raise
    click.echo(f"added to {file}", err=True)
    return Exit.DONE


@place.command("list")
def list_places() -> Exit:
    """Print each place with its kind and its address."""
    places = read_places(file_of(os.environ))
    width = max(map(len, places), default=0)
    for name, configured in sorted(places.items()):
        click.echo(f"{name:{width}}  {configured.kind:8}  {configured.address}")
    return Exit.DONE


@place.command("test")
@click.argument("name")
def test_place(name: str) -> Exit:
    """Try a place step by step, ending at the first that fails."""
    # What speaks to places is imported by whoever speaks to one.
    from dicomveil.places.configured import opened

    fine = False
    with opened(name, read_places(file_of(os.environ)), os.environ) as built:
        for step in built.steps():
            click.echo(_line(step))
            fine = step.fine
    return Exit.DONE if fine else Exit.INCOMPLETE


@place.command("remove")
@click.argument("name")
def remove_place(name: str) -> Exit:
    """Remove a place, and the secret that was kept for it."""
    file = file_of(os.environ)
    remove(file, name)
    (file.parent / SECRETS / name).unlink(missing_ok=True)
    return Exit.DONE


def _line(step: "Step") -> str:
    said = f": {step.said}" if step.said else ""
    return f"{'works ' if step.fine else 'FAILED'}  {step.name}{said}"


def _asked() -> str:
    if sys.stdin.isatty():
        secret: str = click.prompt("Secret", hide_input=True, err=True)
        return secret
    return sys.stdin.readline()


def _typed(kind: str, key: str, value: str) -> object:
    """The value as the setting wants it; what is not known is refused when it is added."""
    wanted = KINDS[kind].get(key, _USUAL.get(key, str))
    try:
        if wanted in _NUMBERS:
            return wanted(value)
    except ValueError:
        raise Unusable(f"{key} is a number") from None
    if wanted is bool:
        return value.lower() in ("true", "yes", "1")
    return [part.strip() for part in value.split(",")] if wanted is tuple else value


_USUAL = {"at_once": int, "attempts": int, "per_second": float, "secret_command": tuple}
