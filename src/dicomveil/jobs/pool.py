"""Executors: where chunks are cleaned. Processes of this machine, or this process itself.

Any `concurrent.futures.Executor` will do that runs `worker.work` where SRC, DST and the private
folder are mounted.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, ParamSpec, Protocol, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import BrokenExecutor

_P = ParamSpec("_P")
_T = TypeVar("_T")
_Result_co = TypeVar("_Result_co", covariant=True)


class Future(Protocol[_Result_co]):
    """What the run asks of a `concurrent.futures.Future`."""

    def done(self) -> bool:
        """Whether the work is over."""
        ...

    def result(self) -> _Result_co:
        """What the work gave, once it is over; raises what it raised."""
        ...

    def exception(self) -> BaseException | None:
        """What the work raised, once it is over."""
        ...


class Executor(Protocol):
    """What the run asks of a `concurrent.futures.Executor`."""

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Do this piece of work, here or elsewhere."""
        ...

    def shutdown(self, wait: bool = ..., *, cancel_futures: bool = ...) -> None:  # noqa: FBT001 - Executor's own signature
        """Take no more work, and end."""
        ...


MakeExecutor = Callable[[int], Executor]
"""Makes an executor of so many workers."""


class Over(Generic[_T]):
    """A future of what is over already: a result, or what was raised."""

    __slots__ = ("_raised", "_result")

    def __init__(self, result: _T | None = None, raised: BaseException | None = None) -> None:
        """Hold a result, or what was raised."""
        self._result = result
        self._raised = raised

    def done(self) -> bool:
        """It is."""
        return True

    def result(self) -> _T:
        """The result; raises what was raised."""
        if self._raised is not None:
            raise self._raised
        return self._result  # type: ignore[return-value] # None only where _T allows it

    def exception(self) -> BaseException | None:
        """What was raised."""
        return self._raised


class Here:
    """Does each piece of work at once, in this process."""

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Over[_T]:
        """The result, in a future that is over."""
        try:
            return Over(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - a future holds what its work raised
            return Over(raised=error)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 - Executor's own signature
        """There is nothing to end."""


def broken() -> "type[BrokenExecutor]":
    """What is raised when a process was lost; for `except`, which asks only when it must."""
    # Imported here: with its logging it costs a run in one process 8 ms of its start.
    from concurrent.futures import BrokenExecutor

    return BrokenExecutor


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
