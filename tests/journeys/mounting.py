"""Small file systems that tests can fill."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def mounted(place: Path, size: str) -> Iterator[None]:
    """A file system in memory at `place`, of so many bytes; skips the test where none can be."""
    if os.geteuid() != 0:
        pytest.skip("a small file system can be mounted by root alone")
    mount(place, "-o", f"size={size}")
    try:
        yield
    finally:
        subprocess.run(["umount", place], check=True)


def mount(place: Path, *options: str) -> None:
    """A file system in memory; skips the test where that is not allowed."""
    command = ["mount", "-t", "tmpfs", *options, "tmpfs", str(place)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
