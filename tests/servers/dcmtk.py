"""DCMTK's tools (Debian's dcmtk), in the network namespace of the tests."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.servers.network import Network, program, wait_for_port

# DCMTK leaves Nagle on, which costs 40 ms an object.
ENVIRONMENT: Final = os.environ | {"TCP_NODELAY": "1"}


@contextmanager
def serving(network: Network, command: Sequence[str], port: int) -> Iterator[None]:
    """A server of DCMTK, while the block runs."""
    with network.inside():
        server = subprocess.Popen(
            [program(command[0]), *command[1:]],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=ENVIRONMENT,
        )
    try:
        with network.inside():
            wait_for_port(port)
        yield
    finally:
        server.kill()
        server.wait()


@contextmanager
def dcmqrscp(network: Network, folder: Path, port: int, ours: tuple[str, int]) -> Iterator[None]:
    """An archive called QRSCP that sends to our AE title and port, and keeps files in `folder`."""
    (folder / "db").mkdir()
    settings = folder / "qr.cfg"
    settings.write_text(
        f"NetworkTCPPort = {port}\nMaxPDUSize = 131072\nMaxAssociations = 16\n"
        f"HostTable BEGIN\ndeid = ({ours[0]}, 127.0.0.1, {ours[1]})\nHostTable END\n"
        "VendorTable BEGIN\nVendorTable END\n"
        f"AETable BEGIN\nQRSCP {folder}/db RW (1000, 4096mb) ANY\nAETable END\n"
    )
    with serving(network, ["dcmqrscp", "-c", str(settings)], port):
        yield


def storescu(
    port: int, called: str, files: Sequence[Path], calling: str = "CT1", *options: str
) -> int:
    """Send files, each as it is stored; the exit code. Nothing is asked of what it prints."""
    done = subprocess.run(
        [
            program("storescu"),
            "-R",
            *options,
            *("-aet", calling, "-aec", called, "127.0.0.1", str(port)),
            *map(str, files),
        ],
        env=ENVIRONMENT,
        capture_output=True,
        check=False,
    )
    return done.returncode


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until `holds()` is true; TimeoutError when it never is."""
    for _ in range(int(seconds / 0.05)):
        if holds():
            return
        time.sleep(0.05)
    raise TimeoutError("what was waited for did not happen")
