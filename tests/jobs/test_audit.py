"""The audit can be added to and nothing else, and whoever goes round that is found out."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from dicomveil.job_errors import AuditBroken
from dicomveil.jobs.model import Role
from tests.jobs.estate import Estate


@pytest.fixture
def estate(tmp_path: Path) -> Iterator[Estate]:
    made = Estate(tmp_path)
    yield made
    made.house.close()


def connect(estate: Estate) -> sqlite3.Connection:
    """The database as somebody else opens it."""
    return sqlite3.connect(estate.settings.state / "ledger.sqlite")


def test_every_change_is_an_entry_with_who_did_it(estate: Estate) -> None:
    estate.house.registry.add_user("bert", Role.AUDITOR, "anna")

    entry = estate.house.heads.entries(0, 1000)[-1]

    assert (entry.who, entry.what, entry.on) == ("anna", "user added", "user bert")
    assert entry.facts == {"role": "auditor"}


def test_an_untouched_chain_holds(estate: Estate) -> None:
    entries = estate.house.heads.entries(0, 1000)

    assert estate.house.heads.verify().number == len(entries) > 0


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit SET who = 'nobody'", "DELETE FROM audit WHERE number = 1"],
    ids=["change", "delete"],
)
def test_the_database_refuses_to(estate: Estate, statement: str) -> None:
    with connect(estate) as connection, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    connection.close()


TAMPERING = {
    "changed": "UPDATE audit SET who = 'nobody' WHERE number = 2",
    "taken out": "DELETE FROM audit WHERE number = 2",
    "moved": "UPDATE audit SET number = number + 1 WHERE number = (SELECT max(number) FROM audit)",
}


@pytest.mark.parametrize("statement", TAMPERING.values(), ids=TAMPERING)
def test_the_chain_shows_an_entry_that_was(estate: Estate, statement: str) -> None:
    with connect(estate) as connection:
        connection.execute("DROP TRIGGER audit_no_UPDATE")
        connection.execute("DROP TRIGGER audit_no_DELETE")
        connection.execute(statement)
    connection.close()

    with pytest.raises(AuditBroken):
        estate.house.heads.verify()


def test_a_kept_head_shows_that_the_end_was_cut_off(estate: Estate) -> None:
    estate.house.heads.keep()
    with connect(estate) as connection:
        connection.execute("DROP TRIGGER audit_no_DELETE")
        connection.execute("DELETE FROM audit WHERE number = (SELECT max(number) FROM audit)")
    connection.close()

    with pytest.raises(AuditBroken, match="ends"):
        estate.house.heads.verify()


def test_no_free_text_stands_in_the_audit(estate: Estate) -> None:
    estate.fill("secret-folder", "4711")
    estate.submit("folder:secret-folder", description="planted", opt_out_reason="planted too")

    facts = str([entry.facts for entry in estate.house.heads.entries(0, 1000)])

    assert "ignores_opt_out" in facts
    assert "planted" not in facts
    assert "secret-folder" not in facts
