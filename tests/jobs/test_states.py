"""The life of a job, as its table has it."""

import re

import pytest

from dicomveil.job_errors import NotNow
from dicomveil.jobs.states import ENDED, MOVES, STATUS, WORKING, Event, State, Status, after
from tests.house.tree import ROOT

PAGE = (ROOT / "docs" / "jobs.md").read_text("utf-8")


def test_every_state_has_a_status_of_anonapi() -> None:
    assert set(STATUS) == set(State)
    assert set(STATUS.values()) == set(Status)


@pytest.mark.parametrize("state", sorted(set(State) - ENDED))
def test_every_state_that_is_no_end_leads_to_one(state: State) -> None:
    reached = {state}
    while new := {to for (here, _), to in MOVES.items() if here in reached} - reached:
        reached |= new

    assert reached >= {State.DONE, State.FAILED, State.CANCELLED}


@pytest.mark.parametrize("state", sorted(WORKING))
def test_a_job_whose_server_died_can_be_taken_up_in_every_working_state(state: State) -> None:
    assert after(state, Event.EXPIRED) is State.QUEUED


def test_what_the_table_does_not_have_cannot_happen() -> None:
    with pytest.raises(NotNow, match="done cannot be claimed"):
        after(State.DONE, Event.CLAIMED)


def test_the_manual_has_the_same_table() -> None:
    rows = re.findall(r"^\| `([a-z]+)` \| `([a-z]+)` \| `([a-z]+)` \|$", PAGE, re.MULTILINE)

    assert {(State(a), Event(b)): State(c) for a, b, c in rows} == dict(MOVES)
