"""The ledger on SQLite and PostgreSQL: the contract, and what only a database shows."""

import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete
from sqlalchemy.sql import ClauseElement

from dicomveil.job_errors import LedgerUnusable
from dicomveil.jobs import statements
from dicomveil.jobs.database import Database, Durability
from dicomveil.jobs.ledger import Ledger
from dicomveil.jobs.listing import Listing
from dicomveil.jobs.migrating import check_version
from dicomveil.jobs.model import Filter
from dicomveil.jobs.registry import Registry
from dicomveil.jobs.schema import MEMBERS, USERS
from dicomveil.jobs.states import State
from dicomveil.jobs.vault import Vault
from tests.jobs.databases import peopled
from tests.jobs.ledger_contract import Clock, LedgerContract, submission

VAULT = Vault(bytes(range(32)))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    with peopled(url, VAULT) as made:
        yield made


@pytest.fixture
def ledger(database: Database, clock: Clock) -> Ledger:
    return Ledger(database, VAULT, clock)


class TestLedger(LedgerContract):
    """The contract, with the fixtures of this module."""


def test_many_threads_claim_each_job_once(ledger: Ledger) -> None:
    ledger.submit_all([submission(n) for n in range(200)])
    claimed: Counter[int] = Counter()
    lock = threading.Lock()

    def claim(worker: str) -> None:
        while claims := ledger.claim(worker, 3):
            with lock:
                claimed.update(claim.job.id for claim in claims)

    threads = [threading.Thread(target=claim, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(claimed.elements()) == list(range(1, 201))


def test_several_processes_claim_each_job_once(ledger: Ledger, url: str) -> None:
    ledger.submit_all([submission(n) for n in range(200)])
    program = (
        "import sys\n"
        "from dicomveil.jobs.database import Database\n"
        "from dicomveil.jobs.ledger import Ledger\n"
        "from dicomveil.jobs.vault import Vault\n"
        "ledger = Ledger(Database(sys.argv[1]), Vault(bytes(range(32))))\n"
        "while claims := ledger.claim(sys.argv[2], 5):\n"
        "    print(*(claim.job.id for claim in claims))\n"
    )

    command = [sys.executable, "-c", program, url]
    running = [
        subprocess.Popen([*command, name], stdout=subprocess.PIPE, text=True) for name in "ab"
    ]
    said = " ".join(process.communicate()[0] for process in running).split()

    assert sorted(map(int, said)) == list(range(1, 201))


INDEXES = {
    "a claim": (statements.CLAIM, "ix_jobs_queued"),
    "the sweep of leases": (statements.EXPIRE, "ix_jobs_leased"),
    "the look for what is due": (statements.FALL_DUE, "ix_jobs_due"),
}


@pytest.mark.parametrize(("statement", "index"), INDEXES.values(), ids=INDEXES)
def test_an_index_of_the_few_rows_that_matter_serves(
    database: Database, statement: ClauseElement, index: str
) -> None:
    steps = plan_of(database, statement)

    assert any(index in step for step in steps)
    assert not any("SCAN jobs" in step and "USING" not in step for step in steps)
    assert not any("Seq Scan on jobs" in step for step in steps)


def plan_of(database: Database, statement: ClauseElement) -> list[str]:
    """The steps by which the database carries the statement out."""
    sql = database.prepared(statement).sql
    with database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            explained: tuple[str, object] = f"EXPLAIN QUERY PLAN {sql}", (1,) * sql.count("?")
        else:  # which reads an empty table from end to end, unless it is told not to
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            given = dict.fromkeys(re.findall(r"%\((\w+)\)s", sql), 1) | {"ids": [1]}
            explained = f"EXPLAIN {sql}", given
        return [str(row[-1]) for row in connection.exec_driver_sql(*explained)]  # type: ignore[arg-type]  # one of the two forms


def test_lists_go_by_filter_and_page_newest_first(database: Database, ledger: Ledger) -> None:
    numbers = [job.id for job in ledger.submit_all([submission(n) for n in range(5)])]
    ledger.claim("w")
    queued = Filter(states=frozenset({State.QUEUED}))
    listing = Listing(database, VAULT)

    first = listing.page(queued, count=3)
    rest = listing.page(queued, count=3, before=first.next)

    assert [job.id for job in first.jobs] == numbers[:1:-1]
    assert ([job.id for job in rest.jobs], rest.next) == ([numbers[1]], None)


def test_jobs_of_projects_that_one_may_not_see_are_not_listed(
    database: Database, ledger: Ledger
) -> None:
    ledger.submit(submission())

    assert Listing(database, VAULT).page(Filter(projects=frozenset())).jobs == ()


def test_a_job_is_found_by_its_source_without_reading_any(
    database: Database, ledger: Ledger
) -> None:
    ledger.submit_all([submission(n) for n in range(3)])

    page = Listing(database, VAULT).page(Filter(source=r"folder:\\srv\in\1"))

    assert [job.id for job in page.jobs] == [2]


def test_another_vault_opens_nothing(database: Database, ledger: Ledger) -> None:
    number = ledger.submit(submission()).id

    with pytest.raises(LedgerUnusable):
        Ledger(database, Vault(bytes(32))).job(number)


def test_a_write_that_fails_is_taken_back(database: Database) -> None:
    def fail() -> None:
        with database.write(Durability.PROMISED) as tx:
            tx.run(delete(MEMBERS))
            tx.run(delete(USERS))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert [user.name for user in Registry(database, VAULT).users()] == ["anna"]


def test_a_database_that_is_not_made_yet_is_said_to_be(tmp_path: Path) -> None:
    empty = Database(f"sqlite:///{tmp_path / 'other.sqlite'}")

    with pytest.raises(LedgerUnusable, match="admin init"):
        check_version(empty)

    empty.close()


@pytest.mark.parametrize("name", ["JOBS_OF", "GLANCES_OF", "CHANGED_OF"])
def test_jobs_by_number_are_sought_and_the_table_is_not_read_through(
    database: Database, name: str
) -> None:
    """Written as `id IN (...) = 1`, as SQLAlchemy would, the query reads every job there is."""
    steps = plan_of(database, getattr(statements, name))

    primary = ("SEARCH jobs USING INTEGER PRIMARY KEY (rowid=?)", "using pk_jobs", "on pk_jobs")
    assert any(words in step for step in steps for words in primary)
    assert not any(step.startswith("SCAN jobs") or "Seq Scan on jobs" in step for step in steps)
