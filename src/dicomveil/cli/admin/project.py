"""`dicomveil admin project` and `apply`: how projects de-identify, as files that people write."""

from pathlib import Path

import click

from dicomveil.cli.admin.desk import house, me, say
from dicomveil.jobs import recipe_files


@click.group()
def project() -> None:
    """How projects de-identify, and who belongs to them."""


@project.command("list")
def list_projects() -> None:
    """List every project, with the version of its recipe."""
    with house() as opened:
        say(*(f"{p.name}\t{p.version}\t{p.standing}" for p in opened.registry.projects()))


@project.command()
@click.argument("name")
def show(name: str) -> None:
    """Show a project as the file that `dicomveil admin apply` takes."""
    with house() as opened:
        found = opened.registry.project(name)
        say(recipe_files.written([(found, opened.registry.members_of(found))]).rstrip())


@project.command()
@click.argument("name")
@click.argument("user")
def join(name: str, user: str) -> None:
    """Let a user work in a project."""
    with house() as opened:
        opened.registry.join(user, name, me())


@project.command()
@click.argument("name")
@click.argument("user")
def leave(name: str, user: str) -> None:
    """Let a user no longer work in a project."""
    with house() as opened:
        opened.registry.leave(user, name, me())


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Show what would change, and change nothing.")
def apply(file: Path, dry_run: bool) -> None:
    """Check a file of projects and profiles, show what it changes, and load it."""
    wanted = recipe_files.load(file)
    with house() as opened:
        say(*recipe_files.difference(opened.registry, opened.profiles, wanted))
        if not dry_run:
            shelf = recipe_files.Shelf(opened.registry, opened.profiles, opened.keyring)
            recipe_files.apply(shelf, wanted, me())
