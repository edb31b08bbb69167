"""What a request is told when it is not carried out: which part is wrong, and what is accepted."""

from collections.abc import Mapping
from enum import IntEnum

from dicomveil.errors import DicomveilError
from dicomveil.job_errors import NoSuch, NotAllowed, NotNow, OverLimit, Unfit


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


class RequestRefused(Unfit):
    """A request that is refused; `errors` says of each part what is wrong, never its value."""

    def __init__(self, errors: Mapping[str, str], status: Status = Status.WRONG) -> None:
        """Refuse with a reason for each part of the request that is wrong, one at least."""
        super().__init__(*next(iter(errors.items())))
        self.errors = dict(errors)
        self.status = status

    def __str__(self) -> str:
        return "; ".join(f"{name}: {reason}" for name, reason in self.errors.items())


def absent(job_id: int) -> RequestRefused:
    """What is said of a job that does not exist, and of one that the caller may not see."""
    return RequestRefused({"job_id": f"Job with id {job_id} does not exist"}, Status.ABSENT)


def refused_by(error: DicomveilError) -> RequestRefused:
    """The refusal that an error of an inner room stands for."""
    match error:
        case RequestRefused():
            return error
        case Unfit(field=field, problem=problem):
            return RequestRefused({field: problem})
        case NoSuch():
            return RequestRefused({"request": str(error)}, Status.ABSENT)
        case NotNow():
            return RequestRefused({"status": str(error)}, Status.CONFLICT)
        case NotAllowed():
            return RequestRefused({"user_name": str(error)}, Status.NOT_ALLOWED)
        case OverLimit():
            return RequestRefused({"project_name": str(error)}, Status.TOO_MANY)
        case _:
            return RequestRefused({error.code: str(error)})
