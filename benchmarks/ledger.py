"""How fast the ledger claims jobs and enters their ends: `python -m benchmarks.ledger`.

On a real disk, beside the disk's own rate of fsync: a commit that promises something waits for the
disk once, so that rate bounds it. The ledger holds 100,000 other jobs meanwhile.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.machine import facts
from dicomveil.jobs.database import Database, Durability
from dicomveil.jobs.ledger import Ledger, Submission, Word
from dicomveil.jobs.migrating import migrate
from dicomveil.jobs.model import JobRequest, Recipe, Role, User
from dicomveil.jobs.registry import Registry
from dicomveil.jobs.states import Event
from dicomveil.jobs.vault import Vault
from dicomveil.mapping.sources import parse_source

OTHERS: Final = 100_000
SECONDS: Final = 3.0
BATCH: Final = 16


class Case(NamedTuple):
    """One way of working, and the rate that the project's issue asks for."""

    name: str
    batch: int
    durability: Durability
    wanted: int


CASES: Final = (
    Case("claim+finish, NORMAL, 16 at a time", BATCH, Durability.REPEATABLE, 10_000),
    Case("claim+finish, FULL, transactions of 16", BATCH, Durability.PROMISED, 5_000),
    Case("claim+finish, FULL, one by one", 1, Durability.PROMISED, 1_000),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ledger", description=__doc__)
    parser.add_argument("--place", type=Path, default=Path.cwd(), help="a folder on a real disk")
    parser.add_argument("--others", type=int, default=OTHERS, help="jobs that are there besides")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=asked.place, prefix="dicomveil-ledger-") as folder:
        place = Path(folder)
        figures: dict[str, object] = {"machine": facts(place)}
        figures["fsync of 4 kB per second"] = round(fsync_rate(place))
        ledger, submit = made(place, asked.others)
        for case in CASES:
            measured = round(rate(ledger, submit, case))
            figures[case.name] = {"per second": measured, "wanted": case.wanted}
        figures["10,000 jobs by number, ms"] = round(listing(ledger) * 1000)
        figures["fsync of 4 kB per second, after"] = round(fsync_rate(place))
        json.dump(figures, sys.stdout, indent=1)
    sys.stdout.write("\n")
    return 0


def fsync_rate(place: Path) -> float:
    """How often a second this disk takes 4 kB for certain."""
    with (place / "probe").open("wb") as file:
        return per_second(lambda: _synced(file.fileno()))


def made(place: Path, others: int) -> tuple[Ledger, Callable[[int], None]]:
    """A ledger with other jobs in it, and what submits more."""
    database = Database(f"sqlite:///{place / 'ledger.sqlite'}")
    migrate(database)
    vault = Vault(os.urandom(32))
    registry = Registry(database, vault)
    user = registry.add_user("bench", Role.RESEARCHER, "bench")
    registry.add_project("bench", Recipe(key="0" * 16), "bench")
    ledger = Ledger(database, vault)

    def submit(count: int) -> None:
        ledger.submit_all([submission(user, number) for number in range(count)])

    for _ in range(0, others, 10_000):
        submit(min(10_000, others))
    finish_all(ledger)
    return ledger, submit


def finish_all(ledger: Ledger) -> None:
    """Claim and finish whatever is queued."""
    while claims := ledger.claim("others", 1000):
        ledger.record_all((claim, Word(event=Event.REFUSED)) for claim in claims)


def submission(user: User, number: int) -> Submission:
    """One job as a mapping's row asks for it."""
    request = JobRequest(
        project="bench",
        source=parse_source(rf"folder:\\server\share\folder{number}"),
        destination=r"\\server\share\out",
        pseudo_id=f"P{number}",
        pseudo_name=f"P{number}",
        description="a study of the benchmark",
    )
    return Submission(request=request, owner=user, project_id=1)


def rate(ledger: Ledger, submit: Callable[[int], None], case: Case) -> float:
    """Jobs a second that are claimed and finished in this way; the best of three."""
    return max(once(ledger, submit, case) for _ in range(3))


def once(ledger: Ledger, submit: Callable[[int], None], case: Case) -> float:
    """The same, measured once."""
    submit(int(case.wanted * SECONDS))
    ends = time.monotonic() + SECONDS
    done, begun = 0, time.perf_counter()
    while time.monotonic() < ends and (claims := ledger.claim("bench", case.batch)):
        words = [(claim, Word(event=Event.REFUSED)) for claim in claims]
        ledger.record_all(words, durability=case.durability)
        done += len(claims)
    taken = time.perf_counter() - begun
    finish_all(ledger)
    return done / taken


def listing(ledger: Ledger) -> float:
    """Seconds that 10,000 jobs by number take."""
    begun = time.perf_counter()
    assert len(ledger.glances(range(1, 10_001))) == 10_000
    return time.perf_counter() - begun


def per_second(step: Callable[[], object]) -> float:
    """How often the step is done in a second."""
    begun, done = time.perf_counter(), 0
    while time.perf_counter() - begun < 1:
        step()
        done += 1
    return done / (time.perf_counter() - begun)


def _synced(fd: int) -> None:
    os.write(fd, b"\0" * 4096)
    os.fdatasync(fd)


if __name__ == "__main__":
    sys.exit(main())
