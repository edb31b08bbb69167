"""Jobs as a server tells of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """The states of a job that anonapi's protocol knows."""

    ACTIVE = "ACTIVE"
    UPLOADED = "UPLOADED"
    DONE = "DONE"
    ERROR = "ERROR"
    INACTIVE = "INACTIVE"


ENDED = frozenset({Status.DONE, Status.ERROR, Status.INACTIVE})

# What `job info` shows, in anonapi's order.
SHOWN = (
    "job_id",
    "date",
    "user_name",
    "status",
    "error",
    "description",
    "project_name",
    "priority",
    "files_downloaded",
    "files_processed",
    "destination_path",
    "source_type",
    "source_anonymizedpatientid",
    "source_anonymizedpatientname",
    "source_name",
    "source_path",
    "source_pims_keyfile_id",
    "source_instance_id",
)


@dataclass(frozen=True, slots=True)
class Job:
    """One job; a key the server left out is empty, never an error."""

    content: Mapping[str, Any] = field(repr=False)

    def get(self, name: str) -> object:
        """The value of one key; None when the server says nothing of it."""
        return self.content.get(name)

    @property
    def id(self) -> int:
        """The job's number on its server; -1 when the server gave none."""
        number = str(self.content.get("job_id", ""))
        return int(number) if number.isascii() and number.isdigit() else -1

    @property
    def status(self) -> str:
        """The state's name, which may be one that we do not know."""
        return str(self.content.get("status") or "")
