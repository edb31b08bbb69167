"""The dispatcher: claims jobs, has each carried out by a worker process, and keeps their leases.

One thread for each worker process claims and carries out one job after the other. Another renews
the leases, and kills the process of a job that was lost or cancelled; the sweep of expired leases
is its work too, apart from every claim.
"""

import logging
import os
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from time import monotonic
from typing import Final, NamedTuple, TypeVar

from dicomveil.jobs.attempt import Attempt, Bench
from dicomveil.jobs.hand import Hand, context
from dicomveil.jobs.ledger import LEASE
from dicomveil.jobs.model import Claim

_HOUR: Final = 3600.0
_MOMENT: Final = 0.05
_IDLE: Final = 1.0  # seconds between two looks for jobs, when nobody says that there are any
_LOG: Final = logging.getLogger("dicomveil.jobs")
_T = TypeVar("_T")


class Crew(NamedTuple):
    """Who carries jobs out: a name in the ledger, so many worker processes, leases so long."""

    name: str
    workers: int
    lease: timedelta = LEASE


class Dispatcher:
    """Carries out the jobs of a ledger, so many at once. `start`, then `stop`."""

    def __init__(
        self,
        bench: Bench,
        crew: Crew,
        *,
        hold: Callable[[], int],
        chores: Sequence[Callable[[], object]] = (),
    ) -> None:
        """Carry out jobs by this crew, and chores hourly.

        `hold` gives a lock while no other dispatcher of that name is at work.
        """
        self._bench = bench
        self._name = crew.name
        self._lease = crew.lease
        self._chores = chores
        self._hold = hold
        self._held: int | None = None
        self._stopping = threading.Event()
        self._news = threading.Condition()
        self._lock = threading.Lock()
        self._running: dict[int, tuple[Claim, Hand]] = {}
        making = context()
        self._hands = [Hand(making) for _ in range(crew.workers)]
        self._threads = [self._thread(self._work, hand) for hand in self._hands]
        self._threads.append(self._thread(self._keep))

    def start(self) -> None:
        """Take back what this dispatcher had when it was killed, and begin.

        CannotStart while another one is at work.
        """
        self._held = self._hold()
        released = self._bench.ledger.release(self._name)
        _LOG.info("dispatcher started", extra={"released": len(released)})
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """There may be jobs: look now."""
        with self._news:
            self._news.notify_all()

    def look(self) -> None:
        """Jobs may have been cancelled: look now."""
        self._lost()

    def stop(self) -> None:
        """Stop at once: what is being done is taken up where it stands at the next start."""
        self._stopping.set()
        self.wake()
        while any(thread.is_alive() for thread in self._threads):
            for hand in self._hands:
                hand.kill()
            for thread in self._threads:
                if thread.is_alive():
                    thread.join(_MOMENT)
        for hand in self._hands:
            hand.close()
        if self._held is not None:
            self._bench.ledger.release(self._name)
            os.close(self._held)
            self._held = None

    def _work(self, hand: Hand) -> None:
        """Claim and carry out jobs until stopped."""
        while not self._stopping.is_set():
            claims = self._guarded(self._claimed) or []
            for claim in claims:
                self._carry_out(claim, hand)
            if not claims:
                with self._news:
                    self._news.wait(_IDLE)

    def _claimed(self) -> list[Claim]:
        return self._bench.ledger.claim(self._name, 1, self._lease)

    def _carry_out(self, claim: Claim, hand: Hand) -> None:
        number = claim.job.id
        with self._lock:
            self._running[number] = claim, hand
            # A job that has the server to itself, or that was in trouble, may have all of it.
            alone = len(self._running) == 1
        workers = len(self._hands) if alone or claim.job.tries else 1
        try:
            attempt = Attempt(self._bench, claim, hand, workers)
            if not self._stopping.is_set():
                self._run(attempt)
        finally:
            with self._lock:
                del self._running[number]

    def _run(self, attempt: Attempt) -> None:
        """Run the attempt; a job that meets a fault is tried again a bounded number of times."""
        try:
            attempt.run()
        except Exception as error:  # noqa: BLE001 - the dispatcher outlives whatever a job meets
            _LOG.error("attempt failed", extra={"error": type(error).__name__})
            fault = error
            self._guarded(lambda: attempt.fault(fault))

    def _keep(self) -> None:
        """Renew leases and sweep, three times as often as leases end."""
        pause = self._lease.total_seconds() / 3
        next_chores = 0.0
        while not self._stopping.wait(min(pause, _IDLE)):
            self._guarded(self._lost)
            if self._guarded(self._bench.ledger.sweep):
                self.wake()
            if monotonic() >= next_chores:
                next_chores = monotonic() + _HOUR
                for chore in self._chores:
                    self._guarded(chore)

    def _lost(self) -> None:
        """Kill the processes of jobs that are no longer this dispatcher's."""
        with self._lock:
            running = dict(self._running)
        lost = self._bench.ledger.renew([claim for claim, _ in running.values()], self._lease)
        for claim in lost:
            with self._lock:
                still = self._running.get(claim.job.id)
                if still is not None and still[0] is claim:
                    still[1].kill()

    def _guarded(self, step: Callable[[], _T]) -> _T | None:
        """What the step gives; None when it fails, which the log says without its words."""
        try:
            return step()
        except Exception as error:  # noqa: BLE001 - the dispatcher outlives whatever a job meets
            _LOG.error("dispatcher failed", extra={"error": type(error).__name__})
            return None

    def _thread(self, work: Callable[..., None], *given: object) -> threading.Thread:
        return threading.Thread(target=work, args=given, name=work.__name__, daemon=True)
