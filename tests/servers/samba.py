"""Debian's Samba with one share, in the network namespace of the tests.

`apt-get install samba smbclient`. It signs always, knows one user, and lets in no guest.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.servers.network import Network, free_port, missing, program, wait_for_port

USER, PASSWORD = "games", "s3cret-of-the-share"  # Debian has this account, and nobody uses it
SHARE = "Dicom"
OTHER = "other"
_FOLDERS = ("private", "lock", "state", "cache", "run/ncalrpc", "log")
_SETTINGS = """
[global]
  workgroup = CI
  server role = standalone server
  smb ports = {port}
  interfaces = lo
  bind interfaces only = yes
  private dir = {folder}/private
  lock directory = {folder}/lock
  state directory = {folder}/state
  cache directory = {folder}/cache
  pid directory = {folder}/run
  ncalrpc dir = {folder}/run/ncalrpc
  log file = {folder}/log/log.%m
  passdb backend = tdbsam:{folder}/private/passdb.tdb
  map to guest = Never
  load printers = no
  printing = bsd
  printcap name = /dev/null
  disable spoolss = yes
  server min protocol = SMB2_10
  server signing = mandatory
  {more}
[{share}]
  path = {folder}/share
  read only = no
  force user = root
[{other}]
  path = {folder}/other
  read only = no
  force user = root
"""


class Samba(NamedTuple):
    """A running server, and its share as a folder of this machine."""

    port: int
    folder: Path
    pid: int

    @property
    def unc(self) -> str:
        """The share."""
        return f"\\\\127.0.0.1\\{SHARE}"

    def put(self, files: dict[str, bytes]) -> None:
        """Have the share hold these files."""
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)

    def held(self) -> dict[str, bytes]:
        """Every file that the share holds."""
        files = [path for path in sorted(self.folder.rglob("*")) if path.is_file()]
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in files}

    def clear(self) -> None:
        """Have the share hold nothing."""
        shutil.rmtree(self.folder)
        self.folder.mkdir()

    def stop(self) -> None:
        """Kill the server and all that serve connections."""
        os.killpg(self.pid, signal.SIGKILL)


@contextmanager
def running(network: Network, folder: Path, more: str = "") -> Iterator[Samba]:
    """A server that keeps everything in `folder`; `more` stands in its [global] section."""
    command, passwords = program("smbd"), program("smbpasswd")
    if os.geteuid():
        missing("smbd is started by root alone")
    for name in (*_FOLDERS, "share", "other"):
        (folder / name).mkdir(parents=True)
    settings = folder / "smb.conf"
    with network.inside(), (folder / "out").open("wb") as out:
        port = free_port()
        settings.write_text(
            _SETTINGS.format(port=port, folder=folder, more=more, share=SHARE, other=OTHER)
        )
        told = f"{PASSWORD}\n{PASSWORD}\n".encode()
        adding = [passwords, "-c", str(settings), "-s", "-a", USER]
        subprocess.run(adding, input=told, check=True, capture_output=True)
        serving = [command, "-s", str(settings), "-F", "--no-process-group", "-l", str(folder)]
        server = subprocess.Popen(serving, stdout=out, stderr=out, start_new_session=True)
    try:
        with network.inside():
            wait_for_port(port)
        yield Samba(port, folder / "share", server.pid)
    finally:
        # In its own session it is the first of its group, which holds each connection's server.
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


@pytest.fixture(scope="session")
def started_samba(network: Network, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samba]:
    """One server for the whole run."""
    with running(network, tmp_path_factory.mktemp("samba")) as server:
        yield server


@pytest.fixture
def samba(started_samba: Samba, inside: None) -> Samba:  # noqa: ARG001 - for its effect
    """A server whose share holds nothing yet; the test is in its network."""
    started_samba.clear()
    return started_samba
