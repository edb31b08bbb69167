"""Jobs as anonapi's clients read them: the ten fields of lists, and all fields of one job.

Every field is always there: the client fails on a missing one. What identifies patients is shown
to those who may see it; others get null.
"""

from collections.abc import Sequence
from typing import Any

from dicomveil.jobs.model import Glance, Job
from dicomveil.mapping.sources import PATH_TYPES, SourceType
from dicomveil.server.answers import dumped
from dicomveil.server.asking import PACS, PATH, WADO

CORE = (
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
)

_REMEMBERED = 100_000  # about 300 bytes each
_SECONDS = len("2018-10-26T14:56:34")


def core(job: Glance) -> dict[str, Any]:
    """The fields that lists have. Times are UTC, without fractions, as the client's examples."""
    return {
        "job_id": job.id,
        "date": job.created.isoformat()[:_SECONDS],
        "user_name": job.owner,
        "status": job.status.value,
        "error": job.error or None,
        "description": job.description or None,
        "project_name": job.project,
        "priority": job.priority,
        "files_downloaded": job.downloaded,
        "files_processed": job.processed,
    }


class Printer:
    """Lists of jobs as JSON, each job written once for as long as it stays as it is.

    Clients ask for the same jobs every few seconds. The ledger's reader hands out the same value
    for the same row, so whether a job is as it was is seen without looking at its fields.
    """

    def __init__(self) -> None:
        """Nothing is written yet."""
        self._kept: dict[int, tuple[Glance, str]] = {}

    def listed(self, jobs: Sequence[Glance]) -> str:
        """The jobs by number, as lists have them."""
        if len(self._kept) > _REMEMBERED:
            self._kept = {}
        return f"{{{','.join(map(self._written, jobs))}}}"

    def _written(self, job: Glance) -> str:
        # One and the same job may be shown to some without its description: under its own key.
        key = job.id if job.description else -job.id
        kept = self._kept.get(key)
        if kept is None or kept[0] is not job:
            kept = self._kept[key] = job, f'"{job.id}":{dumped(core(job))}'
        return kept[1]


def extended(job: Job) -> dict[str, Any]:
    """The fields of one job, in the order of anonapi's own server."""
    path = job.source_type in PATH_TYPES
    source = job.source or None  # none is shown, or it was purged
    return {
        **core(job),
        "destination_id": job.id,
        "destination_name": None,
        "destination_path": job.destination,
        "destination_network": None,
        "destination_status": "BASE",
        "destination_type": PATH,
        "source_id": job.id,
        "source_instance_id": None if path else _instance_id(job),
        "source_status": "NEW",
        "source_type": PATH if path else WADO,
        "source_anonymizedpatientid": job.pseudo_id or None,
        "source_anonymizedpatientname": job.pseudo_name or None,
        "source_pims_keyfile_id": job.pims_key or None,
        "source_name": None if path else PACS,
        "source_path": f"{job.source_type}:{source}" if path and source else None,
        "source_protocol": job.project_id,
        "source_subject": None,
        "source_sop_class_filter_list": ", ".join(job.sop_classes) or None,
        "source_ignore_opt_out": bool(job.opt_out_reason),
        "source_ignore_opt_out_reason": job.opt_out_reason or None,
    }


def _instance_id(job: Job) -> str | None:
    """A study is its bare UID, as anonapi sends it; all else has its type before it."""
    if not job.source:
        return None
    return job.source if job.source_type is SourceType.STUDY else f"{job.source_type}:{job.source}"
