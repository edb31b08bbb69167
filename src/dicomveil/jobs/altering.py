"""Change what a job asks for: any time what people read, and while it is unsettled what is done.

Source, destination and project are settled with the first attempt. Pseudonyms, the filter and the
answer to an opt-out may change while no attempt has the job and nothing was delivered.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import bindparam, case, update
from sqlalchemy.sql.dml import Update

from dicomveil.errors import NoSuch, NotNow
from dicomveil.jobs import clock
from dicomveil.jobs import statements as sql
from dicomveil.jobs.audit import Audit
from dicomveil.jobs.clock import Now, stored
from dicomveil.jobs.database import Database, Durability, Transaction
from dicomveil.jobs.model import Change, Job
from dicomveil.jobs.reading import DESCRIPTION, OPT_OUT, SOURCE, Reader
from dicomveil.jobs.schema import JOBS
from dicomveil.jobs.states import WORKING, State
from dicomveil.jobs.vault import Vault

_ANY_TIME: Final = ("priority", "description_sealed")
_UNSETTLED: Final = ("pseudo_id", "pseudo_name", "pims_key", "sop_classes", "opt_out_sealed")
_BEFORE: Final = ("source_type", "source_sealed", "source_digest", "destination", "project_id")
_COLUMNS: Final = (*_ANY_TIME, *_UNSETTLED, *_BEFORE)


def _statement() -> Update:
    """One statement for all changes: each column keeps its value unless it is named."""
    values = {
        name: case((bindparam(f"has_{name}") == 1, bindparam(f"new_{name}")), else_=sql.J[name])
        for name in _COLUMNS
    }
    return (
        update(JOBS)
        .where(sql.J.id == bindparam("job"))
        .values(values | {"changed": bindparam("now")})
    )


_CHANGE: Final = _statement()


class Altering:
    """Changes jobs in the ledger's database."""

    def __init__(self, database: Database, vault: Vault, now: Now = clock.now) -> None:
        """Work on `database`, sealing with `vault`."""
        self._database = database
        self._vault = vault
        self._now = now
        self._reader = Reader(database, vault)
        self._audit = Audit(vault, now)

    def change(self, number: int, change: Change, project_id: int | None, by: str) -> Job:
        """The job after the change; NotNow for what is settled. A project comes with its number."""
        columns = self._columns(change, project_id)
        with self._database.write(Durability.PROMISED) as tx:
            _check(self._job(tx, number), columns)
            given: dict[str, Any] = {f"has_{name}": int(name in columns) for name in _COLUMNS}
            given |= {f"new_{name}": columns.get(name) for name in _COLUMNS}
            tx.run(_CHANGE, job=number, now=stored(self._now()), **given)
            facts = {"fields": sorted(name.removesuffix("_sealed") for name in columns)}
            if change.opt_out_reason:
                facts["reason"] = [self._audit.told(change.opt_out_reason)]
            self._audit.add(tx, by, "job changed", f"job {number}", facts)
            return self._job(tx, number)

    def _columns(self, change: Change, project_id: int | None) -> Mapping[str, Any]:
        """The columns that change, as they are stored."""
        seal, found = self._vault.seal, dict[str, Any]()
        for name in ("priority", "pseudo_id", "pseudo_name", "pims_key", "destination"):
            if (value := getattr(change, name)) is not None:
                found[name] = value
        if change.description is not None:
            found["description_sealed"] = seal(change.description, DESCRIPTION)
        if change.opt_out_reason is not None:
            found["opt_out_sealed"] = seal(change.opt_out_reason, OPT_OUT)
        if change.sop_classes is not None:
            found["sop_classes"] = " ".join(change.sop_classes)
        if change.source is not None:
            found["source_type"] = change.source.type.value
            found["source_sealed"] = seal(change.source.value, SOURCE)
            found["source_digest"] = self._vault.digest("source", str(change.source))
        if change.project is not None:
            found["project_id"] = project_id
        return found

    def _job(self, tx: Transaction, number: int) -> Job:
        row = tx.row(sql.JOB, job=number)
        if row is None:
            raise NoSuch(f"there is no job {number}")
        return self._reader.job(row)


def _check(job: Job, columns: Mapping[str, Any]) -> None:
    """Raise NotNow for columns that are settled."""
    if job.begun is not None and not columns.keys().isdisjoint(_BEFORE):
        raise NotNow("source, destination and project change only before the first attempt")
    settled = job.state in WORKING or job.state is State.DONE
    if settled and not columns.keys().isdisjoint(_UNSETTLED):
        raise NotNow(f"what a job that is {job.state} asks for cannot be changed")
