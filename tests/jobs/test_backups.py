"""A backup holds the ledger as it was at one moment, and a restore is that ledger again."""

import stat
import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from dicomveil.errors import KeyRefused, Unusable
from dicomveil.job_errors import LedgerUnusable
from dicomveil.jobs.backups import back_up, restore
from dicomveil.jobs.database import Database
from dicomveil.jobs.keyring import Keyring
from dicomveil.jobs.ledger import Word
from dicomveil.jobs.schema import AUDIT, JOBS, METADATA
from dicomveil.jobs.states import Event
from dicomveil.serving import move_house, open_house
from dicomveil.settings import Settings
from tests.jobs.databases import Cluster, stored
from tests.jobs.estate import Estate


@pytest.fixture
def estate(tmp_path: Path, url: str) -> Estate:
    made = Estate(tmp_path, url)
    made.fill("a", "4711")
    made.house.pims.add_key("trial", "P{n:03}", made.key, "test")
    made.house.opt_outs.add(["9999-planted"], "test")
    for number in range(5):
        made.submit(description=f"study {number} of Zacharias-planted")
    (claim,) = made.house.ledger.claim("test")
    made.house.ledger.record(claim, Word(event=Event.REFUSED))
    return made


def content(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with database.engine.connect() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=str)
            for table in METADATA.sorted_tables
        }


def keyring(estate: Estate) -> Keyring:
    return Keyring(estate.settings.key_folder)


def test_a_restored_ledger_has_every_row(estate: Estate, tmp_path: Path) -> None:
    before = content(estate.house.database)
    back_up(estate.house.database, tmp_path / "backup")
    other = Database(f"sqlite:///{tmp_path / 'other.sqlite'}")

    head = restore(tmp_path / "backup", other, keyring(estate))

    assert content(other) == before
    assert head == estate.house.heads.verify()
    other.close()
    estate.house.close()


def test_a_backup_of_one_kind_is_restored_into_the_other(
    estate: Estate, tmp_path: Path, postgresql: Cluster
) -> None:
    before = content(estate.house.database)
    back_up(estate.house.database, tmp_path / "backup")
    other = Database(postgresql.new())

    restore(tmp_path / "backup", other, keyring(estate))

    assert content(other) == before
    other.close()
    estate.house.close()


def test_a_backup_under_load_is_one_moment_of_the_ledger(estate: Estate, tmp_path: Path) -> None:
    stopping = threading.Event()

    def load() -> None:
        while not stopping.is_set():
            estate.submit(description="more")

    loading = threading.Thread(target=load)
    loading.start()
    try:
        back_up(estate.house.database, tmp_path / "backup")
    finally:
        stopping.set()
        loading.join()
    other = Database(f"sqlite:///{tmp_path / 'other.sqlite'}")
    restore(tmp_path / "backup", other, keyring(estate))

    with other.engine.connect() as connection:
        jobs = len(connection.execute(select(JOBS.c.id)).all())
        said = select(AUDIT.c.number).where(AUDIT.c.what == "job submitted")
        assert jobs == len(connection.execute(said).all()) >= 5
    other.close()
    estate.house.close()


def test_a_backup_is_its_owners_alone_and_opens_nothing_sealed(
    estate: Estate, tmp_path: Path
) -> None:
    back_up(estate.house.database, tmp_path / "backup")

    whole = (tmp_path / "backup").read_bytes()
    assert stat.S_IMODE((tmp_path / "backup").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.glob("backup*")] == ["backup"]
    assert b"planted" not in whole
    for path in estate.settings.key_folder.iterdir():
        assert path.read_bytes().strip() not in whole
    estate.house.close()


def test_a_backup_never_replaces_a_file(estate: Estate, tmp_path: Path) -> None:
    (tmp_path / "backup").write_text("mine")

    with pytest.raises(Unusable):
        back_up(estate.house.database, tmp_path / "backup")

    assert (tmp_path / "backup").read_text() == "mine"
    estate.house.close()


def test_nothing_is_restored_over_a_ledger(estate: Estate, tmp_path: Path) -> None:
    back_up(estate.house.database, tmp_path / "backup")
    before = stored(estate.house.database)

    with pytest.raises(LedgerUnusable, match="there is a ledger already"):
        restore(tmp_path / "backup", estate.house.database, keyring(estate))

    assert stored(estate.house.database) == before
    estate.house.close()


def test_nothing_is_restored_without_the_key_of_its_columns(estate: Estate, tmp_path: Path) -> None:
    back_up(estate.house.database, tmp_path / "backup")
    other = Database(f"sqlite:///{tmp_path / 'other.sqlite'}")

    with pytest.raises(KeyRefused):
        restore(tmp_path / "backup", other, Keyring(tmp_path / "elsewhere"))

    other.close()
    estate.house.close()


def test_a_ledger_that_moved_to_postgresql_goes_on_there(
    tmp_path: Path, postgresql: Cluster
) -> None:
    estate = Estate(tmp_path)
    estate.fill("a", "4711")
    before = estate.submit()
    estate.house.close()
    new = Settings(
        state=estate.settings.state,
        database=postgresql.new(),
        workers=1,
        shares=estate.settings.shares,
    )

    move_house(estate.settings, new, "test")
    estate.house = open_house(new)
    after = estate.submit()

    assert after == before + 1
    assert [str(job.state) for job in estate.run(before, after)] == ["done", "done"]
    estate.house.heads.verify()
    estate.house.close()
