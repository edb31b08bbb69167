"""Executors: where chunks are cleaned. Processes of this machine, or this process itself.

Any `concurrent.futures.Executor` will do that runs `worker.work` where SRC, DST and the private
folder are mounted.
"""

import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import ParamSpec, TypeVar

MakeExecutor = Callable[[int], Executor]
"""Makes an executor of so many workers."""

_P = ParamSpec("_P")
_T = TypeVar("_T")


class Here(Executor):
    """Does each piece of work at once, in this process."""

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> "Future[_T]":
        """The result, in a future that is done."""
        future: Future[_T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - a future holds what its work raised
            future.set_exception(error)
        return future


def here(_workers: int) -> Executor:
    """No worker but this process."""
    return Here()


def processes(workers: int) -> Executor:
    """Worker processes, forked where that is sound, so that they share what is built already."""
    # Imported here: a run in one process starts 10 ms earlier without them.
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    method = "fork" if sys.platform == "linux" else "spawn"
    context = multiprocessing.get_context(method)
    return ProcessPoolExecutor(workers, context, initializer=_begin_work)


def executors_of(workers: int) -> MakeExecutor:
    """What so many workers are: this process, or several."""
    return here if workers == 1 else processes


def usable_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _begin_work() -> None:
    """Leave Ctrl-C to the parent, end with a broken pool, and end when the parent is killed."""
    import threading

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    import multiprocessing
    from multiprocessing.connection import wait

    parent = multiprocessing.parent_process()
    assert parent is not None  # this runs in workers only
    wait([parent.sentinel])
    os._exit(1)
