"""What tests of `anon` begin with: a server, a desk, a file that is DICOM."""

import locale
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.anon.desk import Desk
from tests.client.recording import Recording, recording


@pytest.fixture
def server() -> Iterator[Recording]:
    with recording() as kept:
        yield kept


@pytest.fixture
def desk(tmp_path: Path, server: Recording, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """A data manager's desk: an empty home, an empty folder, one active server."""
    home, folder = tmp_path / "home", tmp_path / "project"
    home.mkdir()
    folder.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("NO_PROXY", "*")
    before = locale.setlocale(locale.LC_ALL)
    made = Desk(home, folder)
    made.know(server.url)
    yield made
    locale.setlocale(locale.LC_ALL, before)


@pytest.fixture
def dicom() -> bytes:
    """The smallest file that is DICOM."""
    meta = b"\2\0\x10\0UI\x14\x001.2.840.10008.1.2.1\0"
    return bytes(128) + b"DICM" + meta + b"\x08\0\x05\0CS\x0a\0ISO_IR 100"
