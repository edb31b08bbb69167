"""The ledger's database: connections, transactions, and statements compiled once.

SQLAlchemy Core writes the SQL; the hot statements are compiled once for the dialect and run by
the driver's own cursor, because compiling and wrapping cost 60 us a statement and SQLite's work
5 us. What promises something to somebody commits with `synchronous=FULL`, and survives the loss of
power; what can be done again (claims, heartbeats, progress) with NORMAL, and survives kills.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor, Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter, ColumnElement
from sqlalchemy.types import Boolean

Row = Sequence[Any]
_PATIENCE: Final = 10_000  # ms that a transaction waits for the one before it
_PAGES: Final = 4000  # of the write-ahead log, until it is copied back


class Durability(StrEnum):
    """What a commit survives; the values are SQLite's."""

    PROMISED = "FULL"  # the loss of power
    REPEATABLE = "NORMAL"  # the death of the process


class OneOf(ColumnElement[bool]):
    """Whether a number is among those of one parameter: 10,000 of them cost one placeholder."""

    inherit_cache = True
    type = Boolean()

    def __init__(self, column: ColumnElement[Any], numbers: BindParameter[Any]) -> None:
        """Ask of `column`; the parameter is bound by `Database.numbers`."""
        self.column = column
        self.numbers = numbers

    def self_group(self, against: object = None) -> "OneOf":
        """As it is: SQLAlchemy would write `... = 1`, for which SQLite reads the whole table."""
        del against
        return self


@compiles(OneOf, "sqlite")
def _one_of_json(element: OneOf, compiler: SQLCompiler, **kw: object) -> str:
    column = compiler.process(element.column, **kw)
    numbers = compiler.process(element.numbers, **kw)
    return f"{column} IN (SELECT value FROM json_each({numbers}))"  # noqa: S608 - both compiled


@compiles(OneOf, "postgresql")
def _one_of_array(element: OneOf, compiler: SQLCompiler, **kw: object) -> str:
    column = compiler.process(element.column, **kw)
    return f"{column} = ANY({compiler.process(element.numbers, **kw)})"


class Prepared:
    """A statement compiled once; bound by name."""

    __slots__ = ("_defaults", "_names", "sql")

    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        """Compile for this dialect."""
        compiled = statement.compile(dialect=dialect)
        assert isinstance(compiled, SQLCompiler)
        self.sql = str(compiled)
        self._defaults = dict(compiled.params)
        self._names = None if compiled.positiontup is None else tuple(compiled.positiontup)

    def bound(self, given: Mapping[str, object]) -> Any:  # noqa: ANN401 - what the driver takes
        """The parameters as the driver wants them."""
        if self._names is None:
            return {**self._defaults, **given}
        defaults = self._defaults
        return [given[name] if name in given else defaults[name] for name in self._names]


class Transaction:
    """A transaction that is open; statements run in it."""

    __slots__ = ("_cursor", "_database")

    def __init__(self, database: "Database", cursor: DBAPICursor) -> None:
        """Run on `cursor`."""
        self._database = database
        self._cursor = cursor

    def run(self, statement: ClauseElement, **given: object) -> int:
        """Run a statement; how many rows it changed."""
        self._execute(statement, given)
        return self._cursor.rowcount

    def rows(self, statement: ClauseElement, **given: object) -> list[Row]:
        """All rows of a query, or of a statement that returns some."""
        self._execute(statement, given)
        return list(self._cursor.fetchall())

    def row(self, statement: ClauseElement, **given: object) -> Row | None:
        """The first row, or None."""
        rows = self.rows(statement, **given)
        return rows[0] if rows else None

    def value(self, statement: ClauseElement, **given: object) -> Any:  # noqa: ANN401 - any column
        """The first column of the first row, or None."""
        row = self.row(statement, **given)
        return row[0] if row else None

    def numbers(self, numbers: Sequence[int]) -> object:
        """Numbers as the parameter of a OneOf."""
        return self._database.numbers(numbers)

    def _execute(self, statement: ClauseElement, given: Mapping[str, object]) -> None:
        prepared = self._database.prepared(statement)
        self._cursor.execute(prepared.sql, prepared.bound(given))


class Database:
    """Connections to one database; safe for many threads, not to be carried over a fork."""

    def __init__(self, url: str) -> None:
        """Open the database at an SQLAlchemy URL; nothing is read or made yet."""
        self._is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self.engine = _engine(url, is_sqlite=self._is_sqlite)
        # What the driver raises when a value that may stand only once is there already.
        self.taken: type[Exception] = self.engine.dialect.loaded_dbapi.IntegrityError
        self._prepared: dict[int, tuple[ClauseElement, Prepared]] = {}
        self._writing = threading.RLock()  # fairer among threads than SQLite's own waiting
        self._writer: PoolProxiedConnection | None = None
        self._durability: Durability | None = None

    @contextmanager
    def write(self, durability: Durability) -> Iterator[Transaction]:
        """A transaction that may change rows: all of it is kept at the end, or nothing."""
        with self._writing:
            connection = self._writer = self._writer or self.engine.raw_connection()
            cursor = connection.cursor()
            if self._is_sqlite:
                self._begin(cursor, durability)
            try:
                yield Transaction(self, cursor)
                connection.commit()
            except BaseException:
                connection.rollback()
                raise
            finally:
                cursor.close()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """One moment of the database, however long it is looked at."""
        connection = self.engine.raw_connection()
        cursor = connection.cursor()
        try:
            if self._is_sqlite:
                cursor.execute("BEGIN")
            yield Transaction(self, cursor)
        finally:
            connection.rollback()
            cursor.close()
            connection.close()

    def numbers(self, numbers: Sequence[int]) -> object:
        """Numbers as the parameter of a OneOf."""
        whole = [int(number) for number in numbers]
        return f"[{','.join(map(str, whole))}]" if self._is_sqlite else whole

    def prepared(self, statement: ClauseElement) -> Prepared:
        """The statement compiled; statements are made once, as constants of their modules."""
        known = self._prepared.get(id(statement))
        if known is None:
            # The statement is held too: so its id is not given to another.
            known = statement, Prepared(statement, self.engine.dialect)
            self._prepared[id(statement)] = known
        return known[1]

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


def _engine(url: str, *, is_sqlite: bool) -> Engine:
    if not is_sqlite:
        return create_engine(url, pool_size=8, max_overflow=24)
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
