"""Batches: jobs that were asked for together, and how far all of them are."""

from collections import Counter
from typing import Final

from sqlalchemy import bindparam, func, insert, select

from dicomveil.job_errors import NoSuch, Unfit
from dicomveil.jobs import clock
from dicomveil.jobs.clock import Now, stored
from dicomveil.jobs.database import Database, Durability, Row, Transaction
from dicomveil.jobs.model import Batch, User
from dicomveil.jobs.schema import BATCHES, JOBS, USERS
from dicomveil.jobs.states import STATUS, State, Status

_LONGEST: Final = 64
_B: Final = BATCHES.c
_ADD: Final = insert(BATCHES).returning(_B.id)
_BATCHES: Final = (
    select(_B.id, _B.name, USERS.c.name, _B.created)
    .join(USERS, USERS.c.id == _B.owner_id)
    .order_by(_B.id.desc())
)
_BATCH: Final = _BATCHES.where(_B.id == bindparam("number"))
_OF: Final = _BATCHES.where(_B.owner_id == bindparam("owner")).limit(bindparam("count"))
_STATES: Final = (
    select(JOBS.c.state, func.count())
    .where(JOBS.c.batch_id == bindparam("number"))
    .group_by(JOBS.c.state)
)


class Batches:
    """The batches of one ledger."""

    def __init__(self, database: Database, now: Now = clock.now) -> None:
        """Keep them in `database`."""
        self._database = database
        self._now = now

    def make(self, name: str, owner: User) -> int:
        """The number of a new batch, which requests then name; Unfit for too long a name."""
        if len(name) > _LONGEST or not name.isprintable():
            raise Unfit("name", f"at most {_LONGEST} printable characters")
        with self._database.write(Durability.PROMISED) as tx:
            created = stored(self._now())
            return int(tx.value(_ADD, name=name, owner_id=owner.id, created=created))

    def batch(self, number: int) -> Batch:
        """The batch, with how many of its jobs are in which status; NoSuch when there is none."""
        with self._database.read() as tx:
            row = tx.row(_BATCH, number=number)
            if row is None:
                raise NoSuch(f"there is no batch {number}")
            return _batch(tx, row)

    def of(self, owner: User, count: int = 50) -> list[Batch]:
        """The user's newest batches."""
        with self._database.read() as tx:
            return [_batch(tx, row) for row in tx.rows(_OF, owner=owner.id, count=count)]


def _batch(tx: Transaction, row: Row) -> Batch:
    number, name, owner, created = row
    statuses: Counter[Status] = Counter()
    for state, count in tx.rows(_STATES, number=number):
        statuses[STATUS[State(state)]] += count
    return Batch(number, name, owner, clock.read(created), statuses)
