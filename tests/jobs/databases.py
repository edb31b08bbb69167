"""Databases for tests of the ledger: a file of SQLite, and a real PostgreSQL of this machine.

Where CI is set, a PostgreSQL that is missing fails; elsewhere its tests are skipped and say so.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select

from dicomveil.jobs.database import Database
from dicomveil.jobs.migrating import migrate
from dicomveil.jobs.model import Recipe, Role
from dicomveil.jobs.registry import Registry
from dicomveil.jobs.schema import METADATA
from dicomveil.jobs.vault import Vault

KINDS = ("sqlite", "postgresql")
_BINARIES = Path("/usr/lib/postgresql")


@dataclass
class Cluster:
    """A PostgreSQL of the tests' own: its folder, and a socket in it that it listens on."""

    folder: Path
    fsync: str = "off"
    _numbers: Iterator[int] = field(default_factory=count)

    @cached_property
    def binaries(self) -> Path:
        """Where initdb and pg_ctl are; the newest version's."""
        return max(_BINARIES.glob("*/bin"), key=lambda path: int(path.parent.name))

    @property
    def pid(self) -> int:
        """The process that all others of the database come from."""
        return int((self.folder / "pg" / "postmaster.pid").read_text("ascii").split()[0])

    def make(self) -> None:
        """Make it, and start it."""
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        options = "-U", "deid", "--auth=trust", "-E", "UTF8", "--no-sync", "--locale=C.UTF-8"
        self._run("initdb", "-D", str(self.folder / "pg"), *options)
        self.start()

    def start(self) -> None:
        """Start it, and come back when it answers."""
        (self.folder / "pg" / "postmaster.pid").unlink(missing_ok=True)
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "fsync": self.fsync,
            "full_page_writes": self.fsync,
            "max_connections": "200",
        }
        told = " ".join(f"-c {name}={value or chr(39) * 2}" for name, value in settings.items())
        self._control("-w", "-l", str(self.folder / "log"), "-o", told, "start")

    def kill(self) -> None:
        """Kill it as the machine would; its other processes end with it."""
        pid = self.pid
        os.kill(pid, signal.SIGKILL)
        while Path(f"/proc/{pid}").exists():
            time.sleep(0.01)
        time.sleep(0.5)  # its sessions notice, and let go of the shared memory

    def stop(self) -> None:
        """Stop it."""
        self._control("-m", "immediate", "-w", "stop")

    def new(self) -> str:
        """The URL of a new, empty database."""
        name = f"ledger{next(self._numbers)}"
        self._run("createdb", "-h", str(self.folder), "-U", "deid", name)
        return f"postgresql://deid@/{name}?host={self.folder}"

    def _control(self, *options: str) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "pg"), *options)

    def _run(self, command: str, *options: str) -> None:
        line = [str(self.binaries / command), *options]
        if os.geteuid() == 0:  # which PostgreSQL does not run as
            line = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *line]
        subprocess.run(line, check=True, stdout=subprocess.DEVNULL, cwd="/")


def stored(database: Database) -> bytes:
    """Every value of every table, as bytes: what somebody reads who has the database alone."""
    with database.engine.connect() as connection:
        rows = [row for t in METADATA.sorted_tables for row in connection.execute(select(t))]
    values = (value for row in rows for value in row)
    return b"\n".join(v if isinstance(v, bytes) else str(v).encode() for v in values)


@contextmanager
def cluster(fsync: str = "off") -> Iterator[Cluster]:
    """A PostgreSQL that runs, in a short path of its own: a socket's has 107 bytes at most."""
    need_postgresql()
    folder = Path(tempfile.mkdtemp(prefix="dicomveil-pg-"))
    made = Cluster(folder, fsync)
    try:
        made.make()
        yield made
        made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def need_postgresql() -> None:
    """Skip, or fail in CI, where there is no PostgreSQL."""
    if any(_BINARIES.glob("*/bin/initdb")):
        return
    if os.environ.get("CI"):
        pytest.fail("PostgreSQL is not installed: apt-get install postgresql")
    pytest.skip("PostgreSQL is not installed: apt-get install postgresql")


@contextmanager
def peopled(url: str, vault: Vault) -> Iterator[Database]:
    """A ledger at its newest version, with the project `trial` and the researcher anna."""
    made = Database(url)
    try:
        migrate(made)
        registry = Registry(made, vault)
        registry.add_user("anna", Role.RESEARCHER, "test")
        registry.add_project("trial", Recipe(key="0" * 16), "test")
        yield made
    finally:
        made.close()
