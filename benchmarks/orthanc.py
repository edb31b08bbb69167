"""An Orthanc with 200 CT slices, for what is measured against a PACS; as root, from Debian.

200 slices of 512 x 512 pixels are 105 MB. Orthanc runs on the same cores as what is measured.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks.corpora import corpus, generate
from tests.servers.network import Network
from tests.servers.orthanc import Orthanc, running

SLICES: Final = 200

Rows = Callable[[Orthanc, Path, int], Iterable[object]]
"""The figures: of a server, with a folder to work in, as the best of so many runs."""


def measured(rows: Rows, about: str | None, runs: int) -> int:
    """Measure as the command line asks, by default with `runs`, and print a line for each row."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--runs", type=int, default=runs)
    wanted = parser.parse_args()
    network = Network()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "pacs").mkdir()
        with running(network, folder / "pacs", {}) as server, network.inside():
            for row in rows(server, folder, wanted.runs):
                print(row, flush=True)
    return 0


def slices(folder: Path) -> list[Path]:
    """200 slices of one study."""
    whole = replace(corpus("ct"), series=1, slices=SLICES, patients=1, studies=1)
    generate(whole, folder)
    return sorted(path for path in folder.rglob("*") if path.is_file())


def best(work: Callable[[], None], before: Callable[[], None], runs: int) -> float:
    """The seconds of the fastest run."""
    times = []
    for _ in range(runs):
        before()
        since = time.perf_counter()
        work()
        times.append(time.perf_counter() - since)
    return min(times)
