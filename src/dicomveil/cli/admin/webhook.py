"""`dicomveil admin webhook`: whom projects tell that a job ended."""

import click

from dicomveil.cli.admin.desk import house, me, say
from dicomveil.jobs.webhooks import Tells


@click.group()
def webhook() -> None:
    """Whom a project tells that a job ended."""


@webhook.command("set")
@click.argument("project")
@click.argument("url")
@click.option("--with-source", is_flag=True, help="Also tell source, description and pseudonym.")
def set_webhook(project: str, url: str, with_source: bool) -> None:
    """Tell this address from now on, and show the secret that signs, this once."""
    tells = Tells.SOURCE if with_source else Tells.OUTCOME
    with house() as opened:
        made = opened.webhooks.put(opened.registry.project(project), url, tells, me())
    say(made.secret)


@webhook.command()
@click.argument("project")
def show(project: str) -> None:
    """Show whom the project tells, and what."""
    with house() as opened:
        found = opened.webhooks.of(opened.registry.project(project).id)
    say(f"{found.url}\t{found.tells}" if found else "none")


@webhook.command()
@click.argument("project")
def off(project: str) -> None:
    """Tell nobody any more."""
    with house() as opened:
        opened.webhooks.remove(opened.registry.project(project), me())


@webhook.command()
@click.argument("project")
def deliveries(project: str) -> None:
    """List what was told, and what is still to be told."""
    with house() as opened:
        for one in opened.webhooks.deliveries(opened.registry.project(project).id):
            say(f"{one.name}\tjob {one.job}\t{one.state}\t{one.tries}\t{one.trouble}".rstrip())
