"""What the server bears: `python -m benchmarks.server`.

100,000 jobs in the ledger, 200 clients that each ask for the status of 500 jobs every 5 seconds,
each time by a new connection as anonapi does, while the workers de-identify; the time that small
jobs take; and the memory of a server that has nothing to do.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from sqlalchemy import text

from benchmarks.corpora import corpus, generate
from dicomveil.jobs.ledger import Submission
from dicomveil.jobs.model import JobRequest, Pixels, Recipe, Role
from dicomveil.mapping.sources import SourceType, make_source
from dicomveil.serving import House, make_house
from dicomveil.settings import load_settings

SHARE = r"\\server\share"
SETTINGS = """[server]
state = "state"
port = 0
workers = 2
[shares]
'\\\\server\\share' = "{share}"
"""
EVERY = 5.0
ASKED = 500


@dataclass
class Bench:
    """A server, its folder and its token."""

    folder: Path
    token: str = ""
    url: str = ""
    process: subprocess.Popen[str] | None = None
    times: list[float] = field(default_factory=list)
    errors: int = 0

    def make(self, jobs: int) -> None:
        """Make the server with so many jobs that are done."""
        for name in ("data", "out"):
            (self.folder / "share" / name).mkdir(parents=True)
        place = self.folder / "dicomveil.toml"
        place.write_text(SETTINGS.format(share=self.folder / "share"), "utf-8")
        house = make_house(load_settings({}, str(place)))
        recipe = Recipe(
            key=house.keyring.make(),
            sources=(rf"{SHARE}\data",),
            destinations=(rf"{SHARE}\out",),
            pixels=Pixels.ACCEPTED,
        )
        house.registry.add_project("bench", recipe, "bench")
        house.registry.add_user("bench", Role.DATA_MANAGER, "bench")
        house.registry.join("bench", "bench", "bench")
        self.token = house.tokens.issue("bench", "", "bench")[1]
        _fill(house, jobs)
        house.close()

    def start(self) -> None:
        """Start the server."""
        settings = str(self.folder / "dicomveil.toml")
        command = [sys.executable, "-m", "dicomveil", "serve", "--settings", settings]
        with (self.folder / "log").open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, env=dict(os.environ)
            )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split()[-1]

    def call(self, method: str, function: str, fields: dict[str, object]) -> dict[str, object]:
        """One call of the protocol."""
        headers = {"Authorization": f"Token {self.token}"}
        body = urlencode(fields, doseq=True).encode()
        request = Request(f"{self.url}/{function}", body, headers, method=method)  # noqa: S310
        with urlopen(request, timeout=60) as answer:  # noqa: S310 - the benchmark's own server
            return dict(json.load(answer))

    def create(self, source: str, count: int) -> list[int]:
        """So many jobs over one folder."""
        fields: dict[str, object] = {
            "source_type": "PATH",
            "source_path": rf"{SHARE}\data\{source}",
            "destination_path": rf"{SHARE}\out",
            "project_name": "bench",
            "anonymizedpatientid": "bench",
        }
        created = (self.call("POST", "create_job", fields) for _ in range(count))
        return [int(str(job["job_id"])) for job in created]


def _fill(house: House, jobs: int) -> None:
    user, project = house.registry.user("bench"), house.registry.project("bench")
    request = JobRequest(
        project="bench",
        source=make_source(SourceType.FOLDER, rf"{SHARE}\data\a"),
        destination=rf"{SHARE}\out",
        pseudo_id="bench",
        description="one of very many jobs",
    )
    submission = Submission(request=request, owner=user, project_id=project.id)
    for _ in range(jobs // 1000):
        house.ledger.submit_all([submission] * 1000)
    with house.database.engine.begin() as connection:
        connection.execute(text("UPDATE jobs SET state = 'done', found = 3, delivered = 3"))


async def poll(bench: Bench, jobs: int, until: float, random: Random) -> None:
    """Be one client: ask, wait for the rest of 5 seconds, ask again."""
    await asyncio.sleep(random.uniform(0, EVERY))
    first = random.randrange(1, max(2, jobs - ASKED))
    body = urlencode([("job_ids", first + at) for at in range(ASKED)]).encode()
    while time.monotonic() < until:
        began = time.monotonic()
        try:
            size = await _asked(bench, body)
        except OSError:
            size = 0
        took = time.monotonic() - began
        bench.times.append(took)
        bench.errors += size < 10_000
        await asyncio.sleep(max(0.0, EVERY - took))


async def _asked(bench: Bench, body: bytes) -> int:
    """The size of the answer; 0 for one that is not 200."""
    where = urlsplit(bench.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    head = (
        f"GET /get_jobs_list HTTP/1.1\r\nHost: {where.netloc}\r\nConnection: close\r\n"
        f"Authorization: Token {bench.token}\r\nContent-Length: {len(body)}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
    )
    writer.write(head.encode() + body)
    answer = await reader.read(-1)
    writer.close()
    return len(answer) if answer.startswith(b"HTTP/1.1 200") else 0


async def load(bench: Bench, clients: int, jobs: int, seconds: float) -> None:
    """All clients at once."""
    until = time.monotonic() + seconds
    await asyncio.gather(*(poll(bench, jobs, until, Random(at)) for at in range(clients)))


def pss(root: int) -> float:
    """The proportional set size of a process and all below it, in MB."""
    below = {root}
    parents = _parents()
    while more := {pid for pid, parent in parents.items() if parent in below} - below:
        below |= more
    total = 0
    for pid in below:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def _parents() -> dict[int, int]:
    """The parent of each process there is."""
    found: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        with suppress(OSError):  # it ended meanwhile
            if entry.name.isdigit():
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
                found[int(entry.name)] = int(stat[1])
    return found


def told(times: Sequence[float]) -> str:
    """Median, 99th percentile and the longest, in milliseconds."""
    ordered = sorted(times)
    named = {"median": 0.5, "p99": 0.99, "longest": 1.0}
    last = len(ordered) - 1
    at = {name: ordered[min(last, int(share * len(ordered)))] for name, share in named.items()}
    return ", ".join(f"{name} {value * 1000:.0f} ms" for name, value in at.items())


def _counted(bench: Bench, numbers: list[int], *statuses: str) -> int:
    """How many of the jobs have one of the statuses."""
    jobs = bench.call("GET", "get_jobs_list", {"job_ids": numbers})
    return sum(isinstance(job, dict) and job["status"] in statuses for job in jobs.values())


def furnish(data: Path, scratch: Path) -> None:
    """A folder of many slices, and one of five."""
    tree = generate(corpus("ct", scale=0.2), scratch)
    shutil.move(tree.tenth, data / "busy")
    (data / "small").mkdir()
    for file in sorted(path for path in (data / "busy").rglob("*") if path.is_file())[:5]:
        shutil.copy(file, data / "small")


def measure_idle(bench: Bench) -> None:
    """What the server takes that has nothing to do; its workers are there."""
    assert bench.process is not None
    finish(bench, bench.create("small", 4))
    time.sleep(3)
    print(f"idle, with its workers: {pss(bench.process.pid):.0f} MB PSS; at most 150")


def measure_polls(bench: Bench, given: argparse.Namespace) -> None:
    """How soon many clients are answered while the workers de-identify."""
    busy = bench.create("busy", 400)
    asyncio.run(load(bench, given.clients, given.jobs, given.seconds))
    print(f"{len(bench.times)} answers, {bench.errors} errors: {told(bench.times)}")
    print("  wanted: median at most 50 ms, p99 at most 300 ms, no error")
    print(f"{_counted(bench, busy, 'DONE')} of {len(busy)} busy jobs done meanwhile")
    for number in busy:
        with suppress(OSError):  # it is done
            bench.call("POST", "cancel_job", {"job_id": number})


def measure_small(bench: Bench, count: int) -> None:
    """How many jobs of five files end in a second."""
    began = time.monotonic()
    finish(bench, bench.create("small", count))
    print(f"{count / (time.monotonic() - began):.0f} small jobs a second; at least 40")


def finish(bench: Bench, jobs: list[int]) -> None:
    """Wait until the jobs have ended."""
    while _counted(bench, jobs, "ACTIVE", "UPLOADED"):
        time.sleep(0.5)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--small", type=int, default=1000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder))
        bench.make(given.jobs)
        furnish(bench.folder / "share" / "data", bench.folder / "corpus")
        bench.start()
        assert bench.process is not None
        try:
            measure_idle(bench)
            measure_polls(bench, given)
            measure_small(bench, given.small)
        finally:
            bench.process.terminate()
            bench.process.wait()


if __name__ == "__main__":
    main()
