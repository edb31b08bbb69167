"""How fast servers claim and finish jobs on one PostgreSQL: `python -m benchmarks.postgresql`.

A PostgreSQL of its own, with fsync, on a folder of a real disk; each process claims one job and
commits, enters its end with an entry of the audit, commits, and waits until that is on the disk.
Beside it stands the disk's own rate of fsync.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from benchmarks.ledger import fsync_rate, submission
from benchmarks.machine import facts
from dicomveil.jobs.database import Database
from dicomveil.jobs.heads import Heads
from dicomveil.jobs.ledger import Ledger, Word
from dicomveil.jobs.migrating import migrate
from dicomveil.jobs.model import Recipe, Role
from dicomveil.jobs.registry import Registry
from dicomveil.jobs.states import Event, State
from dicomveil.jobs.vault import Vault
from tests.jobs.databases import cluster

PROCESSES: Final = 4
SECONDS: Final = 5.0
JOBS: Final = 20_000
WANTED: Final = 500
_VAULT: Final = bytes(range(32))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.postgresql", description=__doc__)
    parser.add_argument("--place", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--jobs", type=int, default=JOBS)
    asked = parser.parse_args(arguments)
    figures: dict[str, object] = {"machine": facts(asked.place)}
    tempfile.tempdir = str(asked.place)
    with cluster(fsync="on") as made:
        with tempfile.TemporaryDirectory() as folder:
            figures["fsync of 4 kB per second"] = round(fsync_rate(Path(folder)))
        url = made.new()
        filled(url, asked.jobs)
        for processes in (1, 2, PROCESSES):
            wanted = WANTED if processes == PROCESSES else None
            measured = rate(url, processes)
            figures[f"claim+finish, {processes} processes"] = {
                "per second": round(measured),
                "wanted": wanted,
            }
        figures["after"] = checked(url, asked.jobs)
    json.dump(figures, sys.stdout, indent=1)
    sys.stdout.write("\n")
    return 0


def filled(url: str, jobs: int) -> None:
    """A ledger with so many queued jobs."""
    database, vault = Database(url), Vault(_VAULT)
    migrate(database)
    registry = Registry(database, vault)
    user = registry.add_user("bench", Role.RESEARCHER, "bench")
    registry.add_project("bench", Recipe(key="0" * 16), "bench")
    ledger = Ledger(database, vault)
    for begin in range(0, jobs, 1000):
        numbers = range(begin, min(begin + 1000, jobs))
        ledger.submit_all([submission(user, number) for number in numbers])
    database.close()


def rate(url: str, processes: int) -> float:
    """Jobs a second that so many processes claim and finish, one by one."""
    begins = time.time() + 2.0  # until then all of them have started
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        done = pool.map(work, [url] * processes, map(str, range(processes)), [begins] * processes)
        return sum(done) / SECONDS


def work(url: str, name: str, begins: float) -> int:
    """How many jobs this process claims and finishes."""
    database = Database(url)
    ledger = Ledger(database, Vault(_VAULT))
    ledger.states()
    time.sleep(max(begins - time.time(), 0))
    done = 0
    while time.time() < begins + SECONDS and (claims := ledger.claim(name)):
        ledger.record(claims[0], Word(event=Event.REFUSED))
        done += 1
    database.close()
    return done


def checked(url: str, jobs: int) -> dict[str, object]:
    """What the ledger says afterwards: each job once, and an audit that holds."""
    database, vault = Database(url), Vault(_VAULT)
    states = Ledger(database, vault).states()
    head = Heads(database, vault, Path(os.devnull)).verify()
    database.close()
    counted = {str(state): count for state, count in states.items() if count}
    # Two entries for who is there, one for each job, and one for each end.
    fits = head.number == 2 + jobs + states[State.FAILED]
    return {"jobs": counted, "audit entries": head.number, "each end entered once": fits}


if __name__ == "__main__":
    sys.exit(main())
