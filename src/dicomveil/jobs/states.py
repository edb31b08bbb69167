"""The life of a job as a table: what may happen to it in each state, and where that leads.

What is not in `MOVES` cannot happen. The five statuses of anonapi's protocol are a view of the
states. docs/jobs.md draws the same table.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from dicomveil.job_errors import NotNow


class State(StrEnum):
    """Where a job is."""

    HELD = "held"  # waits for a second person's approval
    QUEUED = "queued"
    PAUSED = "paused"
    WAITING = "waiting"  # for its next attempt: after trouble that may pass, or for its project
    FETCHING = "fetching"  # an attempt has it: looking through its source, fetching from a PACS
    CLEANING = "cleaning"
    DELIVERING = "delivering"  # everything is ready and counted; the output gets its final name
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Event(StrEnum):
    """What can happen to a job."""

    APPROVED = "approved"
    CLAIMED = "claimed"
    FETCHED = "fetched"
    VERIFIED = "verified"
    DELIVERED = "delivered"
    POSTPONED = "postponed"  # not its turn: the project's key is missing, a limit is reached
    TROUBLED = "troubled"  # trouble that may pass: tried again, later each time
    REFUSED = "refused"  # trouble that stays
    EXPIRED = "expired"  # the attempt's lease ended: its server is gone
    DUE = "due"
    PAUSED = "paused"
    RESUMED = "resumed"
    CANCELLED = "cancelled"
    RESET = "reset"  # all over again


class Status(StrEnum):
    """The five statuses of anonapi's protocol; case matters to its clients."""

    ACTIVE = "ACTIVE"
    UPLOADED = "UPLOADED"
    DONE = "DONE"
    ERROR = "ERROR"
    INACTIVE = "INACTIVE"


WORKING: Final = frozenset({State.FETCHING, State.CLEANING, State.DELIVERING})
"""An attempt has the job, under a lease."""

ENDED: Final = frozenset({State.DONE, State.FAILED, State.CANCELLED})

MOVES: Final[Mapping[tuple[State, Event], State]] = {
    (State.HELD, Event.APPROVED): State.QUEUED,
    (State.HELD, Event.CANCELLED): State.CANCELLED,
    (State.QUEUED, Event.CLAIMED): State.FETCHING,
    (State.QUEUED, Event.PAUSED): State.PAUSED,
    (State.QUEUED, Event.CANCELLED): State.CANCELLED,
    (State.QUEUED, Event.RESET): State.QUEUED,
    (State.PAUSED, Event.RESUMED): State.QUEUED,
    (State.PAUSED, Event.CANCELLED): State.CANCELLED,
    (State.WAITING, Event.DUE): State.QUEUED,
    (State.WAITING, Event.RESET): State.QUEUED,
    (State.WAITING, Event.PAUSED): State.PAUSED,
    (State.WAITING, Event.CANCELLED): State.CANCELLED,
    (State.FETCHING, Event.FETCHED): State.CLEANING,
    (State.FETCHING, Event.POSTPONED): State.WAITING,
    (State.FETCHING, Event.TROUBLED): State.WAITING,
    (State.FETCHING, Event.REFUSED): State.FAILED,
    (State.FETCHING, Event.EXPIRED): State.QUEUED,
    (State.FETCHING, Event.CANCELLED): State.CANCELLED,
    (State.CLEANING, Event.VERIFIED): State.DELIVERING,
    (State.CLEANING, Event.POSTPONED): State.WAITING,
    (State.CLEANING, Event.TROUBLED): State.WAITING,
    (State.CLEANING, Event.REFUSED): State.FAILED,
    (State.CLEANING, Event.EXPIRED): State.QUEUED,
    (State.CLEANING, Event.CANCELLED): State.CANCELLED,
    # There is no cancelling here: the next moment the output is there, and the job is done.
    (State.DELIVERING, Event.DELIVERED): State.DONE,
    (State.DELIVERING, Event.TROUBLED): State.WAITING,
    (State.DELIVERING, Event.REFUSED): State.FAILED,
    (State.DELIVERING, Event.EXPIRED): State.QUEUED,
    (State.DONE, Event.RESET): State.QUEUED,
    (State.FAILED, Event.RESET): State.QUEUED,
    (State.CANCELLED, Event.RESET): State.QUEUED,
}

STATUS: Final[Mapping[State, Status]] = {
    State.HELD: Status.ACTIVE,
    State.QUEUED: Status.ACTIVE,
    State.PAUSED: Status.ACTIVE,
    State.WAITING: Status.ACTIVE,
    State.FETCHING: Status.ACTIVE,
    State.CLEANING: Status.UPLOADED,
    State.DELIVERING: Status.UPLOADED,
    State.DONE: Status.DONE,
    State.FAILED: Status.ERROR,
    State.CANCELLED: Status.INACTIVE,
}


def after(state: State, event: Event) -> State:
    """The state that the event leads to; NotNow when it cannot happen in this one."""
    try:
        return MOVES[state, event]
    except KeyError:
        raise NotNow(f"a job that is {state} cannot be {event}") from None


def before(event: Event) -> frozenset[State]:
    """The states in which the event can happen."""
    return frozenset(state for state, what in MOVES if what is event)


def states_of(status: Status) -> frozenset[State]:
    """The states that anonapi's clients see as this status."""
    return frozenset(state for state, seen in STATUS.items() if seen is status)
