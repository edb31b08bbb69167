"""`anon batch`: the jobs of a folder, all at once."""

import click

from dicomveil.cli.anon.commands import AnonGroup, Ended, agreed, with_session, yes_option
from dicomveil.cli.anon.completion import batch_ids
from dicomveil.cli.anon.job import cancel_jobs, reset_jobs
from dicomveil.cli.anon.session import Failure, Session
from dicomveil.cli.anon.show import ANON_NAME, plain, show_jobs, summary
from dicomveil.client import protocol
from dicomveil.client.jobs import Job, Status
from dicomveil.client.settings import Server
from dicomveil.mapping.batch import Batch
from dicomveil.mapping.files import remove as remove_file
from dicomveil.mapping.job_ids import parse_ids

job_ids = click.argument("job_ids", nargs=-1, required=True)


@click.group(cls=AnonGroup)
def batch() -> None:
    """Manage anonymization job batches. Ids are written as 1 2 5-9 or as 1,2,5-9."""


@batch.command()
@with_session
def init(session: Session) -> Ended:
    """Begin an empty batch in the current folder, for the active server."""
    if session.batch_path.exists():
        raise Failure("Cannot init, A batch is already defined in this folder")
    to = session.server()
    Batch(to.name, to.url).save(session.batch_path)
    session.say(f"Initialised batch for {to} in current dir")
    return Ended({"server": to.name, "path": str(session.batch_path)})


@batch.command()
@with_session
def info(session: Session) -> Ended:
    """Show the batch of this folder."""
    found = session.batch()
    session.say(found.text())
    return Ended({"server": found.server_name, "url": found.server_url, "job_ids": found.ids})


@batch.command()
@job_ids
@with_session
def add(session: Session, job_ids: tuple[str, ...]) -> Ended:
    """Add jobs to the batch."""
    ids = parse_ids(job_ids)
    session.batch().with_ids(ids).save(session.batch_path)
    session.say(f"Added {[str(number) for number in ids]} to batch")
    return Ended({"added": ids})


@batch.command()
@click.argument("job_ids", nargs=-1, required=True, shell_complete=batch_ids)
@with_session
def remove(session: Session, job_ids: tuple[str, ...]) -> Ended:
    """Take jobs out of the batch; on the server nothing changes."""
    ids = parse_ids(job_ids)
    session.batch().without_ids(ids).save(session.batch_path)
    session.say(f"Removed {[str(number) for number in ids]} from batch")
    return Ended({"removed": ids})


@batch.command()
@with_session
def delete(session: Session) -> Ended:
    """Delete the batch of this folder; on the server nothing changes."""
    session.batch()
    remove_file(session.batch_path)
    session.say("Removed batch in current dir")
    return Ended({"deleted": str(session.batch_path)})


@batch.command()
@click.option("--patient-name/--no-patient-name", default=False, help="Show pseudonyms too.")
@with_session
def status(session: Session, patient_name: bool) -> Ended:
    """Show the state of each job and how many are in each."""
    kept = session.batch()
    found = _jobs(session, kept, in_full=patient_name)
    session.say(f"Job info for {len(found)} jobs on {_server(session, kept)}:\n")
    if kept.ids:
        show_jobs(session, found, *([ANON_NAME] if patient_name else []))
        session.say(f"\nSummary for all {len(kept.ids)} jobs:\n")
        session.say(summary(found, len(kept.ids)))
    else:
        session.say("The batch is empty; 'anon batch add' adds jobs to it")
    return Ended([dict(one.content) for one in found])


@batch.command()
@yes_option
@with_session
def reset(session: Session, yes: bool) -> Ended:
    """Have every job of the batch done again."""
    kept = session.batch()
    return _reset(session, kept, kept.ids, yes=yes)


@batch.command()
@yes_option
@with_session
def cancel(session: Session, yes: bool) -> Ended:
    """Have no job of the batch done."""
    kept = session.batch()
    return _cancel(session, kept, kept.ids, yes=yes)


@batch.command("cancel-active")
@yes_option
@with_session
def cancel_active(session: Session, yes: bool) -> Ended:
    """Cancel the jobs that still wait."""
    kept = session.batch()
    return _cancel(session, kept, _in_state(session, kept, Status.ACTIVE), yes=yes)


@batch.command("reset-error")
@yes_option
@with_session
def reset_error(session: Session, yes: bool) -> Ended:
    """Have the jobs that failed done again."""
    kept = session.batch()
    return _reset(session, kept, _in_state(session, kept, Status.ERROR), yes=yes)


@batch.command("show-error")
@with_session
def show_error(session: Session) -> Ended:
    """Show why jobs failed."""
    kept = session.batch()
    failed = [one for one in _jobs(session, kept) if one.status == Status.ERROR]
    for one in failed:
        show_jobs(session, [one])
        session.say(f"\nerror message:\n{plain(one.get('error'))}\n\n")
    if not failed:
        session.say("There are no jobs with error status in this batch")
    return Ended([dict(one.content) for one in failed])


def _server(session: Session, kept: Batch) -> Server:
    """The batch's server, when it is one of the user's: the token goes nowhere else."""
    url = kept.server_url
    if url.rstrip("/") not in {one.url.rstrip("/") for one in session.settings.servers}:
        raise Failure(
            f"the batch is of a server that is not in your list; 'anon server add "
            f"{plain(kept.server_name)} {plain(url)}' adds it, if you trust it with your token"
        )
    return Server(kept.server_name, url)


def _jobs(session: Session, kept: Batch, *, in_full: bool = False) -> list[Job]:
    if not kept.ids:
        return []
    ask = protocol.jobs_in_full if in_full else protocol.jobs
    with session.connected(_server(session, kept)) as connection:
        return ask(connection, kept.ids)


def _in_state(session: Session, kept: Batch, state: Status) -> tuple[int, ...]:
    return tuple(sorted(one.id for one in _jobs(session, kept) if one.status == state))


def _reset(session: Session, kept: Batch, ids: tuple[int, ...], *, yes: bool) -> Ended:
    if not _agreed(session, kept, ids, "reset", yes=yes):
        return Ended({"cancelled": True})
    ended = reset_jobs(session, _server(session, kept), ids)
    session.say("Done")
    return ended


def _cancel(session: Session, kept: Batch, ids: tuple[int, ...], *, yes: bool) -> Ended:
    if not _agreed(session, kept, ids, "cancel", yes=yes):
        return Ended({"cancelled": True})
    ended = cancel_jobs(session, _server(session, kept), ids)
    session.say("Done")
    return ended


def _agreed(session: Session, kept: Batch, ids: tuple[int, ...], verb: str, *, yes: bool) -> bool:
    question = f"This will {verb} {len(ids)} jobs on {_server(session, kept)}. Are you sure?"
    if agreed(session, question, yes=yes):
        return True
    session.say("User cancelled")
    return False
