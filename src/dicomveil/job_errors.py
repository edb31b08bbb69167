"""What goes wrong with the jobs of a server: the branch JobError of the tree in errors.py.

Apart from it, so that nobody who runs no server reads it.
"""

from typing import ClassVar

from dicomveil.errors import DicomveilError


class JobError(DicomveilError):
    """What the server's ledger does not have, does not know or does not allow."""

    code = "job"


class NoSuch(JobError):
    """A job, project, user, key or batch that is not there, or not for the one who asks."""

    code = "no-such"


class NotNow(JobError):
    """What cannot happen to a job in the state it is in."""

    code = "not-now"


class Unfit(JobError):
    """A field of a request that is not accepted; `field` names it, the message says the form."""

    code = "unfit"

    def __init__(self, field: str, problem: str) -> None:
        """Say which field, and what is accepted in it."""
        super().__init__(f"{field}: {problem}")
        self.field = field
        self.problem = problem


class OverLimit(JobError):
    """More than the project allows one user."""

    code = "over-limit"


class NotAllowed(JobError):
    """What this user, or this token, may not do."""

    code = "not-allowed"


class Superseded(JobError):
    """A late word of an attempt that no longer has the job."""

    code = "superseded"


class NoPlace(JobError):
    """A source for which this server has no place configured."""

    code = "no-place"


class JobRefused(JobError):
    """A job that cannot be carried out, however often it is tried; `code` is one of CODES."""

    CODES: ClassVar[dict[str, str]] = {
        "not-dicom-found": "files that are not DICOM",
        "nothing-to-deliver": "nothing to deliver",
        "several-patients": "more than one original patient under one given pseudonym",
        "pseudonym-is-original": "a pseudonym that is an identifier of the original",
        "opted-out": "a patient who refuses research",
        "selection-changed": "a file selection that changed",
        "selection-unusable": "a file selection that cannot be used",
        "source-missing": "a source that is not there",
        "quarantined": "objects that may not leave, where the project wants all or nothing",
        "partly-delivered": "a place that took some of the objects, or none",
        "destination-taken": "an output of this job's number that this server did not make",
    }

    def __init__(self, code: str, text: str, details: str = "") -> None:
        """Refuse for the reason `code`; `text` tells people, without any identifier.

        `details` may identify, and is shown to those alone who may see the job's source.
        """
        super().__init__(text)
        self.code = code
        self.details = details


class LedgerUnusable(JobError):
    """A ledger's database that is missing, of another version, or damaged."""

    code = "ledger"


class AuditBroken(JobError):
    """An audit chain that does not hold from some entry on."""

    code = "audit-broken"
