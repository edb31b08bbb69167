"""What servers of our own offer beyond anonapi's protocol, found by asking.

Such a server's documentation has a field `api` with the path of its interface, like `/api/v1`.
docs/anon/api.md has the two calls that this client makes.
"""

from collections.abc import Sequence
from typing import Any

from dicomveil.client.connection import Connection
from dicomveil.client.jobs import Job
from dicomveil.client.protocol import documentation
from dicomveil.errors import BadAnswer
from dicomveil.mapping.requests import JobRequest


def find_api(connection: Connection) -> str:
    """The path of the server's own interface; empty when it speaks anonapi's protocol alone."""
    path = documentation(connection).get("api", "")
    # A path and no URL: the token must not go to another host.
    sound = isinstance(path, str) and path.startswith("/") and not path.startswith("//")
    return path.rstrip("/") if sound else ""


def check(connection: Connection, api: str, requests: Sequence[JobRequest]) -> dict[int, str]:
    """What the server finds wrong, by row; nothing is created."""
    rows = [{"row": request.row, **as_json(request)} for request in requests]
    content = connection.post_json(f"{api}/jobs/check", {"rows": rows}).content
    problems = content.get("problems", []) if isinstance(content, dict) else []
    return {int(one["row"]): str(one["problem"]) for one in problems if _is_problem(one)}


def create(connection: Connection, api: str, request: JobRequest, key: str) -> Job:
    """The job of this request key: a new one, or the one that was made for it before."""
    answer = connection.post_json(f"{api}/jobs", as_json(request), key)
    if answer.status == 404 or not isinstance(answer.content, dict):
        problem = "it announces an interface that it does not have"
        raise BadAnswer(str(connection.server), problem, "Tell its administrator")
    return Job(answer.content)


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
