"""Lists of jobs: those that meet a filter, newest first, a stretch at a time."""

from functools import cache
from typing import Final

from sqlalchemy import bindparam
from sqlalchemy.sql.selectable import Select

from dicomveil.jobs.database import Database, OneOf
from dicomveil.jobs.model import Filter, Page
from dicomveil.jobs.reading import Reader
from dicomveil.jobs.statements import J, listed
from dicomveil.jobs.states import State
from dicomveil.jobs.vault import Vault

_STATES: Final = tuple(f"state_{number}" for number in range(len(State)))


class Listing:
    """Reads lists from the ledger's database."""

    def __init__(self, database: Database, vault: Vault) -> None:
        """Look in `database`; sources are looked up by `vault`'s digests."""
        self._database = database
        self._vault = vault
        self._reader = Reader(database, vault)

    def page(self, wanted: Filter, count: int, before: int | None = None) -> Page:
        """At most `count` jobs of numbers below `before`, and where to go on.

        Projects are asked by their numbers: a filter's project name is not looked at.
        """
        given: dict[str, object] = {
            "owner": wanted.owner,
            "batch": wanted.batch,
            "before": before,
            "digest": self._vault.digest("source", wanted.source) if wanted.source else None,
        }
        parts = frozenset(name for name, value in given.items() if value is not None)
        with self._database.read() as tx:
            if wanted.projects is not None:
                parts |= {"projects"}
                given["projects"] = tx.numbers(sorted(wanted.projects))
            if wanted.states:
                parts |= {"states"}
                chosen = sorted(wanted.states)
                given |= {
                    name: chosen[at] if at < len(chosen) else "" for at, name in enumerate(_STATES)
                }
            rows = tx.rows(_statement(parts), count=count + 1, **given)
        jobs = tuple(map(self._reader.glance, rows[:count]))
        return Page(jobs, jobs[-1].id if len(rows) > count else None)


@cache
def _statement(parts: frozenset[str]) -> Select[tuple[object, ...]]:
    """The query with a condition for each part; one for each of few combinations."""
    conditions = {
        "owner": J.owner_id == bindparam("owner"),
        "batch": J.batch_id == bindparam("batch"),
        "before": J.id < bindparam("before"),
        "digest": J.source_digest == bindparam("digest"),
        "projects": OneOf(J.project_id, bindparam("projects")),
        "states": J.state.in_([bindparam(name) for name in _STATES]),
    }
    chosen = [condition for name, condition in conditions.items() if name in parts]
    return listed().where(*chosen).limit(bindparam("count"))
