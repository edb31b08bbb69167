"""Several servers on one PostgreSQL: each job once, whichever of them, or the database, dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from dicomveil.jobs.audit import Entry
from dicomveil.jobs.schema import JOBS
from dicomveil.jobs.states import State
from tests.jobs.databases import Cluster, cluster
from tests.jobs.estate import SHARE, Estate, ct, wait_until
from tests.journeys.test_server_kills import by_hand, outputs

JOBS_ASKED = 10
FILES = 60
SETTINGS = """[server]
state = "{state}"
keys = "{keys}"
port = 0
workers = 1
lease_seconds = 3

[shares]
'{unc}' = "{share}"
"""


@pytest.fixture
def postgresql() -> Iterator[Cluster]:
    with cluster(fsync="on") as made:
        yield made


@pytest.fixture
def estate(postgresql: Cluster, tmp_path: Path) -> Iterator[Estate]:
    made = Estate(tmp_path, postgresql.new())
    yield made
    made.house.close()


class Server:
    """A `dicomveil serve` of its own folder, on the estate's ledger and keys."""

    def __init__(self, estate: Estate, folder: Path) -> None:
        """Start it, as a group of processes; it serves afterwards."""
        (folder / "state").mkdir(parents=True)
        settings = folder / "dicomveil.toml"
        keys = estate.settings.key_folder
        told = {"state": folder / "state", "keys": keys, "unc": SHARE, "share": estate.share}
        settings.write_text(SETTINGS.format(**told), "utf-8")
        command = [sys.executable, "-m", "dicomveil", "serve", "--settings", str(settings)]
        environment = os.environ | {"DICOMVEIL_DATABASE": estate.settings.database}
        with (folder / "log").open("w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment,
                start_new_session=True,
            )
        assert self.process.stdout is not None
        assert "serves at" in self.process.stdout.readline(), (folder / "log").read_text()
        self.name = (folder / "state" / "server").read_text("utf-8")

    def send(self, what: signal.Signals) -> None:
        """Send a signal to the server and its workers."""
        os.killpg(self.process.pid, what)

    def end(self) -> None:
        """Stop it, if it still runs."""
        if self.process.poll() is None:
            self.send(signal.SIGCONT)
            self.process.terminate()
        self.process.communicate(timeout=60)


@pytest.fixture
def serve(estate: Estate, tmp_path: Path) -> Iterator[Callable[[], Server]]:
    servers: list[Server] = []

    def start() -> Server:
        servers.append(Server(estate, tmp_path / f"server-{len(servers)}"))
        return servers[-1]

    yield start
    for server in servers:
        server.end()


def asked(estate: Estate, jobs: int = JOBS_ASKED) -> list[int]:
    """The numbers of jobs, each of a patient's folder."""
    for job in range(jobs):
        for number in range(FILES):
            content = ct(f"47{job:02d}", f"1.2.840.{job + 1}.{number + 1}")
            estate.put(f"j{job}/{number}.dcm", content)
    return [estate.submit(f"folder:j{job}", pseudo_id=f"P{job}") for job in range(jobs)]


def at_work(estate: Estate) -> set[str]:
    """The servers that have jobs now."""
    with estate.house.database.engine.connect() as connection:
        held = select(JOBS.c.worker).where(JOBS.c.lease_ends.is_not(None))
        return {name for (name,) in connection.execute(held)}


def paused_at_work(zombie: Server, estate: Estate, numbers: list[int]) -> int:
    """The job that the server, which is stopped now, has half cleaned."""
    for _ in numbers:
        wait_until(lambda: any(estate.job(n).state is State.CLEANING for n in numbers))
        zombie.send(signal.SIGSTOP)
        half = [number for number in numbers if estate.job(number).state is State.CLEANING]
        if half:
            return half[0]
        zombie.send(signal.SIGCONT)  # it was done just before
    raise AssertionError("no job was caught half done")


def finish(estate: Estate, numbers: list[int]) -> None:
    """Wait until every job has ended."""
    wait_until(lambda: all(job.ended for job in estate.house.ledger.jobs(numbers)), 120)


def endings(estate: Estate) -> list[Entry]:
    """What the audit says of ends of jobs."""
    entries = estate.house.heads.entries(0, 1000)
    return [one for one in entries if one.what in ("job delivered", "job refused")]


def check_each_done_once(estate: Estate, numbers: list[int], folder: Path) -> None:
    """Every job delivered what `dicomveil deid` makes by hand, and was entered once."""
    for job in estate.house.ledger.jobs(numbers):
        assert (job.state, job.counts.found, job.counts.delivered) == (State.DONE, FILES, FILES)
        made = by_hand(estate, job.id, folder / f"recipe-{job.id}")
        assert outputs(estate.output(job.id)) == made
    left = sorted(path.name for path in (estate.share / "out" / "x").iterdir())
    assert left == sorted(map(str, numbers))
    assert sorted(entry.on for entry in endings(estate)) == sorted(f"job {n}" for n in numbers)
    estate.house.heads.verify()


def test_servers_share_the_work_and_one_that_is_killed_loses_none(
    estate: Estate, serve: Callable[[], Server], tmp_path: Path
) -> None:
    one, other = serve(), serve()
    numbers = asked(estate)

    wait_until(lambda: at_work(estate) == {one.name, other.name})
    one.send(signal.SIGKILL)
    finish(estate, numbers)

    check_each_done_once(estate, numbers, tmp_path)


def test_a_server_that_was_paused_and_finishes_late_publishes_nothing(
    estate: Estate, serve: Callable[[], Server], tmp_path: Path
) -> None:
    zombie = serve()
    numbers = asked(estate, 4)
    half = paused_at_work(zombie, estate, numbers)
    serve()

    finish(estate, numbers)
    published = {n: estate.output(n).stat().st_ino for n in numbers}
    zombie.send(signal.SIGCONT)
    (later,) = [estate.submit("folder:j1", pseudo_id="P9")]
    finish(estate, [later])
    time.sleep(4)  # longer than a lease: the late one has said what it had to say

    assert estate.job(half).attempt > 1
    assert {n: estate.output(n).stat().st_ino for n in numbers} == published
    check_each_done_once(estate, [*numbers, later], tmp_path)


def test_a_database_that_is_killed_and_started_again_loses_nothing(
    estate: Estate, serve: Callable[[], Server], postgresql: Cluster, tmp_path: Path
) -> None:
    serve()
    numbers = asked(estate, 4)
    wait_until(lambda: bool(at_work(estate)))

    postgresql.kill()
    postgresql.start()
    finish(estate, numbers)

    check_each_done_once(estate, numbers, tmp_path)
