"""A server that is killed again and again delivers what `dicomveil deid` does by hand, once."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from dicomveil.jobs.exporting import RECIPE, export
from dicomveil.jobs.model import Job
from dicomveil.jobs.states import State
from tests.jobs.estate import Estate, ct

KILLS = 5
JOBS = 12
FILES = 40
PROGRAM = """
import sys, threading
from pathlib import Path
from dicomveil.serving import open_house
from dicomveil.settings import Settings

if __name__ == "__main__":
    state, share = sys.argv[1:]
    shares = ((r"\\\\srv\\share", share),)
    house = open_house(Settings(state=Path(state), workers=2, lease_seconds=3, shares=shares))
    house.dispatcher().start()
    print("ready", flush=True)
    threading.Event().wait()
"""


def served(estate: Estate, program: Path) -> "subprocess.Popen[str]":
    """A server at work in a process of its own."""
    command = [sys.executable, str(program), str(estate.settings.state), str(estate.share)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    assert server.stdout.readline() == "ready\n"
    return server


def fill(estate: Estate) -> None:
    """Folders of one patient each, and selections of every second file."""
    for job in range(JOBS):
        names = [f"j{job}/{number}.dcm" for number in range(FILES)]
        for number, name in enumerate(names):
            estate.put(name, ct(f"47{job:02d}", f"1.2.840.{job + 1}.{number + 1}"))
        listed = "".join(f"- {number}.dcm\n" for number in range(0, FILES, 2))
        text = f"id: 1\ndescription: some\nselected_paths:\n{listed}"
        estate.put(f"s{job}.txt", text.replace("- ", f"- j{job}/").encode())


def outputs(folder: Path) -> dict[str, bytes]:
    """Every file of an output, by its path below."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def by_hand(estate: Estate, number: int, folder: Path) -> dict[str, bytes]:
    """What the exported recipe of a job gives."""
    export(estate.house.ledger, estate.house.keyring, number, folder)
    command = json.loads((folder / RECIPE).read_text())["command"]
    line = [sys.executable, "-m", *command[:-1], str(folder / "out")]
    subprocess.run(line, check=True, capture_output=True)
    return outputs(folder / "out")


def ended(estate: Estate, numbers: list[int]) -> list[Job]:
    """The jobs, once all of them ended."""
    deadline = time.monotonic() + 120
    while any(job.ended is None for job in estate.house.ledger.jobs(numbers)):
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.1)
    return estate.house.ledger.jobs(numbers)


def test_a_server_killed_five_times_delivers_each_job_once_and_whole(tmp_path: Path) -> None:
    estate = Estate(tmp_path)
    fill(estate)
    program = tmp_path / "server.py"
    program.write_text(PROGRAM)
    sources = [f"folder:j{n}" if n % 2 else f"fileselection:s{n}.txt" for n in range(JOBS)]
    numbers = [estate.submit(s, pseudo_id=f"P{n}") for n, s in enumerate(sources)]
    chance = random.Random(6)

    for _ in range(KILLS):
        server = served(estate, program)
        time.sleep(chance.uniform(0.1, 0.8))
        os.kill(server.pid, signal.SIGKILL)
        server.communicate()
    server = served(estate, program)
    jobs = ended(estate, numbers)
    server.terminate()
    server.communicate()

    assert {job.state for job in jobs} == {State.DONE}
    for job in jobs:
        counts = job.counts
        assert counts.found == counts.delivered == (FILES if "j" in job.source[-4:] else FILES // 2)
        made = by_hand(estate, job.id, tmp_path / f"recipe-{job.id}")
        assert outputs(estate.output(job.id)) == made
    left = [path.name for path in (estate.share / "out" / "x").iterdir()]
    assert sorted(left, key=int) == [str(number) for number in numbers]
    estate.house.close()


def test_two_servers_never_work_with_one_folder(tmp_path: Path) -> None:
    estate = Estate(tmp_path)
    program = tmp_path / "server.py"
    program.write_text(PROGRAM)
    server = served(estate, program)

    command = [sys.executable, str(program), str(estate.settings.state), str(estate.share)]
    other = subprocess.run(command, capture_output=True, text=True, check=False)

    server.kill()
    server.communicate()
    assert "another server is at work" in other.stderr
    estate.house.close()
