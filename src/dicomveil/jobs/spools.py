"""The spools of a server: originals that were fetched for an attempt, gone when it ends.

    spool/            mode 0700, outside every share; swept when the server starts
    spool/7           what was fetched for the attempt at job 7 that is under way

One attempt at a time fetches from a place, so that its limits hold for the server as a whole.
"""

import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from dicomveil.errors import Unusable
from dicomveil.jobs import fetching
from dicomveil.jobs.fetching import Brought, Wanted
from dicomveil.jobs.locating import Located
from dicomveil.mapping.shares import Shares
from dicomveil.places.landing import failing, sweep

_PATIENCE: Final = 30.0  # seconds that an attempt waits for its turn before it is put off
_PRIVATE: Final = 0o700


class NotYet(Exception):
    """It is not the job's turn at the place, or not the place's time; its message says which."""


class Spools:
    """Fetches for attempts, and removes what was fetched."""

    def __init__(self, folder: Path, register: Path) -> None:
        """Fetch below `folder` from the places of the file `register`."""
        self._folder = folder
        self._register = register
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def fetched(self, job: int, wanted: Wanted, ask: Callable[..., Any]) -> Located:
        """What was brought for the job, by a worker process; NotYet when it is to come later."""
        spool = self._folder / str(job)
        sweep(spool)
        with failing():
            spool.mkdir(mode=_PRIVATE, parents=True)
        with self._turn(wanted.places):
            brought: Brought = ask(fetching.fetch, wanted, self._register, spool)
        if brought.later:
            raise NotYet(brought.later)
        path = os.fsencode(spool)
        return Located((path,), path, fetched=wanted.source(brought.place))

    def drop(self, job: int) -> None:
        """Remove what was fetched for the job; Failed when the machine cannot."""
        sweep(self._folder / str(job))

    def begin(self, shares: Shares) -> None:
        """Remove what was left by a server that was killed; nobody else uses the folder now.

        Raises Unusable for a folder that lies on one of the shares.
        """
        for line in shares.lines:
            if self._folder.resolve().is_relative_to(Path(line.local).resolve()):
                raise Unusable("the spool lies on a share: originals would be seen there")
        sweep(self._folder)
        with failing():
            self._folder.mkdir(mode=_PRIVATE, parents=True)

    @contextmanager
    def _turn(self, places: tuple[str, ...]) -> Iterator[None]:
        """The turn at all of the places; in one order, so that nobody waits forever."""
        with ExitStack() as held:
            for name in sorted(places):
                turn = self._turns[name]
                if not turn.acquire(timeout=_PATIENCE):
                    raise NotYet("waits for its turn: other jobs are fetched from there")
                held.callback(turn.release)
            yield
