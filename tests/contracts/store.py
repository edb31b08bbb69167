"""A bucket of a store, for the contracts."""

import pytest

from dicomveil.places.manners import Limits, Manners
from dicomveil.places.stores import Store
from tests.contracts.rig import Rig
from tests.servers.store import BUCKET, S3

QUICK = Limits(at_once=3, attempts=2, pause=0.01)


def store_of(s3: S3, prefix: str = "", **options: object) -> Store:
    """A place of everything below the prefix."""
    address = f"s3://{BUCKET}/{prefix}"
    return Store("archive", address, Manners("archive", QUICK), s3.options | options)


@pytest.fixture
def store_place(s3: S3) -> Rig:
    """An empty one."""
    return Rig(store_of(s3), lambda files: s3.put(dict(files)), lambda: list(s3.held().values()))
