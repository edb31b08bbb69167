"""What a request is told when it is not carried out: which part is wrong, and what is accepted."""

from collections.abc import Mapping
from enum import IntEnum

from dicomveil.errors import DicomveilError


class Status(IntEnum):
    """The statuses of refusals; anonapi's client understands the first four alone."""

    WRONG = 400
    UNKNOWN_CALLER = 401
    ABSENT = 404
    WRONG_METHOD = 405
    NOT_ALLOWED = 403
    CONFLICT = 409
    TOO_LARGE = 413
    TOO_MANY = 429


class RequestRefused(DicomveilError):
    """A request that is refused; `errors` says of each part what is wrong, never its value."""

    code = "request-refused"

    def __init__(self, errors: Mapping[str, str], status: Status = Status.WRONG) -> None:
        """Refuse with a reason for each part of the request that is wrong."""
        super().__init__("; ".join(f"{name}: {reason}" for name, reason in errors.items()))
        self.errors = dict(errors)
        self.status = status


def absent(job_id: int) -> RequestRefused:
    """What is said of a job that does not exist, and of one that the caller may not see."""
    return RequestRefused({"job_id": f"Job with id {job_id} does not exist"}, Status.ABSENT)
