"""What `create from-mapping` does first: every row as a request, checked here and on the server."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dicomveil.cli.anon.session import Failure, Session
from dicomveil.client import api, protocol
from dicomveil.client.connection import Connection
from dicomveil.client.settings import Server
from dicomveil.errors import BadRow
from dicomveil.mapping.batch import load_batch
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
    if session.batch_path.exists():
        load_batch(session.batch_path)  # a batch that cannot take the jobs is met before they are
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
