"""Good manners towards a place: how many at once, how fast, at which hours, and when to let it be.

One `Manners` is shared by everything in a process that asks one place. Trouble that may pass is
tried again after a pause that doubles; a place that keeps failing is left alone for a while (the
circuit is open), and the first who asks after that finds out whether it is back.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from datetime import time as time_of_day
from typing import Final, NamedTuple, Protocol, TypeVar

from dicomveil.errors import PlaceBusy, Unusable

_R = TypeVar("_R")
_MINUTES: Final = 60


class Hours(NamedTuple):
    """When a place may be asked, on this machine's clock; may go past midnight."""

    opens: time_of_day
    closes: time_of_day

    def __contains__(self, moment: object) -> bool:
        """Whether the place may be asked at this time of day."""
        assert isinstance(moment, time_of_day)
        if self.opens <= self.closes:
            return self.opens <= moment < self.closes
        return moment >= self.opens or moment < self.closes

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}-{self.closes:%H:%M}"

    @classmethod
    def of(cls, text: str) -> "Hours":
        """The hours that `19:00-07:00` says; Unusable for any other form."""
        opens, _, closes = text.partition("-")
        try:
            return cls(time_of_day.fromisoformat(opens), time_of_day.fromisoformat(closes))
        except ValueError:
            raise Unusable("hours are written as 19:00-07:00") from None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a place is asked to bear."""

    at_once: int = 4  # associations, connections or calls
    per_second: float = 0  # requests begun; 0 for as many as it bears
    hours: Hours | None = None  # None for always
    attempts: int = 3  # of one request, before its trouble is passed on
    pause: float = 0.5  # seconds before the second attempt; doubled for each more
    trips_after: int = 5  # failures in a row that open the circuit
    rest: float = 30  # seconds that it then stays open; doubled until an hour while nothing works


class Clock(Protocol):
    """The time, and waiting."""

    def monotonic(self) -> float:
        """Seconds since some moment."""
        ...

    def time_of_day(self) -> time_of_day:
        """What the clock on the wall shows."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class MachineClock:
    """The machine's own clock."""

    def monotonic(self) -> float:
        """Seconds since some moment."""
        return time.monotonic()

    def time_of_day(self) -> time_of_day:
        """What the clock on the wall shows."""
        return datetime.now().astimezone().time()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class Manners:
    """What one process owes one place; may be used by several threads."""

    def __init__(
        self, place: str, limits: Limits | None = None, clock: Clock | None = None
    ) -> None:
        """Keep `limits` towards the place of this name."""
        self.place = place
        self.limits = limits or Limits()
        self._clock = clock or MachineClock()
        self._slots = threading.BoundedSemaphore(self.limits.at_once)
        self._lock = threading.Lock()
        self._next = 0.0  # when the next request may begin
        self._failures = 0  # in a row
        self._closed_until = 0.0
        self._rest = self.limits.rest

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One of the requests at once; waits for a place in the line and for the rate.

        Raises PlaceBusy outside the hours, and while the circuit is open. A PlaceBusy that comes
        out of the block counts against the place, any other end of the block speaks for it.
        """
        with self._slots:
            self._admit()
            self._wait_for_rate()
            try:
                yield
            except PlaceBusy:
                self._note_failure()
                raise
            self._note_answer()

    def tried(self, request: Callable[[], _R]) -> _R:
        """What the request gives, after as many attempts as are allowed; raises its last trouble.

        Only PlaceBusy is tried again: what a place refuses it will refuse again.
        """
        pause = self.limits.pause
        for _ in range(self.limits.attempts - 1):
            try:
                with self.turn():
                    return request()
            except PlaceBusy:
                if self.is_open or not self._in_hours():
                    raise
            self._clock.sleep(pause)
            pause *= 2
        with self.turn():
            return request()

    @property
    def is_open(self) -> bool:
        """Whether the place is left alone for now."""
        return self._clock.monotonic() < self._closed_until

    def _in_hours(self) -> bool:
        hours = self.limits.hours
        return hours is None or self._clock.time_of_day() in hours

    def _admit(self) -> None:
        if not self._in_hours():
            raise PlaceBusy(self.place, f"it is asked between {self.limits.hours} only")
        wait = self._closed_until - self._clock.monotonic()
        if wait > 0:
            raise PlaceBusy(
                self.place, f"it failed {self._failures} times in a row, and rests for {wait:.0f} s"
            )

    def _wait_for_rate(self) -> None:
        if not self.limits.per_second:
            return
        with self._lock:
            now = self._clock.monotonic()
            begins = max(self._next, now)
            self._next = begins + 1 / self.limits.per_second
        if begins > now:
            self._clock.sleep(begins - now)

    def _note_failure(self) -> None:
        with self._lock:
            self._failures += 1
            if self._failures >= self.limits.trips_after:
                self._closed_until = self._clock.monotonic() + self._rest
                self._rest = min(2 * self._rest, _MINUTES * _MINUTES)

    def _note_answer(self) -> None:
        with self._lock:
            self._failures = 0
            self._rest = self.limits.rest
