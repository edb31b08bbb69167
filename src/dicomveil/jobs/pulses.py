"""Signs of life: when the worker that has a job was last heard of, and how much it has to do."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import bindparam, select

from dicomveil.jobs import clock
from dicomveil.jobs.database import Database, OneOf
from dicomveil.jobs.frozen import read_plan
from dicomveil.jobs.ledger import LEASE
from dicomveil.jobs.reading import PLAN
from dicomveil.jobs.schema import JOBS
from dicomveil.jobs.vault import Vault

_J: Final = JOBS.c
_LEASED: Final = select(_J.id, _J.lease_ends, _J.plan_sealed).where(
    OneOf(_J.id, bindparam("ids")), _J.lease_ends.is_not(None)
)


class Pulse(NamedTuple):
    """When a job's worker last renewed its lease, and how many files its plan has."""

    heard: datetime
    files: int | None  # None before the source was looked through


class Pulses:
    """The signs of life of one ledger's jobs."""

    def __init__(self, database: Database, vault: Vault, lease: timedelta = LEASE) -> None:
        """Read from `database`, whose workers hold jobs for `lease`."""
        self._database = database
        self._vault = vault
        self._lease = lease

    def of(self, numbers: Sequence[int]) -> Mapping[int, Pulse]:
        """Those of the jobs that a worker has."""
        with self._database.read() as tx:
            rows = tx.rows(_LEASED, ids=tx.numbers(numbers))
        return {
            number: Pulse(clock.read(ends) - self._lease, self._files(plan))
            for number, ends, plan in rows
        }

    def _files(self, sealed: bytes | None) -> int | None:
        return read_plan(self._vault.open(sealed, PLAN)).files if sealed else None
