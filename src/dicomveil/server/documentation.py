"""What the server says of itself to whoever asks for something it does not have.

anonapi's client takes a server for alive when this answer comes.
"""

from typing import Any, NamedTuple

API = "/api/v1"


class Call(NamedTuple):
    """One call of the protocol: how it is made, and what for."""

    method: str
    parameters: tuple[str, ...]
    says: str


CALLS = {
    "get_jobs": Call("GET", (), "The newest jobs that you may see."),
    "get_job": Call("GET", ("job_id",), "One job with all its fields."),
    "get_jobs_list": Call("GET", ("job_ids",), "The jobs of these numbers; repeat the parameter."),
    "get_jobs_list_extended": Call("GET", ("job_ids",), "The same, with all fields of each."),
    "create_job": Call(
        "POST",
        (
            "source_type",
            "source_path",
            "source_name",
            "source_instance_id",
            "source_sop_class_filter_list",
            "destination_type",
            "destination_path",
            "project_name",
            "anonymizedpatientname",
            "anonymizedpatientid",
            "description",
            "pims_keyfile_id",
            "priority",
        ),
        "A new job, de-identified by its project's rules.",
    ),
    "modify_job": Call(
        "POST",
        ("job_id", "..."),
        "Change a job: status ACTIVE does it again, INACTIVE cancels it.",
    ),
    "cancel_job": Call("POST", ("job_id",), "Have a job not done."),
}


def documentation(version: str) -> dict[str, Any]:
    """The body of the answer 404 to a GET."""
    return {
        "404": "There is no such call; the documentation names those there are",
        "documentation": {
            "overview": f"dicomveil {version}: send parameters as a form, in the body or the URL, "
            "with the header 'Authorization: Token <your token>'",
            "handlers": {
                f"/{name}": {
                    call.method: {"usage": call.says, "parameters": list(call.parameters)},
                }
                for name, call in CALLS.items()
            },
            "api": API,
            "openapi": f"{API}/openapi.json",
        },
    }
