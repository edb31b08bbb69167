"""Lists of jobs: by filter, newest first, in pages that start after the last one's last job."""

from typing import Any, Final

from sqlalchemy.sql.selectable import Select

from dicomveil.jobs.database import Database
from dicomveil.jobs.model import Filter, Page
from dicomveil.jobs.reading import Reader
from dicomveil.jobs.statements import J, listed
from dicomveil.jobs.vault import Vault

MOST: Final = 1000
"""The longest page."""


class Listing:
    """The lists of one ledger."""

    def __init__(self, database: Database, vault: Vault) -> None:
        """Read from `database`."""
        self._database = database
        self._vault = vault
        self._reader = Reader(database, vault)

    def page(self, wanted: Filter, count: int = 50, before: int | None = None) -> Page:
        """The newest jobs that the filter lets through, or those before a number."""
        count = max(1, min(count, MOST))
        statement = self._filtered(wanted).limit(count + 1)
        if before is not None:
            statement = statement.where(J.id < before)
        # A filter's shape varies, so it is not among the statements that are compiled once.
        with self._database.engine.connect() as connection:
            rows = [tuple(row) for row in connection.execute(statement)]
        jobs = tuple(map(self._reader.glance, rows[:count]))
        return Page(jobs, jobs[-1].id if len(rows) > count else None)

    def _filtered(self, wanted: Filter) -> Select[Any]:
        statement = listed()
        if wanted.projects is not None:
            statement = statement.where(J.project_id.in_(sorted(wanted.projects)))
        if wanted.owner is not None:
            statement = statement.where(J.owner_id == wanted.owner)
        if wanted.states:
            statement = statement.where(J.state.in_(sorted(wanted.states)))
        if wanted.batch is not None:
            statement = statement.where(J.batch_id == wanted.batch)
        if wanted.source:
            digest = self._vault.digest("source", wanted.source)
            statement = statement.where(J.source_digest == digest)
        return statement
