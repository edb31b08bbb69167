"""The calls of anonapi's protocol: what is asked of a server, and what its answers mean."""

from collections.abc import Iterable
from typing import Any

from dicomveil.client.connection import Answer, Connection, Params
from dicomveil.client.jobs import Job, Status
from dicomveil.errors import BadAnswer
from dicomveil.mapping.requests import JobRequest
from dicomveil.mapping.sources import NEW_TYPES, PATH_TYPES, SourceType


def documentation(connection: Connection) -> dict[str, Any]:
    """What the server says of itself; BadAnswer when it is no anonymization server."""
    content = connection.get("").content
    found = content.get("documentation") if isinstance(content, dict) else None
    if found is None:
        raise _no_api(connection)
    return found if isinstance(found, dict) else {}


def recent_jobs(connection: Connection) -> list[Job]:
    """The most recent jobs, as many as the server sees fit, in its order."""
    return _jobs(connection, connection.get("get_jobs"))


def job(connection: Connection, job_id: int) -> Job:
    """One job with all its keys; Declined when the server has none of that number."""
    content = _known(connection, connection.get("get_job", [("job_id", job_id)]))
    return Job(content)


def jobs(connection: Connection, ids: Iterable[int]) -> list[Job]:
    """Those of the jobs that the server knows, in its order."""
    params = [("job_ids", number) for number in ids]
    return _jobs(connection, connection.get("get_jobs_list", params))


def jobs_in_full(connection: Connection, ids: Iterable[int]) -> list[Job]:
    """The same, with all keys of each job."""
    params = [("job_ids", number) for number in ids]
    return _jobs(connection, connection.get("get_jobs_list_extended", params))


def create(connection: Connection, request: JobRequest) -> Job:
    """The new job; Declined with the server's reason, Unanswered when it may exist."""
    return Job(_known(connection, connection.post("create_job", create_params(request))))


def reset(connection: Connection, job_id: int) -> Job:
    """Have a job done again from the start."""
    params: Params = [
        ("job_id", job_id),
        ("status", Status.ACTIVE),
        ("files_downloaded", 0),
        ("files_processed", 0),
        ("error", " "),  # a space is how the protocol says: no error
    ]
    return Job(_known(connection, connection.post("modify_job", params)))


def cancel(connection: Connection, job_id: int) -> Job:
    """Have a job not done."""
    return Job(_known(connection, connection.post("cancel_job", [("job_id", job_id)])))


def ignore_opt_out(connection: Connection, job_id: int, reason: str) -> Job:
    """Have a job done although the patient refused, for a reason that is recorded."""
    params: Params = [
        ("job_id", job_id),
        ("source_ignore_opt_out", "True"),
        ("source_ignore_opt_out_reason", f"Reason: {reason}"),
    ]
    return Job(_known(connection, connection.post("modify_job", params)))


def create_params(request: JobRequest) -> Params:
    """The form of create_job, in anonapi's order; what is empty is left out."""
    if request.source_type in PATH_TYPES:
        source = [
            ("source_type", "PATH"),
            ("source_path", f"{request.source_type}:{request.source}"),
        ]
    else:
        source = [
            ("source_type", "WADO"),
            ("source_name", "IDC_WADO"),
            ("source_instance_id", instance_id(request)),
        ]
    rest = [
        ("destination_type", "PATH"),
        ("project_name", request.project),
        ("destination_path", str(request.destination)),
        ("anonymizedpatientname", request.pseudo_name),
        ("anonymizedpatientid", request.pseudo_id),
        ("description", request.description),
        ("pims_keyfile_id", request.pims_key),
    ]
    return [(name, text) for name, text in source + rest if text]


def instance_id(request: JobRequest) -> str:
    """A PACS source as the protocol writes it: a study's UID bare, others with their type."""
    if request.source_type is SourceType.STUDY:
        return request.source
    return f"{request.source_type}:{request.source}"


def is_new(request: JobRequest) -> bool:
    """Whether the request has a source that anonapi's own servers do not know."""
    return request.source_type in NEW_TYPES


def _jobs(connection: Connection, answer: Answer) -> list[Job]:
    content = _known(connection, answer)
    return [Job(found) for found in content.values() if isinstance(found, dict)]


def _known(connection: Connection, answer: Answer) -> dict[str, Any]:
    """The object that was asked for; a 404 means that the server has no such function."""
    if answer.status == 404 or not isinstance(answer.content, dict):
        raise _no_api(connection)
    return answer.content


def _no_api(connection: Connection) -> BadAnswer:
    problem = "it does not answer as an anonymization server does"
    return BadAnswer(str(connection.server), problem, "Is this the URL of its API?")
