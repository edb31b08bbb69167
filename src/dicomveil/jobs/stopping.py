"""How the parent tells workers to stop after the file they are at: a file that appears.

A file, because it works for any executor that shares the private folder; looked for at most ten
times a second, because looking costs as much as opening an original.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from time import monotonic
from types import FrameType
from typing import Final

NAME: Final = b"/stop"
_EVERY: Final = 0.1


class StopSign:
    """The worker's side: whether the parent asked to stop."""

    def __init__(self, journal: bytes) -> None:
        """Look in the folder of the journals."""
        self._path = journal + NAME
        self._next = 0.0

    def seen(self) -> bool:
        """Whether to stop now."""
        now = monotonic()
        if now < self._next:
            return False
        self._next = now + _EVERY
        return os.path.exists(self._path)


class Stopping:
    """The parent's side: asked once, a run ends after the files it is at."""

    def __init__(self, journal: bytes | None) -> None:
        """Tell workers by a file in this folder; None when there is none to write to."""
        self._path = journal + NAME if journal else None
        self.asked = False
        self.withdraw()

    def ask(self) -> None:
        """End the run soon."""
        self.asked = True
        if self._path is None:
            return
        try:
            os.close(os.open(self._path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        except OSError:
            return  # a full disk: the workers end after the chunk they are at instead

    def withdraw(self) -> None:
        """Take the sign away; an earlier run may have left it."""
        if self._path is not None and os.path.exists(self._path):
            os.unlink(self._path)


@contextmanager
def interruptible(stopping: Stopping) -> Iterator[None]:
    """Let the first Ctrl-C ask the run to end, and the second one break it off.

    Workers inherit this by fork, where it does nothing; they are told to ignore Ctrl-C anyway.
    A run in a thread leaves signals to the main thread, which alone may receive them.
    """
    if current_thread() is not main_thread():
        yield
        return

    def ask(_signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if os.getpid() == parent:
            stopping.ask()

    parent = os.getpid()
    before = signal.signal(signal.SIGINT, ask)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
