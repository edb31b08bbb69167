"""What `create from-mapping` does then: create, keep the record, fill the batch, annotate."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dicomveil.cli.anon.planning import Plan
from dicomveil.cli.anon.session import Session
from dicomveil.client import protocol
from dicomveil.client.connection import Connection
from dicomveil.client.creation import (
    Creator,
    KeyedCreator,
    LookingCreator,
    OnRefusal,
    create_all,
)
from dicomveil.client.journal import Journal, Outcome, State, keyed
from dicomveil.mapping.annotated import annotated
from dicomveil.mapping.batch import Batch, load_batch


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
    creator = _begun(connection, planned, journal)

    def tell(outcome: Outcome) -> None:
        _tell(session, planned, outcome)

    try:
        asked = keyed(planned.requests, run_key)
        outcomes = create_all(asked, creator, journal, on_refusal, tell)
    except KeyboardInterrupt:
        _keep_in_batch(session, sorted(journal.job_ids))
        session.say("Interrupted; repeat the command to create what is missing")
        raise
    _keep(session, planned, outcomes)
    if all(outcome.state is State.CREATED for outcome in outcomes):
        journal.remove()  # not before the batch has the jobs
        _forget_key(session, planned)
    else:
        session.say("Not all rows became jobs; repeat the command to create what is missing")
    session.say("Done")
    return outcomes


def _begun(connection: Connection, planned: Plan, journal: Journal) -> Creator:
    """The way of creating that the server has, its newest job noted where that is needed."""
    if planned.api:
        journal.begin(0)
        return KeyedCreator(connection, planned.api)
    recent = protocol.recent_jobs(connection)
    journal.begin(max((one.id for one in recent), default=0))
    return LookingCreator(connection)


def _keep(session: Session, planned: Plan, outcomes: Sequence[Outcome]) -> None:
    """Tell how many jobs there are, add them to the batch, and annotate the mapping."""
    ids = [outcome.job_id for outcome in outcomes if outcome.state is State.CREATED]
    session.say(f"created {len(ids)} jobs: {[str(number) for number in ids]}")
    _keep_in_batch(session, ids)
    path = planned.path.with_name(f"{planned.path.stem}.annotated.csv")
    notes = {
        outcome.row: (
            f"{outcome.state}: {outcome.reason}" if outcome.reason else str(outcome.state),
            str(outcome.job_id or ""),
        )
        for outcome in outcomes
    }
    annotated(planned.mapping, notes).save(path)
    session.say(f"Wrote what became of each row to {path.name}")


def _keep_in_batch(session: Session, ids: Sequence[int]) -> None:
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
