"""A small disk, for tests of one that is full."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.network import missing


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 256 KB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount") or missing("mount is not installed")
    made = [mount, "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    if subprocess.run(made, capture_output=True, check=False).returncode:
        missing("no small disk can be mounted: be root")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)
