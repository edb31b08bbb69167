"""Debian's Orthanc with its DICOMweb plugin, in the network namespace of the tests.

`apt-get install orthanc orthanc-dicomweb`. It is asked to compress and to transcode nothing.
"""

import base64
import contextlib
import json
import os
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.servers.network import Network, free_port, missing, program, wait_for_port

PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
TITLE = "CIPACS"


class Orthanc(NamedTuple):
    """A running server; every call is made from inside the network."""

    url: str  # http://127.0.0.1:PORT
    dicom_port: int
    login: str = ""  # name:password of its administrator
    kill: Callable[[], None] = lambda: None  # end it at once

    @property
    def web(self) -> str:
        """The root of DICOMweb."""
        return f"{self.url}/dicom-web"

    @property
    def wado(self) -> str:
        """The address of WADO-URI."""
        return f"{self.url}/wado"

    def upload(self, objects: Iterable[bytes]) -> list[str]:
        """Have the server hold the objects; its names of them."""
        return [json.loads(self._call("/instances", data))["ID"] for data in objects]

    def take(self, objects: Iterable[bytes]) -> list[str]:
        """Offer the objects; the server's names of those that it takes, each once."""
        taken: dict[str, None] = {}
        for data in objects:
            with contextlib.suppress(HTTPError):  # no patient ID, no UIDs, no DICOM
                taken[self.upload([data])[0]] = None
        return list(taken)

    def instances(self) -> list[str]:
        """The server's names of all that it holds."""
        held: list[str] = json.loads(self._call("/instances"))
        return held

    def file(self, name: str) -> bytes:
        """One object that it holds, as it holds it."""
        return self._call(f"/instances/{name}/file")

    def clear(self) -> None:
        """Have it hold nothing."""
        for study in json.loads(self._call("/studies")):
            self._call(f"/studies/{study}", method="DELETE")

    def _call(self, path: str, data: bytes | None = None, method: str | None = None) -> bytes:
        request = Request(self.url + path, data, method=method)  # noqa: S310 - loopback
        if self.login:
            token = base64.b64encode(self.login.encode()).decode()
            request.add_header("Authorization", f"Basic {token}")
        with urlopen(request, timeout=60) as answer:  # noqa: S310 - loopback
            content: bytes = answer.read()
        return content


@contextmanager
def running(
    network: Network, folder: Path, settings: dict[str, object], login: str = ""
) -> Iterator[Orthanc]:
    """An Orthanc that keeps its files in `folder`, with `settings` beside or instead of ours."""
    command = program("Orthanc")
    if not PLUGIN.exists():
        missing("orthanc-dicomweb is not installed")
    with network.inside(), (folder / "log").open("wb") as log:
        http, dicom = free_port(), free_port()
        wanted = _settings(folder, http, dicom) | settings
        (folder / "orthanc.json").write_text(json.dumps(wanted))
        # DCMTK leaves Nagle on, which costs 40 ms an object.
        environment = os.environ | {"TCP_NODELAY": "1"}
        arguments = [command, str(folder / "orthanc.json")]
        server = subprocess.Popen(arguments, stdout=log, stderr=log, env=environment)
    try:
        with network.inside():
            wait_for_port(dicom)
            wait_for_port(http)
        scheme = "https" if wanted.get("SslEnabled") else "http"
        yield Orthanc(f"{scheme}://127.0.0.1:{http}", dicom, login, server.kill)
    finally:
        server.kill()  # an orderly end takes 4 s, and nothing of it is needed
        server.wait()


@pytest.fixture(scope="session")
def started_orthanc(
    network: Network, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Orthanc]:
    """One Orthanc for the whole run."""
    with running(network, tmp_path_factory.mktemp("orthanc"), {}) as server:
        yield server


@pytest.fixture
def orthanc(started_orthanc: Orthanc, inside: None) -> Orthanc:  # noqa: ARG001 - for its effect
    """An Orthanc that holds nothing yet; the test is in its network."""
    started_orthanc.clear()
    return started_orthanc


def _settings(folder: Path, http: int, dicom: int) -> dict[str, object]:
    return {
        "Name": "CI-PACS",
        "StorageDirectory": str(folder / "db"),
        "IndexDirectory": str(folder / "db"),
        "HttpServerEnabled": True,
        "HttpCompressionEnabled": False,
        "HttpPort": http,
        # What is not this machine cannot reach it; the tests of logins ask for them.
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": False,
        "DicomServerEnabled": True,
        "DicomAet": TITLE,
        "DicomPort": dicom,
        "DicomCheckCalledAet": False,
        "DicomAlwaysAllowEcho": True,
        "DicomAlwaysAllowStore": True,
        "DicomAlwaysAllowFind": True,
        "DicomAlwaysAllowGet": True,
        "DicomAlwaysAllowMove": True,
        "DicomModalities": {"deid": ["DEID", "127.0.0.1", 11113]},
        "UnknownSopClassAccepted": True,
        "SynchronousCMove": True,
        "OverwriteInstances": True,
        "ConcurrentJobs": 2,
        "Plugins": [str(PLUGIN)],
        "DicomWeb": {
            "Enable": True,
            "Root": "/dicom-web/",
            "EnableWado": True,
            "WadoRoot": "/wado",
            "StudiesMetadata": "Full",
            "SeriesMetadata": "Full",
        },
    }
