"""Make the ledger's database, bring it up to date, and refuse one of another version."""

from pathlib import Path
from typing import Final

from sqlalchemy import inspect, text
from sqlalchemy.exc import DatabaseError

from dicomveil.job_errors import LedgerUnusable
from dicomveil.jobs.database import Database

NEWEST: Final = "0004"
"""The version that this code works with; a test holds it to the newest migration."""

_WHERE: Final = Path(__file__).parent / "migrations"


def version_of(database: Database) -> str:
    """The database's version; "" for one that is not made yet. Raises LedgerUnusable."""
    try:
        with database.engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return ""
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except DatabaseError:
        raise LedgerUnusable(
            "the ledger cannot be opened; `dicomveil admin init` makes one where there is none"
        ) from None
    return str(found or "")


def check_version(database: Database) -> None:
    """Raise LedgerUnusable for a database of another version than this code's."""
    found = version_of(database)
    if not found:
        raise LedgerUnusable("there is no ledger here yet: `dicomveil admin init` makes one")
    if found < NEWEST:
        raise LedgerUnusable("the ledger is of an older version: `dicomveil admin migrate`")
    if found > NEWEST:
        raise LedgerUnusable("the ledger is of a newer version of dicomveil than this one")


def migrate(database: Database) -> None:
    """Make the database, or bring it up to date; nothing for one that is."""
    from alembic import command
    from alembic.config import Config

    if version_of(database) == NEWEST:
        return
    config = Config()
    config.set_main_option("script_location", str(_WHERE))
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
