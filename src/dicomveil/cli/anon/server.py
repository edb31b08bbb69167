"""`anon server`: the servers that are known, and how they are."""

from dataclasses import replace
from urllib.parse import urlsplit

import click

from dicomveil.cli.anon.commands import AnonGroup, Ended, with_session
from dicomveil.cli.anon.completion import server_names
from dicomveil.cli.anon.session import Session
from dicomveil.cli.anon.show import show_jobs
from dicomveil.client import protocol
from dicomveil.client.settings import Server
from dicomveil.errors import CallFailed

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@click.group(cls=AnonGroup)
def server() -> None:
    """Manage anonymization servers."""


@server.command()
@click.argument("short_name")
@click.argument("url")
@with_session
def add(session: Session, short_name: str, url: str) -> Ended:
    """Add a server under a short name."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise click.BadParameter("write the URL as https://host/path", param_hint="'URL'")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        session.say("Warning: http sends your token readable to all on the way; use https")
    new = Server(short_name, url)
    session.save(session.settings.with_server(new))
    session.say(f"added {new} to list")
    return Ended({"added": short_name, "url": url})


@server.command("list")
@with_session
def list_(session: Session) -> Ended:
    """List the servers; the active one has a star."""
    known = session.settings
    session.say("Available servers (* = active):\n")
    for one in known.servers:
        session.say(f"{'*' if one == known.active else ' '} {one.name:<10} {one.url}")
    servers = {one.name: one.url for one in known.servers}
    return Ended({"servers": servers, "active": known.active_name})


@server.command()
@click.argument("short_name", shell_complete=server_names)
@with_session
def remove(session: Session, short_name: str) -> Ended:
    """Remove a server from the list."""
    gone = _named(session, short_name)
    session.save(session.settings.without_server(short_name))
    session.say(f"removed {gone} from list")
    return Ended({"removed": short_name})


@server.command()
@click.argument("short_name", shell_complete=server_names)
@with_session
def activate(session: Session, short_name: str) -> Ended:
    """Choose the server that commands speak to."""
    chosen = _named(session, short_name)
    session.save(replace(session.settings, active_name=chosen.name))
    session.say(f"Set active server to {chosen}")
    return Ended({"active": chosen.name})


@server.command()
@with_session
def status(session: Session) -> Ended:
    """Ask the active server whether it is there."""
    asked = session.server()
    try:
        with session.connected() as connection:
            protocol.documentation(connection)
    except CallFailed as error:
        session.say(f"ERROR: {error}")
        return Ended({"server": asked.name, "online": False, "problem": str(error)}, 1)
    session.say(f"OK: {asked} is online and responsive")
    return Ended({"server": asked.name, "online": True})


@server.command()
@with_session
def jobs(session: Session) -> Ended:
    """List the most recent jobs, as many as the server gives."""
    with session.connected() as connection:
        found = protocol.recent_jobs(connection)
    session.say(f"most recent {len(found)} jobs on {session.server()}:\n\n")
    show_jobs(session, found)
    return Ended([dict(one.content) for one in found])


def _named(session: Session, name: str) -> Server:
    found = session.settings.server(name)
    if found is None:
        names = [one.name for one in session.settings.servers]
        message = f"'{name}' is not a registered anonymization server. Options: {names}"
        raise click.BadParameter(message, param_hint="'SHORT_NAME'")
    return found
