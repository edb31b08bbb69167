"""The pace of a job: a rate and the time left, or the word that nobody knows."""

from datetime import timedelta

import pytest

from dicomveil.jobs.pulses import Pulse
from dicomveil.server.pages.drawing import span
from dicomveil.server.pages.paces import pace_of
from tests.server.world import World


def test_the_time_left_follows_from_the_files_and_the_rate(server: World) -> None:
    server.asked("z1")
    (claim,) = server.ledger.claim("test")
    server.ledger.progress(claim, found=20, delivered=18)
    job = server.ledger.job(1)
    assert job.begun is not None

    pace = pace_of(job, Pulse(job.begun, files=100), job.begun + timedelta(seconds=10))

    assert (pace.rate, pace.left) == (2.0, timedelta(seconds=40))
    assert not pace.is_silent


def test_nothing_is_said_of_a_job_that_no_worker_has(server: World) -> None:
    server.asked("z1")
    job = server.ledger.job(1)

    pace = pace_of(job, None, job.created)

    assert (pace.rate, pace.left, pace.quiet, pace.is_silent) == (None, None, None, False)


def test_a_source_that_is_not_counted_leaves_the_time_unknown(server: World) -> None:
    server.asked("z1")
    (claim,) = server.ledger.claim("test")
    server.ledger.progress(claim, found=20, delivered=18)
    job = server.ledger.job(1)
    assert job.begun is not None

    pace = pace_of(job, Pulse(job.begun, files=None), job.begun + timedelta(seconds=61))

    assert span(pace.left) == "unknown"
    assert pace.is_silent


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-1, "0 s"), (4, "4 s"), (119, "119 s"), (720, "12 min"), (11_100, "3 h 5 min")],
)
def test_a_time_is_said_in_its_largest_units(seconds: int, said: str) -> None:
    assert span(timedelta(seconds=seconds)) == said
