"""`anon unc`: the table that says which local folder is which share."""

from dataclasses import replace

import click

from dicomveil.cli.anon.commands import AnonGroup, Ended, with_session
from dicomveil.cli.anon.completion import folders
from dicomveil.cli.anon.session import Session
from dicomveil.mapping.mounts import detect as detect_mounts
from dicomveil.mapping.shares import Shares, parse_share
from dicomveil.mapping.unc import parse_unc


@click.group(cls=AnonGroup)
def unc() -> None:
    r"""Manage which local folder is which share, like \\server\share = /mnt/share."""


@unc.command()
@with_session
def detect(session: Session) -> Ended:
    """Find mounted shares and add them to the table."""
    found = detect_mounts()
    _keep(session, session.own.shares.with_lines(found))
    for line in found:
        session.say(str(line))
    session.say(f"Found {len(found)} mounted shares")
    return Ended([str(line) for line in found])


@unc.command("list")
@with_session
def list_(session: Session) -> Ended:
    """List the table."""
    lines = [str(line) for line in session.own.shares.lines]
    session.say("\n".join(lines) or "The table is empty; 'anon unc detect' looks for shares")
    return Ended(lines)


@unc.command()
@click.argument("unc_path")
@click.argument("local_folder", shell_complete=folders)
@with_session
def add(session: Session, unc_path: str, local_folder: str) -> Ended:
    """Say that a share is mounted at a local folder."""
    line = parse_share(unc_path, local_folder)
    _keep(session, session.own.shares.with_lines([line]))
    session.say(f"Added {line}")
    return Ended(str(line))


@unc.command()
@click.argument("unc_path")
@with_session
def remove(session: Session, unc_path: str) -> Ended:
    """Take a share out of the table."""
    _keep(session, session.own.shares.without(parse_unc(unc_path)))
    session.say(f"Removed {parse_unc(unc_path)}")
    return Ended({"removed": str(parse_unc(unc_path))})


def _keep(session: Session, shares: Shares) -> None:
    replace(session.own, shares=shares).save(session.own_path)
