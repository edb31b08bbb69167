"""`anon job`: single jobs, by number."""

import json as json_text
from collections.abc import Callable

import click

from dicomveil.cli.anon.commands import AnonGroup, Ended, agreed, with_session, yes_option
from dicomveil.cli.anon.completion import batch_ids
from dicomveil.cli.anon.session import Session
from dicomveil.cli.anon.show import job_in_full, plain, show_jobs
from dicomveil.client import protocol
from dicomveil.client.api import find_api
from dicomveil.client.connection import Connection
from dicomveil.client.jobs import SHOWN, Job, Status
from dicomveil.client.settings import Server
from dicomveil.client.watching import watch as watch_jobs
from dicomveil.errors import CallFailed
from dicomveil.mapping.job_ids import parse_ids

job_ids = click.argument("job_ids", nargs=-1, required=True, shell_complete=batch_ids)


@click.group(cls=AnonGroup)
def job() -> None:
    """Manage anonymization jobs. Ids are written as 1 2 5-9 or as 1,2,5-9."""


@job.command()
@job_ids
@with_session
def info(session: Session, job_ids: tuple[str, ...]) -> Ended:
    """Show all that the server tells of jobs."""
    found: list[Job] = []
    with session.connected() as connection:
        for number in parse_ids(job_ids):
            one = protocol.job(connection, number)
            found.append(one)
            session.say(f"job {number} on {session.server().name}:\n")
            session.say(job_in_full(one, SHOWN))
    return Ended([dict(one.content) for one in found])


@job.command("list")
@click.argument("job_ids", nargs=-1, shell_complete=batch_ids)
@with_session
def list_(session: Session, job_ids: tuple[str, ...]) -> Ended:
    """List jobs, a line for each; those the server does not know are left out."""
    ids = parse_ids(job_ids)
    if not ids:
        session.say("No job ids given")
        return Ended([])
    with session.connected() as connection:
        found = protocol.jobs(connection, ids)
    show_jobs(session, found)
    return Ended([dict(one.content) for one in found])


@job.command()
@job_ids
@yes_option
@with_session
def reset(session: Session, job_ids: tuple[str, ...], yes: bool) -> Ended:
    """Have jobs done again."""
    ids, to = parse_ids(job_ids), session.server()
    question = (
        f"This will reset the following {len(ids)} jobs on {to.name}: {list(ids)}. Are you sure?"
    )
    if not agreed(session, question, yes=yes):
        session.say("Cancelled")
        return Ended({"cancelled": True})
    return reset_jobs(session, to, ids)


@job.command()
@job_ids
@yes_option
@with_session
def cancel(session: Session, job_ids: tuple[str, ...], yes: bool) -> Ended:
    """Have jobs not done."""
    ids, to = parse_ids(job_ids), session.server()
    question = (
        f"This will cancel the following {len(ids)} jobs on {to.name}: {list(ids)}. Are you sure?"
    )
    if not agreed(session, question, yes=yes):
        session.say("Operation cancelled")
        return Ended({"cancelled": True})
    return cancel_jobs(session, to, ids)


@job.command("set-opt-out-ignore")
@click.argument(
    "words", nargs=-1, required=True, metavar="JOB_IDS REASON", shell_complete=batch_ids
)
@yes_option
@with_session
def set_opt_out_ignore(session: Session, words: tuple[str, ...], yes: bool) -> Ended:
    """Do jobs although the patient refused; the reason is recorded on the server."""
    if len(words) < 2:
        raise click.UsageError("Missing argument 'REASON'.")
    ids, reason, to = parse_ids(words[:-1]), words[-1].strip(), session.server()
    if not reason or not reason.isprintable():
        raise click.BadParameter("a reason is a line of text", param_hint="'REASON'")
    question = (
        f"This will set opt-out ignore '{reason}' for the following {len(ids)} job ids on "
        f"{to.name}: {list(ids)}. Are you sure?"
    )
    if not agreed(session, question, yes=yes):
        session.say("Cancelled")
        return Ended({"cancelled": True})
    change = _Change(
        lambda connection, number: protocol.ignore_opt_out(connection, number, reason),
        f"Set opt-out ignore ({reason}) for job",
        "Error setting opt-out ignore",
    )
    return change.each(session, to, ids)


@job.command()
@job_ids
@click.option(
    "--interval",
    default=5.0,
    show_default=True,
    type=click.FloatRange(1, 3600),
    help="Seconds between questions.",
)
@with_session
def watch(session: Session, job_ids: tuple[str, ...], interval: float) -> Ended:
    """Follow jobs until each has ended, telling every change.

    A server of our own tells of changes itself; others are asked again and again.
    """
    ids = parse_ids(job_ids)
    latest: dict[int, Job] = {}
    with session.connected() as connection:
        path = find_api(connection)
        if not path:
            session.say(f"{session.server().name} sends no events; asking every {interval:g} s")
        for one in watch_jobs(connection, path, ids, lambda: session.sleep(interval)):
            latest[one.id] = one
            _tell_change(session, one)
    failed = any(one.status == Status.ERROR for one in latest.values())
    absent = sorted(set(ids) - set(latest))
    if absent:
        session.say(f"The server does not know {absent}")
    found = [dict(latest[number].content) for number in sorted(latest)]
    return Ended(found, int(failed or bool(absent)))


def _tell_change(session: Session, one: Job) -> None:
    if session.json:
        click.echo(json_text.dumps(dict(one.content)), err=True)
        return
    counts = f"{one.get('files_processed') or 0} of {one.get('files_downloaded') or 0} files"
    error = f": {plain(one.get('error'))}" if one.status == "ERROR" else ""
    session.say(f"job {one.id} {plain(one.status)}, {counts}{error}")


def reset_jobs(session: Session, to: Server, ids: tuple[int, ...]) -> Ended:
    """Reset jobs one by one, telling of each."""
    return _Change(protocol.reset, "Reset job", "Error resetting job").each(session, to, ids)


def cancel_jobs(session: Session, to: Server, ids: tuple[int, ...]) -> Ended:
    """Cancel jobs one by one, telling of each."""
    return _Change(protocol.cancel, "Cancelled job", "Error cancelling job").each(session, to, ids)


class _Change:
    """A change to jobs, one by one: one that fails does not stop the others."""

    def __init__(self, change: Callable[[Connection, int], Job], done: str, failed: str) -> None:
        self._change = change
        self._done = done
        self._failed = failed

    def each(self, session: Session, to: Server, ids: tuple[int, ...]) -> Ended:
        """Change each job; exit code 1 when one could not be."""
        outcome: dict[int, str] = {}
        with session.connected(to) as connection:
            for number in ids:
                try:
                    self._change(connection, number)
                except CallFailed as error:
                    session.say(f"{self._failed} {number} on {to}:\n{error}")
                    outcome[number] = str(error)
                    continue
                session.say(f"{self._done} {number} on {to}")
                outcome[number] = "done"
        return Ended(outcome, int(any(said != "done" for said in outcome.values())))
