"""The ledger in SQLite: one file, one machine, one writer at a time.

What promises something to somebody commits with `synchronous=FULL`, and survives the loss of
power; what can be done again (claims, heartbeats, progress) with NORMAL, and survives kills.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.pool import PoolProxiedConnection

from dicomveil.jobs.database import Chore, Durability

_PATIENCE: Final = 10_000  # ms that a transaction waits for the one before it
_PAGES: Final = 4000  # of the write-ahead log, until it is copied back


class SqliteSessions:
    """Connections to one file."""

    def __init__(self, url: URL) -> None:
        """Open the file at `url`; nothing is read or made yet."""
        self.engine = _engine(url)
        self._writing = threading.RLock()  # fairer among threads than SQLite's own waiting
        self._writer: PoolProxiedConnection | None = None
        self._durability: Durability | None = None

    @contextmanager
    def write(self, durability: Durability) -> Iterator[DBAPICursor]:
        """A transaction that may change rows: all of it is kept at the end, or nothing."""
        with self._writing:
            connection = self._writer = self._writer or self.engine.raw_connection()
            cursor = connection.cursor()
            self._begin(cursor, durability)
            try:
                yield cursor
                connection.commit()
            except BaseException:
                connection.rollback()
                raise
            finally:
                cursor.close()

    @contextmanager
    def read(self) -> Iterator[DBAPICursor]:
        """One moment of the database, however long it is looked at."""
        connection = self.engine.raw_connection()
        cursor = connection.cursor()
        try:
            cursor.execute("BEGIN")
            yield cursor
        finally:
            connection.rollback()
            cursor.close()
            connection.close()

    def numbers(self, numbers: Sequence[int]) -> object:
        """Numbers as JSON: 10,000 of them are one value."""
        return f"[{','.join(str(int(number)) for number in numbers)}]"

    def is_alone_at(self, cursor: DBAPICursor, chore: Chore) -> bool:
        """Always: one transaction at a time writes."""
        del cursor, chore
        return True

    def close(self) -> None:
        """Let go of every connection."""
        with self._writing:
            if self._writer is not None:
                self._writer.close()
                self._writer = None
            self.engine.dispose()

    def _begin(self, cursor: DBAPICursor, durability: Durability) -> None:
        if self._durability is not durability:
            cursor.execute(f"PRAGMA synchronous={durability}")
            self._durability = durability
        cursor.execute("BEGIN IMMEDIATE")


def _engine(url: URL) -> Engine:
    # Our own BEGIN and COMMIT: the driver's way of guessing them is switched off.
    arguments = {"check_same_thread": False, "isolation_level": None, "cached_statements": 256}
    engine = create_engine(
        url, pool_size=8, max_overflow=24, pool_reset_on_return=None, connect_args=arguments
    )
    event.listen(engine, "connect", _configure)
    return engine


def _configure(connection: DBAPIConnection, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={_PATIENCE}",
        "journal_mode=WAL",
        "foreign_keys=ON",
        f"wal_autocheckpoint={_PAGES}",
        "trusted_schema=OFF",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
