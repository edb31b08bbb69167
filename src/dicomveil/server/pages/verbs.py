"""What people do to jobs on a page: the verbs of the command line, where the state allows them."""

from enum import StrEnum

from dicomveil.errors import DicomveilError
from dicomveil.jobs.model import Change, Job, Scope
from dicomveil.jobs.states import MOVES, Event
from dicomveil.server import asking
from dicomveil.server.callers import Caller
from dicomveil.server.changing import Changing
from dicomveil.server.desk import Desk
from dicomveil.server.refusals import refused_by


class Verb(StrEnum):
    """What can be done to a job."""

    CANCEL = "cancel"
    RETRY = "retry"
    PAUSE = "pause"
    RESUME = "resume"
    APPROVE = "approve"
    PRIORITY = "priority"


EVENTS = {
    Verb.CANCEL: Event.CANCELLED,
    Verb.RETRY: Event.RESET,
    Verb.PAUSE: Event.PAUSED,
    Verb.RESUME: Event.RESUMED,
    Verb.APPROVE: Event.APPROVED,
}


def verbs_for(caller: Caller, job: Job) -> list[Verb]:
    """What the caller may do to the job in the state it is in."""
    own = job.owner == caller.name
    if not caller.may(Scope.SUBMIT if own else Scope.OPERATE):
        return []
    found = [verb for verb, event in EVENTS.items() if (job.state, event) in MOVES]
    return [verb for verb in found if not (verb is Verb.APPROVE and own)]


def done(desk: Desk, caller: Caller, number: int, verb: Verb, priority: str = "") -> str:
    """What became of one job among several, in words; a refusal too."""
    try:
        job = act(desk, caller, number, verb, priority)
    except DicomveilError as error:
        return "; ".join(refused_by(error).errors.values())
    return f"priority {job.priority}" if verb is Verb.PRIORITY else str(job.state)


def act(desk: Desk, caller: Caller, number: int, verb: Verb, priority: str = "") -> Job:
    """The job after the verb; the desk refuses what may not be."""
    match verb:
        case Verb.CANCEL:
            return desk.cancel(caller, number)
        case Verb.RETRY:
            return desk.reset(caller, number)
        case Verb.PAUSE | Verb.RESUME | Verb.APPROVE:
            return desk.act(caller, number, EVENTS[verb])
        case Verb.PRIORITY:
            change = Change(priority=asking.priority(priority))
            return desk.change(caller, number, Changing(change=change))
