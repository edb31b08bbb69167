"""What the ledger in PostgreSQL alone must show: lost sessions, locks, secrets, and promises."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from dicomveil.errors import Unusable
from dicomveil.job_errors import LedgerUnusable
from dicomveil.jobs import statements
from dicomveil.jobs.database import Chore, Database, Durability, tried_again
from dicomveil.jobs.ledger import Ledger
from dicomveil.jobs.registry import Registry
from dicomveil.jobs.vault import Vault
from dicomveil.settings import Settings, load_settings
from tests.jobs.databases import Cluster, peopled
from tests.jobs.ledger_contract import submission

VAULT = Vault(bytes(range(32)))
PLANTED = "planted-password"


@pytest.fixture
def address(postgresql: Cluster) -> str:
    return postgresql.new()


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    with peopled(address, VAULT) as made:
        yield made


def end_sessions(address: str) -> None:
    """Have PostgreSQL end every other session of the database, as a restart does."""
    other = Database(address)
    with other.engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    other.close()


def test_lost_sessions_are_replaced_before_anybody_notices(
    database: Database, address: str
) -> None:
    ledger = Ledger(database, VAULT)
    ledger.submit(submission(1))
    end_sessions(address)

    number = ledger.submit(submission(2)).id

    assert ledger.job(number).source == r"\\srv\in\2"


def test_a_promise_that_was_not_settled_is_not_given(database: Database, address: str) -> None:
    before = len(Registry(database, VAULT).users())

    def cut_off() -> None:
        with database.write(Durability.PROMISED) as tx:
            tx.run(statements.FORGET_ITEMS, job=1)
            end_sessions(address)

    with pytest.raises(database.engine.dialect.loaded_dbapi.OperationalError):
        cut_off()

    assert len(Registry(database, VAULT).users()) == before


def test_a_server_that_stops_in_a_transaction_is_put_out(database: Database) -> None:
    with database.engine.connect() as connection:
        said = connection.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar()

    assert said == "10s"


def test_one_server_at_a_time_is_at_a_chore(database: Database, address: str) -> None:
    other = Database(address)

    with database.write(Durability.REPEATABLE) as mine, other.write(Durability.REPEATABLE) as its:
        assert mine.is_alone_at(Chore.SWEEP)
        assert not its.is_alone_at(Chore.SWEEP)
    with other.write(Durability.REPEATABLE) as its:
        assert its.is_alone_at(Chore.SWEEP)

    other.close()


def test_a_deadlock_is_tried_again_and_another_fault_is_not() -> None:
    class Deadlock(Exception):
        sqlstate = "40P01"

    faults: list[Exception] = [Deadlock(), Deadlock(), ZeroDivisionError()]

    @tried_again
    def step() -> None:
        raise faults.pop(0)

    with pytest.raises(ZeroDivisionError):
        step()

    assert faults == []


def test_the_audit_cannot_be_emptied(database: Database) -> None:
    with (
        pytest.raises(DBAPIError, match="append-only"),
        database.engine.begin() as connection,
    ):
        connection.exec_driver_sql("TRUNCATE audit")


def test_no_message_shows_the_password_of_a_database() -> None:
    settings = Settings(database=f"postgresql://deid:{PLANTED}@127.0.0.1:1/x")
    program = (
        "import os\n"
        "from dicomveil.serving import open_house\n"
        "from dicomveil.settings import load_settings\n"
        "open_house(load_settings(os.environ))\n"
    )

    failed = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=os.environ | {"DICOMVEIL_DATABASE": settings.database},
        check=False,
    )

    assert failed.returncode != 0
    assert "LedgerUnusable" in failed.stderr
    assert PLANTED not in failed.stderr + repr(settings)


@pytest.mark.parametrize("url", [f"postgres//{PLANTED}", f"mysql://a:{PLANTED}@b/c"])
def test_a_url_that_is_none_is_refused_without_its_words(url: str) -> None:
    with pytest.raises(LedgerUnusable) as refused:
        Database(url)

    assert PLANTED not in str(refused.value)


@pytest.mark.parametrize(("mode", "is_taken"), [(0o600, True), (0o640, False), (0o644, False)])
def test_settings_with_a_password_are_their_owners_alone(
    tmp_path: Path, mode: int, is_taken: bool
) -> None:
    file = tmp_path / "dicomveil.toml"
    file.write_text(f'[server]\ndatabase = "postgresql://deid:{PLANTED}@db/x"\n')
    file.chmod(mode)

    if is_taken:
        assert PLANTED in load_settings({}, str(file)).database
    else:
        with pytest.raises(Unusable, match="chmod 600"):
            load_settings({}, str(file))
