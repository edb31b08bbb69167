"""`anon create`: jobs on the server, from the active mapping."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import click

from dicomveil.cli.anon.commands import AnonGroup, Ended, agreed, with_session, yes_option
from dicomveil.cli.anon.creating import create_planned
from dicomveil.cli.anon.planning import NothingToCreate, Plan, check_on_server, plan
from dicomveil.cli.anon.session import Session
from dicomveil.client.api import find_api
from dicomveil.client.creation import OnRefusal
from dicomveil.client.journal import Outcome, State
from dicomveil.mapping.fields import MEANING, Field
from dicomveil.mapping.requests import NOT_SET
from dicomveil.mapping.unc import parse_unc


@click.group(cls=AnonGroup)
def create() -> None:
    """Create jobs."""


@create.command("from-mapping")
@click.option("--dry-run/--no-dry-run", default=False, help="Check and show; change nothing.")
@click.option("-f", "--filter", "pseudonyms", multiple=True, help="Only rows of this pseudonym.")
@click.option(
    "--keep-going/--no-keep-going",
    default=False,
    help="Go on after a row that the server refuses, or stop there.",
)
@click.option("--anew", is_flag=True, help="Forget an unfinished creation and create all rows.")
@yes_option
@with_session
def from_mapping(
    session: Session,
    *,
    dry_run: bool,
    pseudonyms: tuple[str, ...],
    keep_going: bool,
    anew: bool,
    yes: bool,
) -> Ended:
    """Create a job for each row of the active mapping, after all rows were checked.

    Repeated after a broken connection it creates what is missing and nothing twice.
    """
    if dry_run:
        session.say("** Dry run, nothing will be sent to server **")
    try:
        planned = plan(session, pseudonyms)
    except NothingToCreate as nothing:
        session.say(str(nothing))
        return Ended({"created": [], "problem": str(nothing)}, 1)
    with session.connected() as connection:
        planned = replace(planned, api=find_api(connection))
        refused = check_on_server(session, connection, planned)
        if refused:
            return Ended({"created": [], "refused": refused}, 1)
        if dry_run:
            return _shown(session, planned)
        if not agreed(session, planned.question, yes=yes):
            session.say("Cancelled")
            return Ended({"cancelled": True})
        on_refusal = OnRefusal.KEEP_GOING if keep_going else OnRefusal.STOP
        outcomes = create_planned(session, connection, planned, on_refusal, anew=anew)
    return _finished(outcomes)


def _finished(outcomes: Sequence[Outcome]) -> Ended:
    """What became of the rows; exit code 1 when not all of them are jobs."""
    ids = [outcome.job_id for outcome in outcomes if outcome.state is State.CREATED]
    rows = [outcome._asdict() for outcome in outcomes]
    return Ended({"created": ids, "rows": rows}, int(len(ids) < len(outcomes)))


def _shown(session: Session, planned: Plan) -> Ended:
    """Tell what would be created; identifiers only where they are asked for."""
    rows = []
    for request in planned.requests:
        source = request.source if session.show_values else "***"
        session.say(f"row {request.row}: {request.source_type}:{source}")
        session.say(f"    project {request.project}, to {request.destination}")
        rows.append({"row": request.row, "source_type": request.source_type})
    session.say(f"{len(rows)} jobs would be created on {planned.server.name}")
    return Ended({"would_create": rows})


@create.command("set-defaults")
@click.option("--project", help="The project; asked for when not given.")
@click.option("--destination-path", help="Where results go; asked for when not given.")
@with_session
def set_defaults(session: Session, project: str | None, destination_path: str | None) -> Ended:
    """Set what a mapping has when it says nothing: project and destination."""
    old = session.settings.defaults
    if project is None or destination_path is None:
        session.say(
            "Please set default rows current value shown in [brackets]. "
            "Pressing enter without input will keep current value"
        )
    name = project or _asked("Please enter default IDIS project name:", old, Field.PROJECT)
    path = destination_path or _asked(
        "Please enter default job destination directory:", old, Field.DESTINATION_PATH
    )
    if path not in NOT_SET:
        known = session.own.shares.to_unc(Path(path)) if Path(path).is_absolute() else None
        path = str(known or parse_unc(path))
    new = {**old, Field.PROJECT: name, Field.DESTINATION_PATH: path}
    session.save(replace(session.settings, defaults=new))
    session.say("Saved")
    return Ended({str(field): text for field, text in new.items()})


@create.command("show-defaults")
@with_session
def show_defaults(session: Session) -> Ended:
    """Show what a mapping has when it says nothing."""
    session.say("Default parameters when creating jobs:")
    for name, text in session.settings.defaults.items():
        session.say(f"{name}:{text} ({MEANING[name]})")
    return Ended({str(name): text for name, text in session.settings.defaults.items()})


def _asked(question: str, old: Mapping[Field, str], name: Field) -> str:
    return str(
        click.prompt(question, default=old.get(name, ""), show_default=True, prompt_suffix=" ")
    )
