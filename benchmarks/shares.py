"""What a share gives and takes: `python -m benchmarks.shares`, as root, with Debian's Samba.

200 files of 528 kB, as CT slices have, read into a spool and written under new names, over one and
over several connections, every message signed. Samba runs on the same cores.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

from dicomveil.places.manners import Limits, Manners
from dicomveil.places.place import Asked
from dicomveil.places.smb import SmbPlace
from dicomveil.places.smb_line import Login
from dicomveil.places.smb_paths import share_of
from tests.servers.network import Network
from tests.servers.samba import PASSWORD, USER, Samba, running

FILES, SIZE = 200, 528 * 1024


class Row(NamedTuple):
    """One figure: the best of several runs, as the machine has others to serve."""

    name: str
    seconds: float

    def __str__(self) -> str:
        speed = FILES / self.seconds
        return f"{self.name:<28} {speed:6.0f} files/s {speed * SIZE / 1e6:6.0f} MB/s"


def main() -> int:
    """Measure, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    wanted = parser.parse_args()
    network = Network()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with running(network, folder / "samba") as server, network.inside():
            server.put({f"in/{number:05}": os.urandom(SIZE) for number in range(FILES)})
            for row in rows(server, folder, wanted.runs):
                print(row, flush=True)
    return 0


def rows(server: Samba, folder: Path, runs: int) -> Iterator[Row]:
    """Every figure."""
    for at_once in (1, 2, 4):
        place = place_of(server, at_once)
        several = "connection" if at_once == 1 else "connections"
        reading, writing = partial(read, place, folder), partial(write, place, server)
        yield Row(f"read, {at_once} {several}", best(reading, runs))
        yield Row(f"written, {at_once} {several}", best(writing, runs))


def place_of(server: Samba, at_once: int) -> SmbPlace:
    """The share, asked by so many connections."""
    login = Login("share", USER, PASSWORD, server.port)
    shares = (share_of("share", server.unc),)
    return SmbPlace(login, shares, Manners("share", Limits(at_once=at_once)))


def read(place: SmbPlace, folder: Path, run: int) -> None:
    """Fetch everything into a new spool."""
    spool = folder / f"spool-{os.urandom(4).hex()}-{run}"
    came = sum(1 for _ in place.fetch(Asked(below="in"), spool))
    if came != FILES:
        raise ValueError(f"{came} files came")


def write(place: SmbPlace, server: Samba, run: int) -> None:
    """Deliver everything below a new folder."""
    root = server.folder / "in"
    start = place.shares[0]
    new = start._replace(folder=(f"out-{os.urandom(4).hex()}-{run}",))
    (server.folder / new.folder[0]).mkdir()
    into = SmbPlace(place.login, (new,), place.manners)
    gone = sum(1 for _ in into.deliver(root, sorted(path.name for path in root.iterdir())))
    if gone != FILES:
        raise ValueError(f"{gone} files were delivered")


def best(measured: Callable[[int], None], runs: int) -> float:
    """The seconds of the fastest run."""
    seconds = []
    for run in range(runs):
        began = time.monotonic()
        measured(run)
        seconds.append(time.monotonic() - began)
    return min(seconds)


if __name__ == "__main__":
    raise SystemExit(main())
