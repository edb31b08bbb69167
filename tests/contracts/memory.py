"""Memory, for the contract."""

import pytest

from dicomveil.places.asking import Hits
from dicomveil.places.memory import Memory
from tests.contracts.rig import Rig


@pytest.fixture
def memory_place() -> Rig:
    """An empty one."""
    place = Memory(hits=Hits.ONE)
    return Rig(place, place.objects.update, lambda: list(place.objects.values()))
