"""Copies of a whole ledger: a backup in one file, a restore from it, a move to another database.

A backup is a ledger in SQLite, whatever the ledger itself is kept in: one moment of it, read while
servers go on. What identifies patients stays sealed in it; keys are not in it.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import Table, bindparam, func, insert, select, text
from sqlalchemy.sql.dml import Insert

from dicomveil.errors import Unusable
from dicomveil.job_errors import LedgerUnusable
from dicomveil.jobs.audit import Audit, Head
from dicomveil.jobs.database import Database, Durability, Transaction
from dicomveil.jobs.keyring import Keyring
from dicomveil.jobs.migrating import migrate, version_of
from dicomveil.jobs.rotating import sealed_under
from dicomveil.jobs.schema import METADATA

_AT_ONCE: Final = 1000


def back_up(ledger: Database, file: Path) -> None:
    """Write the ledger as it is now into a new file that its owner alone may read.

    The file has its name when it is whole. Unusable where something has that name.
    """
    passing = file.with_name(file.name + ".passing")
    try:
        os.close(os.open(passing, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            _write(ledger, passing)
            os.link(passing, file)
        finally:
            passing.unlink()
        _sync(file.parent)
    except FileExistsError:
        raise Unusable("a backup is a new file; something has that name already") from None


def restore(file: Path, ledger: Database, keyring: Keyring) -> Head:
    """Make the ledger, which is empty or not there yet, from a backup of this or an older version.

    Returns the head of the audit, whose chain was followed to its end. Raises LedgerUnusable where
    there is a ledger or the file is no backup, KeyRefused without the key of the sealed columns,
    and AuditBroken.
    """
    with TemporaryDirectory() as folder:
        own = Path(folder) / "backup.sqlite"
        shutil.copyfile(file, own)
        with _opened(own) as backup:
            if not version_of(backup):
                raise LedgerUnusable("the file is not a backup of a ledger")
            migrate(backup)
            return move(backup, ledger, keyring)


def move(old: Database, new: Database, keyring: Keyring) -> Head:
    """Copy a whole ledger into a database that has none; raises as `restore` does."""
    vault = keyring.vault(sealed_under(old))
    if version_of(new) and not _is_empty(new):
        raise LedgerUnusable("there is a ledger already: nothing was changed in it")
    migrate(new)
    copy(old, new)
    with new.read() as tx:
        return Audit(vault).check(tx)


def copy(old: Database, new: Database) -> None:
    """Copy every row, as it is at one moment of the old ledger; all of them or none.

    The new ledger is made, and empty.
    """
    with old.read() as reading, new.write(Durability.PROMISED) as writing:
        for table in METADATA.sorted_tables:
            statement = _insert(table)
            names = [f"new_{column.name}" for column in table.columns]
            for rows in reading.stretches(select(table), _AT_ONCE):
                writing.run_all(statement, [dict(zip(names, row, strict=True)) for row in rows])
        if new.engine.dialect.name == "postgresql":
            _number_on(writing)


def _write(ledger: Database, file: Path) -> None:
    with _opened(file) as backup:
        migrate(backup)
        copy(ledger, backup)
        _settle(backup)
    _sync(file)


def _insert(table: Table) -> Insert:
    """An insert that says every column, the number of the row too."""
    values = {c.name: bindparam(f"new_{c.name}", type_=c.type) for c in table.columns}
    return insert(table).values(values)


def _number_on(tx: Transaction) -> None:
    """Have new rows numbered after those that were copied; SQLite does so by itself."""
    for table in METADATA.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            newest = func.coalesce(func.max(column), 0)
            tx.rows(select(func.setval(sequence, newest + 1, text("false"))))


def _is_empty(database: Database) -> bool:
    with database.read() as tx:
        tables = METADATA.sorted_tables
        return not any(tx.value(select(func.count()).select_from(table)) for table in tables)


@contextmanager
def _opened(file: Path) -> Iterator[Database]:
    with closing(Database(f"sqlite:///{file.absolute()}")) as database:
        yield database


def _settle(backup: Database) -> None:
    """Leave one file, without a log beside it."""
    with backup.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    backup.close()
    with backup.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=DELETE")


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
