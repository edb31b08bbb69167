"""The steps of `create from-mapping`: plan, check, create, keep the record, annotate."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dicomveil.cli.anon.session import Failure, Session
from dicomveil.client import api, protocol
from dicomveil.client.connection import Connection
from dicomveil.client.creation import (
    Creator,
    KeyedCreator,
    LookingCreator,
    OnRefusal,
    create_all,
)
from dicomveil.client.journal import Journal, Outcome, State, keyed
from dicomveil.client.settings import Server
from dicomveil.errors import BadRow
from dicomveil.mapping.annotated import annotated
from dicomveil.mapping.batch import Batch, load_batch
from dicomveil.mapping.doubts import doubts_about, spoken
from dicomveil.mapping.example import STILL_EXAMPLE, is_example
from dicomveil.mapping.mapping_file import MappingFile
from dicomveil.mapping.requests import JobRequest, requests_of

_SHOWN = 100


class NothingToCreate(Exception):
    """No row is left to create a job for; the text says why."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be created, and where."""

    path: Path
    mapping: MappingFile
    server: Server
    requests: tuple[JobRequest, ...]
    api: str = ""  # the path of the server's own interface, when it has one

    @property
    def question(self) -> str:
        """What the user agrees to."""
        projects = sorted({request.project for request in self.requests})
        places = sorted({str(request.destination) for request in self.requests})
        return (
            f"This will create {len(self.requests)} jobs on {self.server.name}, for projects "
            f"'{projects}', writing data to '{places}'. Are you sure?"
        )


def plan(session: Session, pseudonyms: Sequence[str]) -> Plan:
    """Every row as a request; Failure lists all rows that cannot be one."""
    mapping, server = session.mapping(), session.server()
    asked = requests_of(mapping, session.settings.defaults, session.own.shares)
    if asked.bad:
        tell_bad(session, asked.bad)
        raise Failure(f"{len(asked.bad)} rows cannot become jobs; nothing was created")
    if is_example(mapping):
        session.say(f"Warning: {STILL_EXAMPLE}")
    for doubt in spoken(doubts_about(mapping.rows)):
        session.say(f"Warning: {doubt}")
    requests = asked.requests
    if pseudonyms:
        listed = ",".join(pseudonyms)
        requests = tuple(one for one in requests if one.pseudonyms & set(pseudonyms))
        if not requests:
            raise NothingToCreate(
                f"ERROR: No pseudonyms matching any of [{listed}] found in mapping"
            )
        session.say(f"Creating jobs for only for pseudonyms matching any of [{listed}]")
    if not requests:
        raise NothingToCreate("The mapping has no rows; 'anon map' adds some")
    return Plan(session.mapping_path(), mapping, server, requests)


def tell_bad(session: Session, bad: Sequence[BadRow]) -> None:
    """Say what is wrong with rows: of the first hundred, and how many more there are."""
    for problem in bad[:_SHOWN]:
        session.say(f"Error: {problem}")
    if len(bad) > _SHOWN:
        session.say(f"Error: {len(bad) - _SHOWN} more rows; --json tells of all")


def check_on_server(
    session: Session, connection: Connection, planned: Plan
) -> list[dict[str, object]]:
    """What the server would refuse, row by row, before anything is created.

    A server that cannot say is told of, and rows with sources it does not know are refused here.
    """
    if planned.api:
        problems = api.check(connection, planned.api, planned.requests)
    else:
        session.say(f"{planned.server.name} cannot check rows before they are created")
        new = [request for request in planned.requests if protocol.is_new(request)]
        problems = {
            request.row: f"this server does not know sources of type {request.source_type}"
            for request in new
        }
    for row, problem in sorted(problems.items()):
        session.say(f"Error: row {row}: {problem}")
    if problems:
        session.say(f"{len(problems)} rows would be refused; nothing was created")
    return [{"row": row, "problem": problem} for row, problem in sorted(problems.items())]


def create_planned(
    session: Session,
    connection: Connection,
    planned: Plan,
    on_refusal: OnRefusal,
    *,
    anew: bool,
) -> tuple[Outcome, ...]:
    """Create the jobs, keeping the record until every row has one."""
    if anew:
        _record_path(planned.path).unlink(missing_ok=True)
        _forget_key(session, planned)
    run_key = _run_key(session, planned)
    journal = Journal(_record_path(planned.path), _fingerprint(run_key))
    creator: Creator
    if planned.api:
        creator = KeyedCreator(connection, planned.api)
        journal.begin(0)
    else:
        creator = LookingCreator(connection)
        recent = protocol.recent_jobs(connection)
        journal.begin(max((one.id for one in recent), default=0))

    def tell(outcome: Outcome) -> None:
        _tell(session, planned, outcome)

    try:
        asked = keyed(planned.requests, run_key)
        outcomes = create_all(asked, creator, journal, on_refusal, tell)
    except KeyboardInterrupt:
        keep_in_batch(session, sorted(journal.job_ids))
        session.say("Interrupted; repeat the command to create what is missing")
        raise
    if all(outcome.state is State.CREATED for outcome in outcomes):
        journal.remove()
        _forget_key(session, planned)
    else:
        session.say("Not all rows became jobs; repeat the command to create what is missing")
    return outcomes


def keep_in_batch(session: Session, ids: Sequence[int]) -> None:
    """Add the jobs to the folder's batch, unless that is of another server."""
    if not ids:
        return
    server = session.server()
    kept = Batch(server.name, server.url)
    if session.batch_path.exists():
        kept = load_batch(session.batch_path)
        if kept.server_url != server.url:
            session.say(
                "A batch exists in this folder, but for a different server. "
                "Not saving job ids in batch"
            )
            return
    session.say("Saving job ids in batch in current folder")
    kept.with_ids(ids).save(session.batch_path)


def annotate(planned: Plan, outcomes: Sequence[Outcome]) -> Path:
    """Write the mapping with what became of each row beside the mapping."""
    path = planned.path.with_name(f"{planned.path.stem}.annotated.csv")
    notes = {
        outcome.row: (
            f"{outcome.state}: {outcome.reason}" if outcome.reason else str(outcome.state),
            str(outcome.job_id or ""),
        )
        for outcome in outcomes
    }
    annotated(planned.mapping, notes).save(path)
    return path


def _tell(session: Session, planned: Plan, outcome: Outcome) -> None:
    if outcome.state is State.CREATED:
        session.say(f"Created job with id {outcome.job_id}")
    elif outcome.reason != "not sent":
        kinds = {request.row: request.source_type for request in planned.requests}
        session.say(
            f"Error creating job for row {outcome.row} ({kinds[outcome.row]}): {outcome.reason}"
        )


def _record_path(mapping: Path) -> Path:
    return mapping.with_name(f".{mapping.stem}.creating.jsonl")


def _run_key(session: Session, planned: Plan) -> str:
    """The key that request keys are made with: a new one, or that of an unfinished run."""
    own, name = session.own, _run_name(planned)
    if name in own.request_keys:
        return own.request_keys[name]
    key = secrets.token_hex(32)
    replace(own, request_keys={**own.request_keys, name: key}).save(session.own_path)
    return key


def _forget_key(session: Session, planned: Plan) -> None:
    own, name = session.own, _run_name(planned)
    left = {known: key for known, key in own.request_keys.items() if known != name}
    replace(own, request_keys=left).save(session.own_path)


def _run_name(planned: Plan) -> str:
    return f"{planned.path} on {planned.server.url}"


def _fingerprint(key: str) -> str:
    return hashlib.blake2b(key.encode(), digest_size=8).hexdigest()
