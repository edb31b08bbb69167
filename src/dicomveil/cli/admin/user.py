"""`dicomveil admin user` and `token`: who may ask."""

import sys

import click

from dicomveil.cli.admin.desk import house, me, say
from dicomveil.jobs.model import Role, Scope, Standing, Token

_ROLES = click.Choice([str(role) for role in Role])
_SCOPES = click.Choice([str(scope) for scope in Scope])


@click.group()
def user() -> None:
    """Who may ask, and as what."""


@user.command("add")
@click.argument("name")
@click.option("--role", type=_ROLES, default=str(Role.RESEARCHER), show_default=True)
def add_user(name: str, role: str) -> None:
    """Add a user."""
    with house() as opened:
        added = opened.registry.add_user(name, Role(role), me())
    say(f"{added.name} is a {added.role}")


@user.command("list")
def list_users() -> None:
    """List every user, with role and standing."""
    with house() as opened:
        say(*(f"{one.name}\t{one.role}\t{one.standing}" for one in opened.registry.users()))


@user.command("role")
@click.argument("name")
@click.argument("role", type=_ROLES)
def change_role(name: str, role: str) -> None:
    """Give a user another role."""
    with house() as opened:
        standing = opened.registry.user(name).standing
        opened.registry.change_user(name, Role(role), standing, me())


@user.command("lock")
@click.argument("name")
def lock(name: str) -> None:
    """Let a user ask for nothing any more."""
    _stand(name, Standing.LOCKED)


@user.command("unlock")
@click.argument("name")
def unlock(name: str) -> None:
    """Let a user ask again."""
    _stand(name, Standing.ACTIVE)


@user.command("enrol")
@click.argument("name")
def enrol(name: str) -> None:
    """Let a user register the token that their client made, once, in the next 15 minutes."""
    with house() as opened:
        ends = opened.tokens.open_enrolment(name, me())
    say(f"{name} may register a token until {ends:%Y-%m-%d %H:%M:%S} UTC")


@user.command("password")
@click.argument("name")
def put_password(name: str) -> None:
    """Give a user the password on standard input, or typed twice, for the pages of the server."""
    if sys.stdin.isatty():
        secret = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        secret = sys.stdin.readline().rstrip("\r\n")
    from dicomveil.jobs.passwords import Passwords

    with house() as opened:
        Passwords(opened.database, opened.vault).put(name, secret, me())


@click.group()
def token() -> None:
    """Secrets that say who asks."""


@token.command()
@click.argument("name", metavar="USER")
@click.option("--label", default="", help="What it is for.")
@click.option("--scope", "scopes", type=_SCOPES, multiple=True, help="What it may do; repeat.")
def issue(name: str, label: str, scopes: tuple[str, ...]) -> None:
    """Make a token, and show its secret this once."""
    wanted = frozenset(map(Scope, scopes)) or None
    with house() as opened:
        _, secret = opened.tokens.issue(name, label, me(), scopes=wanted)
    say(secret)


@token.command()
@click.argument("name", metavar="USER")
@click.option("--label", default="", help="What it is for.")
@click.option("--scope", "scopes", type=_SCOPES, multiple=True, help="What it may do; repeat.")
def register(name: str, label: str, scopes: tuple[str, ...]) -> None:
    """Register the secret on standard input, which the user's client made."""
    wanted = frozenset(map(Scope, scopes)) or None
    secret = sys.stdin.readline().strip()
    with house() as opened:
        say(_line(opened.tokens.register(name, secret, label, me(), scopes=wanted)))


@token.command("list")
@click.argument("name", metavar="USER")
def list_tokens(name: str) -> None:
    """List a user's tokens."""
    with house() as opened:
        say(*map(_line, opened.tokens.of(name)))


@token.command()
@click.argument("number", type=int)
def revoke(number: int) -> None:
    """Make a token good for nothing."""
    with house() as opened:
        say(_line(opened.tokens.revoke(number, me())))


def _stand(name: str, standing: Standing) -> None:
    with house() as opened:
        role = opened.registry.user(name).role
        opened.registry.change_user(name, role, standing, me())


def _line(one: Token) -> str:
    state = "revoked" if one.revoked else f"good until {one.expires:%Y-%m-%d}"
    return f"{one.id}\t{one.user}\t{one.label}\t{state}\t{' '.join(sorted(one.scopes))}"
