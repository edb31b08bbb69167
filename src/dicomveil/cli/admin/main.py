"""`dicomveil admin`: make a server, and look after its users, projects, keys and registers."""

import click

from dicomveil.cli.admin.audit import audit
from dicomveil.cli.admin.desk import me, say, settings
from dicomveil.cli.admin.job import job
from dicomveil.cli.admin.key import key
from dicomveil.cli.admin.profile import profile
from dicomveil.cli.admin.project import apply, project
from dicomveil.cli.admin.register import opt_out, pims
from dicomveil.cli.admin.user import token, user
from dicomveil.cli.admin.webhook import webhook
from dicomveil.jobs.database import Database
from dicomveil.jobs.migrating import migrate as bring_up_to_date
from dicomveil.jobs.model import Recipe, Role
from dicomveil.jobs.rights import GRANTS
from dicomveil.serving import make_house


@click.group()
@click.option("--settings", "file", metavar="FILE", help="The settings; by default dicomveil.toml.")
@click.pass_context
def admin(context: click.Context, file: str | None) -> None:
    """Set up and look after a server on this machine."""
    context.find_root().meta["dicomveil.settings"] = file


@admin.command()
@click.option("--user", "name", default="admin", show_default=True, help="Who administers it.")
@click.option("--project", "first", default="first", show_default=True, help="The first project.")
def init(name: str, first: str) -> None:
    """Make the ledger, its keys, the first administrator and the first project."""
    made = make_house(settings())
    made.registry.add_user(name, Role.ADMINISTRATOR, me())
    key_made = made.keyring.make()
    made.registry.add_project(first, Recipe(key=key_made), me())
    _, secret = made.tokens.issue(name, "made by init", me(), scopes=GRANTS[Role.ADMINISTRATOR])
    made.close()
    say(
        f"The server's folder is {made.settings.state}; keep a copy of its keys apart from it.",
        f"Project {first} has key {key_made}; say with `dicomveil admin apply` where it may read.",
        f"The token of {name}, which is not shown again:",
        secret,
    )


@admin.command()
def migrate() -> None:
    """Bring the ledger's database up to this version."""
    database = Database(settings().database_url)
    bring_up_to_date(database)
    database.close()


for command in (user, token, project, profile, webhook, apply, key, pims, opt_out, audit, job):
    admin.add_command(command)
