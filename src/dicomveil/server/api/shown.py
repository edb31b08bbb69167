"""Jobs as the interface gives them."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from dicomveil.jobs.model import Glance, Job
from dicomveil.server.views import core, extended


def listed(job: Glance) -> dict[str, Any]:
    """A job as lists show it."""
    return {**core(job), "state": str(job.state)}


def whole(job: Job) -> dict[str, Any]:
    """A job in full, with all fields of anonapi's protocol."""
    counts = asdict(job.counts)
    counts.pop("bytes")
    return {
        **extended(job),
        "state": str(job.state),
        "batch": job.batch,
        "attempts": job.attempt,
        "code": job.code,
        "counts": counts,
        "begun": _time(job.begun),
        "ended": _time(job.ended),
        "project_version": job.version,
        "details": job.details.splitlines() or None,
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
