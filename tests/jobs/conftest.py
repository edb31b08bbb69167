"""Every test of the ledger that asks for `url` runs once for each kind of database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jobs.databases import KINDS, Cluster, cluster


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Cluster]:
    """One PostgreSQL for all tests of a process."""
    with cluster() as made:
        yield made


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new ledger can be made."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    made: Cluster = request.getfixturevalue("postgresql")
    return made.new()
