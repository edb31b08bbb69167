"""What tests of the client begin with: a server that records."""

from collections.abc import Iterator

import pytest

from tests.client.recording import Recording, recording


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


@pytest.fixture
def server() -> Iterator[Recording]:
    with recording() as kept:
        yield kept
