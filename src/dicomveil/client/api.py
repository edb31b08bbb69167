"""What servers of our own offer beyond anonapi's protocol, found by asking.

Such a server's documentation has a field `api` with the path of its interface, like `/api/v1`.
docs/anon/api.md has the calls that this client makes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote

from dicomveil.client.connection import Connection
from dicomveil.client.jobs import Job
from dicomveil.client.protocol import documentation
from dicomveil.errors import BadAnswer
from dicomveil.mapping.requests import JobRequest
from dicomveil.mapping.sources import SourceIdentifier


@dataclass(frozen=True, slots=True)
class Study:
    """One study that a server can fetch, and which of the sources asked for names it."""

    asked: int  # the number of the source, from 1
    content: Mapping[str, Any] = field(repr=False)

    def get(self, name: str) -> object:
        """The value of one key; None when the server says nothing of it."""
        return self.content.get(name)


def find_api(connection: Connection) -> str:
    """The path of the server's own interface; empty when it speaks anonapi's protocol alone."""
    path = documentation(connection).get("api", "")
    # A path and no URL: the token must not go to another host.
    sound = isinstance(path, str) and path.startswith("/") and not path.startswith("//")
    return path.rstrip("/") if sound else ""


def check(connection: Connection, api: str, requests: Sequence[JobRequest]) -> dict[int, str]:
    """What the server finds wrong, by row; nothing is created."""
    rows = [{"row": request.row, **as_json(request)} for request in requests]
    content = connection.ask_json(f"{api}/jobs/check", {"rows": rows}).content
    problems = content.get("problems", []) if isinstance(content, dict) else []
    return {int(one["row"]): str(one["problem"]) for one in problems if _is_problem(one)}


def create(connection: Connection, api: str, request: JobRequest, key: str) -> Job:
    """The job of this request key: a new one, or the one that was made for it before."""
    answer = connection.post_json(f"{api}/jobs", as_json(request), key)
    if answer.status == 404 or not isinstance(answer.content, dict):
        problem = "it announces an interface that it does not have"
        raise BadAnswer(str(connection.server), problem, "Tell its administrator")
    return Job(answer.content)


AT_ONCE = 200  # questions of one call


class Question(NamedTuple):
    """A source that is looked for, and the dates that narrow it; identity."""

    source: SourceIdentifier
    date: str = ""  # 20240131 or 20240101-20240131


def find(
    connection: Connection, api: str, questions: Sequence[Question], place: str = ""
) -> tuple[Study, ...] | None:
    """The studies that answer, in the order asked; None when the server cannot look.

    They are looked for at one place, or at all of the caller's. Sources travel in the body: a URL
    would put them into the logs on the way.
    """
    path = f"{api}/places/{quote(place, safe='')}/studies" if place else f"{api}/studies/find"
    studies: list[Study] = []
    for before in range(0, len(questions), AT_ONCE):
        asked = questions[before : before + AT_ONCE]
        found = _find(connection, path, asked)
        if found is None:
            return None
        studies += [
            Study(before + one["asked"], {**one, "asked": before + one["asked"]}) for one in found
        ]
    return tuple(sorted(studies, key=lambda study: study.asked))


def _find(
    connection: Connection, path: str, questions: Sequence[Question]
) -> list[dict[str, Any]] | None:
    content: dict[str, Any] = {"sources": [str(one.source) for one in questions]}
    if any(one.date for one in questions):
        content["dates"] = [one.date for one in questions]
    answer = connection.ask_json(path, content)
    if answer.status == 404:
        return None
    found = answer.content.get("studies") if isinstance(answer.content, dict) else None
    if not isinstance(found, list) or not all(_names_one(one, len(questions)) for one in found):
        problem = "it does not say which source each study answers"
        raise BadAnswer(str(connection.server), problem, "Tell its administrator")
    return found


def as_json(request: JobRequest) -> dict[str, Any]:
    """A request in the words of a mapping."""
    return {
        "source": f"{request.source_type}:{request.source}",
        "project": request.project,
        "destination_path": str(request.destination),
        "pseudo_id": request.pseudo_id,
        "pseudo_name": request.pseudo_name,
        "description": request.description,
        "pims_key": request.pims_key,
    }


def _is_problem(one: object) -> bool:
    return isinstance(one, dict) and str(one.get("row", "")).isdigit() and "problem" in one


def _names_one(one: object, sources: int) -> bool:
    """Whether a study says which of so many sources it answers."""
    if not isinstance(one, dict):
        return False
    asked = one.get("asked")
    return type(asked) is int and 1 <= asked <= sources
