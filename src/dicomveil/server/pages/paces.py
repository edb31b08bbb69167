"""How a job goes on: its rate, the time it still needs or that nobody knows, and who has it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from dicomveil.jobs.ledger import LEASE
from dicomveil.jobs.model import Job
from dicomveil.jobs.pulses import Pulse
from dicomveil.jobs.states import WORKING


class Pace(NamedTuple):
    """What can be said of a job under way; None for what nobody knows."""

    rate: float | None = None  # files in a second
    left: timedelta | None = None
    quiet: timedelta | None = None  # since its worker was last heard of; None: no worker has it
    files: int | None = None  # of its source

    @property
    def is_silent(self) -> bool:
        """Whether the worker is overdue: what the page says of the job may no longer hold."""
        return self.quiet is not None and self.quiet > LEASE


class Line(NamedTuple):
    """A job as lists draw it."""

    job: Job
    pace: Pace

    @property
    def is_working(self) -> bool:
        """Whether an attempt has it."""
        return self.job.state in WORKING


def lines_of(jobs: Sequence[Job], pulses: Mapping[int, Pulse], now: datetime) -> list[Line]:
    """The jobs with their paces."""
    return [Line(job, pace_of(job, pulses.get(job.id), now)) for job in jobs]


def pace_of(job: Job, pulse: Pulse | None, now: datetime) -> Pace:
    """The pace of a job under way.

    After trouble its rate is unknown: only the beginning of the first attempt is written down.
    """
    if pulse is None or job.state not in WORKING:
        return Pace()
    quiet, found = max(timedelta(), now - pulse.heard), job.counts.found
    if job.begun is None or job.tries or job.attempt != 1 or not found:
        return Pace(quiet=quiet, files=pulse.files)
    rate = found / max((now - job.begun).total_seconds(), 0.001)
    if pulse.files is None or pulse.files < found:
        return Pace(rate, None, quiet, pulse.files)
    return Pace(rate, timedelta(seconds=(pulse.files - found) / rate), quiet, pulse.files)
