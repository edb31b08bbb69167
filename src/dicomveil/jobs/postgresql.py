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

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor

from dicomveil.job_errors import LedgerUnusable
from dicomveil.jobs.database import Chore, Durability

_DRIVER: Final = "postgresql+psycopg"
_PROMISING: Final = 0x6469636F6D76656C  # "dicomvel": the lock of those who promise something
_REPEATABLE_READ: Final = 3  # psycopg.IsolationLevel.REPEATABLE_READ
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
_BEGIN: Final = {
    Durability.PROMISED: (
        f"SELECT set_config('synchronous_commit', 'off', true), pg_advisory_xact_lock({_PROMISING})"
    ),
    Durability.REPEATABLE: "SET LOCAL synchronous_commit = off",
}
# A commit of this session that has something to write, and waits: all before it is on the disk too.
_SETTLE: Final = "SELECT pg_logical_emit_message(true, 'dicomveil', '')"
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
        self.engine = _engine(url)
        event.listen(self.engine, "connect", _configure)
        self._readers = _engine(url)
        event.listen(self._readers, "connect", _configure_reader)

    @contextmanager
    def write(self, durability: Durability) -> Iterator[DBAPICursor]:
        """A transaction that may change rows: all of it is kept at the end, or nothing."""
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute(_BEGIN[durability])
            yield cursor
            connection.commit()
            if durability is Durability.PROMISED:
                # In the same session: had the database died since, the session would have too.
                cursor.execute(_SETTLE)
                connection.commit()
        finally:
            connection.close()  # which rolls back what is not committed

    @contextmanager
    def read(self) -> Iterator[DBAPICursor]:
        """One moment of the database, however long it is looked at."""
        connection = self._readers.raw_connection()
        try:
            yield connection.cursor()
        finally:
            connection.close()

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
        self._readers.dispose()


def _engine(url: URL) -> Engine:
    return create_engine(
        url.set(drivername=_DRIVER),
        pool_size=8,
        max_overflow=24,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"connect_timeout": 10, "application_name": "dicomveil"},
    )


def _configure(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    for name, value in _SETTINGS.items():
        cursor.execute(f"SET {name} = '{value}'")
    cursor.execute(_WAITING)
    cursor.close()
    connection.commit()


def _configure_reader(connection: DBAPIConnection, record: object) -> None:
    _configure(connection, record)
    connection.isolation_level = _REPEATABLE_READ
    connection.read_only = True
