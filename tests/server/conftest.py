"""What tests of the server begin with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.world import World, world


@pytest.fixture
def server(tmp_path: Path) -> Iterator[World]:
    """A server with its people and projects, and no jobs."""
    made = world(tmp_path)
    with made.client:
        yield made
