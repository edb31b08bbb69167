"""The migrations make the very tables that the code works with."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from dicomveil.job_errors import LedgerUnusable
from dicomveil.jobs import migrations
from dicomveil.jobs.database import Database
from dicomveil.jobs.migrating import NEWEST, check_version, migrate
from dicomveil.jobs.schema import METADATA


def made(tmp_path: Path) -> Database:
    """A new database."""
    database = Database(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    migrate(database)
    return database


def test_a_migrated_database_has_the_tables_of_the_schema(tmp_path: Path) -> None:
    database = made(tmp_path)

    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, METADATA)

    assert differences == []
    database.close()


def test_the_newest_migration_is_the_one_the_code_expects() -> None:
    script = ScriptDirectory(str(Path(migrations.__file__).parent))

    assert script.get_current_head() == NEWEST


def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    database = made(tmp_path)

    migrate(database)

    check_version(database)
    database.close()


@pytest.mark.parametrize(("version", "said"), [("0000", "older"), ("9999", "newer")])
def test_another_version_is_refused(tmp_path: Path, version: str, said: str) -> None:
    database = made(tmp_path)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
        connection.commit()

    with pytest.raises(LedgerUnusable, match=said):
        check_version(database)

    database.close()
