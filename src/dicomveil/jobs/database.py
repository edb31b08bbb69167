"""The ledger's database: transactions, and statements compiled once.

SQLAlchemy Core writes the SQL; the hot statements are compiled once for the dialect and run by
the driver's own cursor, because compiling and wrapping cost 60 us a statement and SQLite's work
5 us. How a transaction begins and what its commit survives is each database's own: jobs/sqlite.py
and jobs/postgresql.py.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from enum import IntEnum, StrEnum
from functools import wraps
from typing import Any, Final, ParamSpec, Protocol, TypeVar

from sqlalchemy import Engine, Table
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPICursor, Dialect
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.crud import REQUIRED
from sqlalchemy.sql.dml import Insert
from sqlalchemy.sql.elements import BindParameter, ColumnElement
from sqlalchemy.types import Boolean

from dicomveil.job_errors import LedgerUnusable

Row = Sequence[Any]
_P = ParamSpec("_P")
_T = TypeVar("_T")
_PAUSES: Final = (0.01, 0.05, 0.2, 1.0)  # seconds before a transaction is tried again
# PostgreSQL's words for "somebody else was in the way": nothing of the transaction was kept.
_IN_THE_WAY: Final = frozenset({"40001", "40P01"})  # serialization failure, deadlock


class Durability(StrEnum):
    """What a commit survives; the values are SQLite's."""

    PROMISED = "FULL"  # the loss of power
    REPEATABLE = "NORMAL"  # the death of the process


class Chore(IntEnum):
    """What one server does at a time; the values are PostgreSQL's numbers of locks."""

    SWEEP = 0x64767377  # "dvsw"


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
        compiled = statement.compile(dialect=dialect, column_keys=_given_by_us(statement))
        assert isinstance(compiled, SQLCompiler)
        self.sql = str(compiled)
        # A column that an insert is not given is empty.
        self._defaults = {
            name: None if value is REQUIRED else value for name, value in compiled.params.items()
        }
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

    def run_all(self, statement: ClauseElement, rows: Sequence[Mapping[str, object]]) -> None:
        """Run a statement once for each of the rows."""
        prepared = self._database.prepared(statement)
        self._cursor.executemany(prepared.sql, [prepared.bound(row) for row in rows])

    def stretches(self, statement: ClauseElement, count: int) -> Iterator[list[Row]]:
        """The rows of a query, so many at a time; nothing else is asked meanwhile."""
        self._execute(statement, {})
        while rows := self._cursor.fetchmany(count):
            yield list(rows)

    def is_alone_at(self, chore: Chore) -> bool:
        """Whether this transaction alone is at the chore, until its end."""
        return self._database.is_alone_at(self._cursor, chore)

    def _execute(self, statement: ClauseElement, given: Mapping[str, object]) -> None:
        prepared = self._database.prepared(statement)
        self._cursor.execute(prepared.sql, prepared.bound(given))


class Sessions(Protocol):
    """How one kind of database begins and ends transactions."""

    engine: Engine

    def write(self, durability: Durability) -> AbstractContextManager[DBAPICursor]:
        """A transaction that may change rows: all of it is kept at the end, or nothing."""
        ...

    def read(self) -> AbstractContextManager[DBAPICursor]:
        """One moment of the database, however long it is looked at."""
        ...

    def numbers(self, numbers: Sequence[int]) -> object:
        """Numbers as the parameter of a OneOf."""
        ...

    def is_alone_at(self, cursor: DBAPICursor, chore: Chore) -> bool:
        """Whether the cursor's transaction alone is at the chore, until its end."""
        ...

    def close(self) -> None:
        """Let go of every connection."""
        ...


class Database:
    """Connections to one database; safe for many threads, not to be carried over a fork."""

    def __init__(self, url: str) -> None:
        """Open the database at an SQLAlchemy URL; nothing is read or made yet.

        LedgerUnusable for a URL that is none, or of a database that is not known here.
        """
        self._sessions = _sessions(url)
        self.engine = self._sessions.engine
        # What the driver raises when a value that may stand only once is there already.
        self.taken: type[Exception] = self.engine.dialect.loaded_dbapi.IntegrityError
        self._prepared: dict[int, tuple[ClauseElement, Prepared]] = {}

    @contextmanager
    def write(self, durability: Durability) -> Iterator[Transaction]:
        """A transaction that may change rows: all of it is kept at the end, or nothing."""
        with self._sessions.write(durability) as cursor:
            yield Transaction(self, cursor)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """One moment of the database, however long it is looked at."""
        with self._sessions.read() as cursor:
            yield Transaction(self, cursor)

    def is_alone_at(self, cursor: DBAPICursor, chore: Chore) -> bool:
        """Whether the cursor's transaction alone is at the chore, until its end."""
        return self._sessions.is_alone_at(cursor, chore)

    def numbers(self, numbers: Sequence[int]) -> object:
        """Numbers as the parameter of a OneOf."""
        return self._sessions.numbers(numbers)

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
        self._sessions.close()


def tried_again(method: Callable[_P, _T]) -> Callable[_P, _T]:
    """The transaction that `method` is, tried again when the database gave it up for another's."""

    @wraps(method)
    def until_through(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        for pause in _PAUSES:
            try:
                return method(*args, **kwargs)
            except Exception as error:
                if getattr(error, "sqlstate", "") not in _IN_THE_WAY:
                    raise
            time.sleep(pause)
        return method(*args, **kwargs)

    return until_through


def _given_by_us(statement: ClauseElement) -> list[str] | None:
    """The columns of an insert that says no values: all but the number that the database gives."""
    if not (isinstance(statement, Insert) and isinstance(statement.table, Table)):
        return None
    numbered = statement.table.autoincrement_column
    return [column.name for column in statement.table.columns if column is not numbered]


def _sessions(url: str) -> Sessions:
    """The sessions of this kind of database; each driver is imported where it is used."""
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        from dicomveil.jobs.sqlite import SqliteSessions

        return SqliteSessions(parsed)
    if parsed.get_backend_name() == "postgresql":
        from dicomveil.jobs.postgresql import PostgresqlSessions

        return PostgresqlSessions(parsed)
    raise LedgerUnusable("a ledger is kept in SQLite or PostgreSQL")


def _parsed(url: str) -> URL:
    """The URL; never in a message: it may hold a password."""
    try:
        return make_url(url)
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise LedgerUnusable("the setting `database` is not the URL of a database") from None
