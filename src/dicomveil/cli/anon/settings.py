"""`anon settings`: user, token, certificates, and the settings file itself."""

from dataclasses import replace
from pathlib import Path

import click
import yaml

from dicomveil.cli.anon.commands import AnonGroup, Ended, with_session
from dicomveil.cli.anon.edit import edit_file
from dicomveil.cli.anon.session import Session
from dicomveil.client import tokens


@click.group(cls=AnonGroup)
def settings() -> None:
    """Manage local settings."""


@click.group(cls=AnonGroup)
def user() -> None:
    """Manage the user and the token that servers know them by."""


settings.add_command(user)


@settings.command()
@with_session
def show(session: Session) -> Ended:
    """Show all settings, the token masked."""
    content = session.settings.content()
    content["user_token"] = tokens.masked(session.settings.token)
    session.say(yaml.safe_dump(content))
    own = session.own
    session.say(f"# {session.own_path}")
    session.say(replace(own, request_keys={}).text())
    shares = {str(line.unc): str(line.local) for line in own.shares.lines}
    return Ended({**content, "shares": shares, "ca_bundle": own.ca_bundle, "timeout": own.timeout})


@settings.command()
@with_session
def edit(session: Session) -> Ended:
    """Open the settings file in an editor."""
    _ = session.settings  # written when there is none
    return edit_file(session, session.settings_path)


@settings.command("set-validate-ssl")
@click.argument("value", type=bool)
@with_session
def set_validate_ssl(session: Session, value: bool) -> Ended:
    """Check the certificates of servers (true), or trust anybody (false)."""
    session.save(replace(session.settings, validate_ssl=value))
    session.say(f"Set validate ssl to {value}")
    if not value:
        session.say("Warning: anybody on the way can now read your token; use set-ca-bundle")
    return Ended({"validate_ssl": value})


@settings.command("set-ca-bundle")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_session
def set_ca_bundle(session: Session, path: Path) -> Ended:
    """Trust the certificates in this PEM file as well."""
    whole = session.folder / path
    replace(session.own, ca_bundle=whole).save(session.own_path)
    session.say(f"Set CA bundle to {whole}")
    return Ended({"ca_bundle": str(whole)})


@user.command()
@with_session
def info(session: Session) -> Ended:
    """Show the user name and enough of the token to know it by."""
    known = session.settings
    shown = "in the keyring" if session.own.keyring else tokens.masked(known.token)
    session.say(f"username is {known.user_name}\nAPI token: {shown}")
    return Ended({"user_name": known.user_name, "token": shown})


@user.command("set-username")
@click.argument("user_name")
@with_session
def set_username(session: Session, user_name: str) -> Ended:
    """Set the name by which servers know you."""
    session.save(replace(session.settings, user_name=user_name.strip()))
    session.say(f"username is now '{user_name.strip()}'")
    return Ended({"user_name": user_name.strip()})


_keyring_option = click.option(
    "--keyring/--no-keyring",
    default=False,
    help="Keep the token in the system's keyring; anonapi cannot read it there.",
)


@user.command("get-token")
@_keyring_option
@with_session
def get_token(session: Session, keyring: bool) -> Ended:
    """Make a new random token; an administrator registers it on the server."""
    _keep(session, tokens.new_token(), keyring=keyring)
    session.say(f"Got and saved api token for username {session.settings.user_name}")
    return Ended({"user_name": session.settings.user_name})


@user.command("set-token")
@click.argument("token", required=False)
@_keyring_option
@with_session
def set_token(session: Session, token: str | None, keyring: bool) -> Ended:
    """Keep a token that a server gave you; asked for without echo when not given."""
    token = token or click.prompt("Token", hide_input=True, err=True)
    _keep(session, token, keyring=keyring)
    session.say(f"Saved api token for username {session.settings.user_name}")
    return Ended({"user_name": session.settings.user_name})


def _keep(session: Session, token: str, *, keyring: bool) -> None:
    token = tokens.checked(token)
    if keyring:
        tokens.keep_in_keyring(session.settings.user_name, token)
        token = tokens.IN_KEYRING
    replace(session.own, keyring=keyring).save(session.own_path)
    session.save(replace(session.settings, token=token))
