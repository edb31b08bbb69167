"""The migrations make the very tables that the code works with."""

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select, text

from dicomveil.job_errors import LedgerUnusable
from dicomveil.jobs import migrations
from dicomveil.jobs.database import Database
from dicomveil.jobs.migrating import NEWEST, check_version, migrate
from dicomveil.jobs.schema import METADATA, USERS


def made(url: str) -> Database:
    """A new database."""
    database = Database(url)
    migrate(database)
    return database


def test_a_migrated_database_has_the_tables_of_the_schema(url: str) -> None:
    database = made(url)

    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, METADATA)

    assert differences == []
    database.close()


def test_the_newest_migration_is_the_one_the_code_expects() -> None:
    script = ScriptDirectory(str(Path(migrations.__file__).parent))

    assert script.get_current_head() == NEWEST


def test_migrating_twice_changes_nothing(url: str) -> None:
    database = made(url)

    migrate(database)

    check_version(database)
    database.close()


@pytest.mark.parametrize(("version", "said"), [("0000", "older"), ("9999", "newer")])
def test_another_version_is_refused(url: str, version: str, said: str) -> None:
    database = made(url)
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
        connection.commit()

    with pytest.raises(LedgerUnusable, match=said):
        check_version(database)

    database.close()


def test_what_stood_in_the_first_version_stands_in_the_newest(url: str) -> None:
    database = Database(url)
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    with database.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(
            "INSERT INTO users (name, role, standing, created)"
            " VALUES ('anna', 'researcher', 'active', 1)"
        )
        connection.commit()
    with pytest.raises(LedgerUnusable, match="older"):
        check_version(database)

    migrate(database)

    check_version(database)
    with database.engine.connect() as connection:
        assert connection.execute(select(USERS.c.name)).all() == [("anna",)]
    database.close()
