"""`dicomveil admin audit`: who did what, and whether the record of it holds."""

import click

from dicomveil.cli.admin.desk import house, say


@click.group()
def audit() -> None:
    """Who did what, when."""


@audit.command()
def verify() -> None:
    """Check the whole chain, and that it passes through every head that was kept outside."""
    with house() as opened:
        say(f"the chain holds up to entry {opened.heads.verify().number}")


@audit.command("list")
@click.option("--after", default=0, help="Entries after this number.")
@click.option("--count", default=100, show_default=True, help="At most so many.")
def list_entries(after: int, count: int) -> None:
    """List entries in order."""
    with house() as opened:
        for entry in opened.heads.entries(after, count):
            at = f"{entry.at:%Y-%m-%dT%H:%M:%SZ}"
            say(f"{entry.number}\t{at}\t{entry.who}\t{entry.what}\t{entry.on}")


@audit.command()
def head() -> None:
    """Write the newest entry's number and hash to the file of heads, and show it."""
    with house() as opened:
        say(str(opened.heads.keep()))
