"""A worker process: it does one piece of work at a time, and can be killed in the middle of it.

Work is a function of a module and its arguments; what it returns, or why it could not, comes back.
Killing is how jobs are cancelled and servers stopped: every step of the work survives it.
"""

import contextlib
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from typing import Any, Final, NamedTuple

from dicomveil.errors import DicomveilError, Failed, PlaceBusy, Short
from dicomveil.job_errors import JobRefused

Tell = Callable[[object], None]
"""Tells the parent how far the work is."""

_NICE: Final = 10  # below the server: calls are answered while every core de-identifies
_PRELOADED: Final = ("dicomveil.jobs.steps",)


class Lost(Exception):
    """The process died, or was killed, before the work was done."""


class Mishap(NamedTuple):
    """Why work was not done: an error as it goes from one process to another."""

    code: str
    text: str
    passing: bool  # it may go better another time


def context() -> ForkServerContext:
    """How worker processes are made: forked from a small process that has nothing but the engine.

    The server has threads and a database open: forking it would be unsound.
    """
    import multiprocessing

    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(list(_PRELOADED))
    return made


class Hand:
    """One worker process, started on first use and again after it died."""

    def __init__(self, making: ForkServerContext) -> None:
        """Make the process by `making`."""
        self._making = making
        self._process: Any = None
        self._line: Connection | None = None
        self._lock = threading.Lock()

    def ask(self, work: Callable[..., object], *given: object, watch: Tell | None = None) -> Any:  # noqa: ANN401 - what the work returns
        """What the work returned, or the Mishap that it met; Lost when the process died."""
        line = self._started()
        try:
            line.send((work, given))
            while True:
                kind, value = line.recv()
                if kind == "done":
                    return value
                if watch is not None:
                    watch(value)
        except (EOFError, OSError):
            self.close()
            raise Lost from None

    def kill(self) -> None:
        """End the process at once; whoever waits for its work is told that it is lost."""
        process = self._process
        if process is not None:
            process.kill()

    def close(self) -> None:
        """End the process and let go of it; only while nobody waits for its work."""
        self.kill()
        with self._lock:
            process, line = self._process, self._line
            self._process = self._line = None
        if process is not None:
            process.join()
        if line is not None:
            line.close()

    def _started(self) -> Connection:
        if self._line is not None and not self._process.is_alive():
            self.close()
        with self._lock:
            if self._line is not None:
                return self._line
            ours, theirs = self._making.Pipe()
            process = self._making.Process(target=serve, args=(theirs,))
            process.start()
            theirs.close()
            self._process, self._line = process, ours
            return ours


def serve(line: Connection) -> None:
    """Do what the parent asks until it goes."""
    os.nice(_NICE)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.suppress(EOFError, OSError):
        while True:
            work, given = line.recv()
            line.send(("done", done(work, given, lambda value: line.send(("told", value)))))


def done(work: Callable[..., object], given: tuple[object, ...], tell: Tell) -> object:
    """What the work returns, or the mishap it met; no text of a foreign error goes further."""
    try:
        return work(*given, tell)
    except JobRefused as error:
        return Mishap(error.code, str(error), passing=False)
    except (Failed, PlaceBusy, Short) as error:
        return Mishap(error.code, str(error), passing=True)
    except DicomveilError as error:
        return Mishap(error.code, str(error), passing=False)
    except OSError as error:
        return Mishap("io-error", os.strerror(error.errno or 0), passing=True)
    except MemoryError:
        return Mishap("no-memory", "there was not enough memory", passing=True)
    except Exception as error:  # noqa: BLE001 - nothing a job meets may end the server
        return Mishap("internal", f"a fault of dicomveil: {type(error).__name__}", passing=False)


def _end_with_parent() -> None:
    import multiprocessing
    from multiprocessing.connection import wait

    parent = multiprocessing.parent_process()
    assert parent is not None  # this runs in workers only
    wait([parent.sentinel])
    os._exit(1)
