"""Good manners: what is waited for, tried again, and left alone."""

import threading
from datetime import time

import pytest

from dicomveil.errors import PlaceBusy, PlaceRefuses, Unusable
from dicomveil.places.manners import Hours, Limits, Manners


class Wall:
    """A clock that moves when somebody sleeps."""

    def __init__(self, hour: int = 12) -> None:
        self.now = 0.0
        self.hour = hour
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def time_of_day(self) -> time:
        return time(self.hour)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Failing:
    """A request that fails so many times, and then gives its number of calls."""

    def __init__(self, times: int, error: type[PlaceBusy | PlaceRefuses] = PlaceBusy) -> None:
        self.left = times
        self.calls = 0
        self.error = error

    def __call__(self) -> int:
        self.calls += 1
        if self.left > 0:
            self.left -= 1
            raise self.error("pacs", "it is so")
        return self.calls


def test_trouble_that_may_pass_is_tried_again_after_pauses_that_double() -> None:
    clock = Wall()
    request = Failing(2)

    assert Manners("pacs", Limits(attempts=4, pause=0.5), clock).tried(request) == 3

    assert clock.slept == [0.5, 1.0]


def test_the_last_trouble_is_passed_on() -> None:
    request = Failing(9)

    with pytest.raises(PlaceBusy):
        Manners("pacs", Limits(attempts=3), Wall()).tried(request)

    assert request.calls == 3


def test_what_a_place_refuses_is_not_asked_again() -> None:
    request = Failing(1, PlaceRefuses)

    with pytest.raises(PlaceRefuses):
        Manners("pacs", Limits(), Wall()).tried(request)

    assert request.calls == 1


def test_a_place_that_keeps_failing_is_left_alone_and_then_asked_once() -> None:
    clock = Wall()
    manners = Manners("pacs", Limits(attempts=1, trips_after=3, rest=30), clock)
    request = Failing(4)
    for _ in range(3):
        with pytest.raises(PlaceBusy, match="it is so"):
            manners.tried(request)

    with pytest.raises(PlaceBusy, match="3 times in a row, and rests for 30 s"):
        manners.tried(request)
    assert request.calls == 3
    clock.now += 31
    with pytest.raises(PlaceBusy, match="it is so"):
        manners.tried(request)
    with pytest.raises(PlaceBusy, match="rests for 60 s"):
        manners.tried(request)
    clock.now += 61
    assert manners.tried(request) == 5
    assert not manners.is_open


def test_requests_begin_no_faster_than_the_rate() -> None:
    clock = Wall()
    manners = Manners("pacs", Limits(per_second=4), clock)

    for _ in range(5):
        with manners.turn():
            pass

    assert clock.now == pytest.approx(1.0)


def test_no_more_are_at_work_than_allowed() -> None:
    manners = Manners("pacs", Limits(at_once=2))
    inside, most = [0], [0]
    lock = threading.Lock()
    together = threading.Barrier(2)

    def ask() -> None:
        with manners.turn():
            with lock:
                inside[0] += 1
                most[0] = max(most[0], inside[0])
            together.wait(10)
            with lock:
                inside[0] -= 1

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == [2]


@pytest.mark.parametrize(
    ("hours", "hour", "may"),
    [
        ("19:00-07:00", 23, True),
        ("19:00-07:00", 6, True),
        ("19:00-07:00", 7, False),
        ("19:00-07:00", 12, False),
        ("08:00-12:00", 8, True),
        ("08:00-12:00", 12, False),
    ],
)
def test_a_place_is_asked_in_its_hours_alone(hours: str, hour: int, may: bool) -> None:
    clock = Wall(hour)
    manners = Manners("pacs", Limits(hours=Hours.of(hours)), clock)
    request = Failing(0)

    if may:
        assert manners.tried(request) == 1
    else:
        with pytest.raises(PlaceBusy, match=f"between {hours} only"):
            manners.tried(request)
        assert clock.slept == []


@pytest.mark.parametrize("text", ["", "19", "19:00", "25:00-07:00", "19:00-", "night"])
def test_hours_of_another_form_are_not_accepted(text: str) -> None:
    with pytest.raises(Unusable, match="19:00-07:00"):
        Hours.of(text)
