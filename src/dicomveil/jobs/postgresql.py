"""The ledger in PostgreSQL: several servers, on machines of their own, share one.

What promises something (PROMISED) is written by one transaction at a time over all servers, since
each enters an audit whose entries hang on the ones before; claims, heartbeats and progress
(REPEATABLE) pass each other by row locks. A promise commits without waiting for the disk, lets the
next one in, and only then has its own session wait until everything up to it is on the disk: the
servers wait together, on one fsync for all of them. docs/decisions/0058 has the reasons.
"""

import importlib.util
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.pool import PoolProxiedConnection

from dicomveil.job_errors import LedgerUnusable
from dicomveil.jobs.database import Chore, Durability

_DRIVER: Final = "postgresql+psycopg"
_PROMISING: Final = 0x6469636F6D76656C  # "dicomvel": the lock of those who promise something
# What a session says once. A server that was stopped in the middle of a transaction, or is gone,
# loses its locks after ten seconds; its late words then fail. The ledger's own commits say when
# they wait for the disk.
_SETTINGS: Final = {
    "idle_in_transaction_session_timeout": "10s",
    "lock_timeout": "30s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "timezone": "UTC",
}
# Several statements are one message: others wait for the lock while one message is answered.
_BEGIN: Final = {
    Durability.PROMISED: (
        f"BEGIN; SET LOCAL synchronous_commit = off; SELECT pg_advisory_xact_lock({_PROMISING})"
    ),
    Durability.REPEATABLE: "BEGIN; SET LOCAL synchronous_commit = off",
}
_READ: Final = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_COMMIT: Final = {
    # The commit lets the next one in. After it comes one that has something to write, and waits:
    # then all before it is on the disk. In the same session: had the database died in between, the
    # session would have too, and the promise would not be given.
    Durability.PROMISED: "COMMIT; SELECT pg_logical_emit_message(true, 'dicomveil', '')",
    Durability.REPEATABLE: "COMMIT",
}
_WAITING: Final = (
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') IN ('off', 'local')"
)


class PostgresqlSessions:
    """Connections to one database; a lost one is noticed when it is taken out, and replaced."""

    def __init__(self, url: URL) -> None:
        """Open the database at `url`; nothing is read yet. LedgerUnusable without psycopg."""
        if importlib.util.find_spec("psycopg") is None:
            raise LedgerUnusable("PostgreSQL needs psycopg: pip install 'dicomveil[postgres]'")
        self.engine = create_engine(
            url.set(drivername=_DRIVER),
            pool_size=8,
            max_overflow=24,
            hide_parameters=True,
            connect_args={"connect_timeout": 10, "application_name": "dicomveil"},
        )
        event.listen(self.engine, "connect", _configure)
        self._lost: type[Exception] = self.engine.dialect.loaded_dbapi.OperationalError

    @contextmanager
    def write(self, durability: Durability) -> Iterator[DBAPICursor]:
        """A transaction that may change rows: all of it is kept at the end, or nothing."""
        with self._begun(_BEGIN[durability]) as cursor:
            yield cursor
            cursor.execute(_COMMIT[durability])

    @contextmanager
    def read(self) -> Iterator[DBAPICursor]:
        """One moment of the database, however long it is looked at."""
        with self._begun(_READ) as cursor:
            yield cursor

    @contextmanager
    def _begun(self, begin: str) -> Iterator[DBAPICursor]:
        """A transaction that is open; at the end it is rolled back unless it was committed."""
        connection, cursor = self._open(begin)
        try:
            yield cursor
        finally:
            _given_back(connection)

    def _open(self, begin: str) -> tuple[PoolProxiedConnection, DBAPICursor]:
        """A session in a transaction; where those in the pool were lost, a new one."""
        connection = self.engine.raw_connection()
        try:
            return connection, _began(connection, begin)
        except self._lost:
            connection.invalidate()
            self.engine.dispose()  # the others were lost by the same restart
        connection = self.engine.raw_connection()
        return connection, _began(connection, begin)

    def numbers(self, numbers: Sequence[int]) -> object:
        """Numbers as an array."""
        return [int(number) for number in numbers]

    def is_alone_at(self, cursor: DBAPICursor, chore: Chore) -> bool:
        """Whether the cursor's transaction has the chore's lock; it has it until its end."""
        cursor.execute(f"SELECT pg_try_advisory_xact_lock({chore.value})")
        return bool(cursor.fetchall()[0][0])

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def _began(connection: PoolProxiedConnection, begin: str) -> DBAPICursor:
    driver = connection.driver_connection
    assert driver is not None
    driver.autocommit = True  # the words BEGIN and COMMIT are ours
    cursor = connection.cursor()
    cursor.execute(begin)
    return cursor


def _given_back(connection: PoolProxiedConnection) -> None:
    """Roll back what was not committed; a session that is lost leaves the pool."""
    driver = connection.driver_connection
    assert driver is not None
    if driver.closed:
        connection.invalidate()
    else:
        driver.rollback()
        driver.autocommit = False  # as SQLAlchemy's own transactions want it
    connection.close()


def _configure(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    for name, value in _SETTINGS.items():
        cursor.execute(f"SET {name} = '{value}'")
    cursor.execute(_WAITING)
    cursor.close()
    connection.commit()
