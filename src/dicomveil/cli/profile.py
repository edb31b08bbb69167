"""`dicomveil profile`: list, show, lint, write and convert profiles and recipes."""

from pathlib import Path
from typing import Final

import click

from dicomveil.cli.exits import Exit
from dicomveil.cli.looking import print_json, print_lines
from dicomveil.cli.profile_views import Linted, Listed, Shown
from dicomveil.errors import CannotStart
from dicomveil.policy.conversion.scripts import convert_script
from dicomveil.policy.finding import find_profile
from dicomveil.policy.profile import PRESETS
from dicomveil.policy.recipe.starter import starter

_STANDARD_OUTPUT: Final = "-"


@click.group()
def profile() -> None:
    """List, show, check, write and convert profiles and recipes."""


@profile.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def list_profiles(as_json: bool) -> Exit:
    """List the profiles of the package."""
    view = Listed()
    if as_json:
        print_json(view.programs())
    else:
        print_lines(view.people())
    return Exit.DONE


@profile.command()
@click.argument("name", metavar="PROFILE")
@click.argument("elements", metavar="[ELEMENT]...", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def show(name: str, elements: tuple[str, ...], as_json: bool) -> Exit:
    """Show the effective rules of PROFILE, a name or a recipe, each with its origin.

    With ELEMENT, a keyword or (gggg,eeee), only the rules that speak of it.
    """
    view = Shown(find_profile(name), elements)
    if as_json:
        print_json(view.programs())
    else:
        print_lines(view.people())
    return Exit.DONE


@profile.command()
@click.argument("files", metavar="RECIPE...", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def lint(files: tuple[str, ...], as_json: bool) -> Exit:
    """Check each RECIPE: every fault with its line and what is accepted, then remarks.

    The exit code is 4 when a recipe has a fault; remarks are no faults.
    """
    view = Linted([Path(file) for file in files])
    if as_json:
        print_json(view.programs())
    else:
        print_lines(view.people())
    return Exit.REFUSED if view.faulty else Exit.DONE


@profile.command()
@click.argument("file", metavar="FILE")
@click.option(
    "--extends",
    type=click.Choice(list(PRESETS)),
    default="basic",
    show_default=True,
    help="What it starts from.",
)
@click.option("--name", metavar="NAME", help="Its name; by default made of FILE's.")
def new(file: str, extends: str, name: str | None) -> Exit:
    """Write a new recipe with comments to FILE, or `-` for standard output."""
    chosen = name or _name_for(file)
    _write(starter(chosen, extends, file), file)
    return Exit.DONE


@profile.command()
@click.argument("script", metavar="SCRIPT")
@click.argument("file", metavar="FILE")
def convert(script: str, file: str) -> Exit:
    """Convert SCRIPT, of CTP or of pydicom's deid, to a recipe in FILE, or `-`.

    What could not be converted is listed on standard error, with the line of SCRIPT, and in the
    recipe as comments. The exit code is 3 when there is such a line.
    """
    converted = convert_script(_read(script), _name_for(script))
    _write(converted.text, file)
    for left in converted.left:
        click.echo(f"line {left.line}: {left.reason}", err=True)
    click.echo(f"{converted.rules} rules converted, {len(converted.left)} not", err=True)
    return Exit.INCOMPLETE if converted.left else Exit.DONE


def _name_for(file: str) -> str:
    """A recipe's name made of a file's: small letters, digits and hyphens."""
    stem = Path(file).stem.lower()
    letters = "".join(c if c.isascii() and c.isalnum() else "-" for c in stem)
    return letters.strip("-")[:40].strip("-") or "my-study"


def _read(path: str) -> str:
    try:
        return Path(path).read_text("utf-8-sig", errors="replace")
    except OSError as error:
        raise CannotStart(f"SCRIPT cannot be read: {error.strerror}") from None


def _write(text: str, path: str) -> None:
    """Write a new file; CannotStart when there is one already."""
    if path == _STANDARD_OUTPUT:
        print_lines(text.splitlines())
        return
    try:
        with Path(path).open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise CannotStart("FILE is there already; nothing was written") from None
    except OSError as error:
        raise CannotStart(f"FILE cannot be written: {error.strerror}") from None
