"""What one command cost: wall clock, CPU and peak memory of its whole process tree.

The command is started by this same file, run as a bare Python (`-I -S`) of its own, because Linux
counts the memory of the process that called exec into the new program's `ru_maxrss`: started from
the benchmark itself, everything would seem to need as much as numpy. The floor is thus 9 MB.
That small parent also adopts orphans (PR_SET_CHILD_SUBREAPER), so that no worker's CPU is missed.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

_SUBREAPER = 36  # linux/prctl.h


class Cost(NamedTuple):
    """One run of one command; seconds, and the largest process of the tree in MB (2**20)."""

    wall: float
    cpu: float
    peak_mb: float
    code: int


def measured(command: Sequence[str], *, log: str, env: Mapping[str, str] | None = None) -> Cost:
    """Run the command to its end, its output to the file `log`, and say what it cost."""
    import subprocess  # not at the top: the small parent has no use for it

    small_parent = [sys.executable, "-I", "-S", __file__, log, *command]
    done = subprocess.run(small_parent, env=env, stdout=subprocess.PIPE, check=True)
    return Cost(**json.loads(done.stdout))


def _run(log: str, command: list[str]) -> Cost:
    _adopt_orphans()
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    streams = [(os.POSIX_SPAWN_DUP2, out, fd) for fd in (1, 2)]
    before = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ, file_actions=streams)
    _, status = os.waitpid(child, 0)
    wall = time.perf_counter() - before
    _wait_for_orphans()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    code = os.waitstatus_to_exitcode(status)
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, code)


def _adopt_orphans() -> None:
    import ctypes

    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


def _wait_for_orphans() -> None:
    try:
        while True:
            os.wait()
    except ChildProcessError:
        return


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_run(sys.argv[1], sys.argv[2:])._asdict()))
