"""The SQL of jobs, made once; each statement is named for what it does.

Every change by an attempt names the attempt's number, and every move names the states it may come
from: what comes late, or does not fit, changes no row.
"""

from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, insert, literal_column, null, select, update
from sqlalchemy.sql.dml import Update
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import Select

from dicomveil.jobs.database import OneOf
from dicomveil.jobs.model import Counts
from dicomveil.jobs.schema import ITEMS, JOBS, SUBMISSIONS, USAGE
from dicomveil.jobs.states import ENDED, MOVES, WORKING, Event, State, before

J: Final = JOBS.c

GLANCE_COLUMNS: Final = (
    J.id,
    J.created,
    J.owner_id,
    J.project_id,
    J.state,
    J.priority,
    J.found,
    J.delivered,
    J.error,
    J.description_sealed,
)
JOB_FIELDS: Final = tuple(column.name for column in J if column.name != "id")
JOB_COLUMNS: Final = tuple(column for column in J if column.name != "plan_sealed")


def _job(name: str) -> ColumnElement[bool]:
    return J.id == bindparam(name)


def _in(states: Iterable[str]) -> ColumnElement[bool]:
    """Whether the job is in one of the states.

    Written out, one state as `state = 'queued'`: so alone does SQLite see that a partial index
    serves.
    """
    written: list[ColumnElement[str]] = [
        literal_column(f"'{state}'") for state in sorted(map(str, states))
    ]
    return J.state == written[0] if len(written) == 1 else J.state.in_(written)


def _target(event: Event) -> State:
    """The one state that the event leads to, wherever it happens."""
    (target,) = {to for (_, what), to in MOVES.items() if what is event}
    return target


def moved(event: Event, *conditions: ColumnElement[bool]) -> Update:
    """The move of jobs to which the event can happen; others stay as they are."""
    return (
        update(JOBS)
        .where(_in(before(event)), *conditions)
        .values(state=_target(event).value, changed=bindparam("now"))
    )


ADD_JOB: Final = insert(JOBS).returning(*JOB_COLUMNS)
ADD_SUBMISSION: Final = insert(SUBMISSIONS)
SUBMITTED: Final = select(SUBMISSIONS.c.job_id, SUBMISSIONS.c.asked).where(
    SUBMISSIONS.c.owner_id == bindparam("owner_id"), SUBMISSIONS.c.key == bindparam("key")
)

JOB: Final = select(*JOB_COLUMNS).where(_job("job"))
JOBS_OF: Final = select(*JOB_COLUMNS).where(OneOf(J.id, bindparam("ids")))
GLANCES_OF: Final = select(*GLANCE_COLUMNS).where(OneOf(J.id, bindparam("ids")))
CHANGED_OF: Final = select(J.id).where(
    OneOf(J.id, bindparam("ids")), J.changed > bindparam("since")
)

_NEXT: Final = (
    select(J.id)
    .where(_in([State.QUEUED]))
    .order_by(J.priority.desc(), J.id)
    .limit(bindparam("count"))
    .with_for_update(skip_locked=True)  # nothing on SQLite, where one writes at a time
    # PostgreSQL carries a table expression out once; a subquery it may repeat, past its limit.
    .cte("upcoming")
)
CLAIM: Final = (
    moved(Event.CLAIMED, J.id.in_(select(_NEXT.c.id)))
    .values(
        attempt=J.attempt + 1,
        worker=bindparam("holder"),
        lease_ends=bindparam("until"),
        begun=func.coalesce(J.begun, bindparam("now")),
        code="",
        error="",
    )
    .returning(*JOB_COLUMNS)
)

_MINE: Final = (_job("job"), J.attempt == bindparam("fence"))
RENEW: Final = update(JOBS).where(*_MINE, _in(WORKING)).values(lease_ends=bindparam("until"))
PROGRESS: Final = (
    update(JOBS)
    .where(*_MINE, _in(WORKING))
    .values(
        found=bindparam("n_found"),
        delivered=bindparam("n_delivered"),
        changed=bindparam("now"),
    )
)
PLAN: Final = select(J.plan_sealed).where(_job("job"))
KEEP_PLAN: Final = (
    update(JOBS)
    .where(*_MINE, _in(WORKING))
    .values(plan_sealed=bindparam("plan"), version=bindparam("recipe_version"))
)

_COUNTED: Final[dict[str, Any]] = {
    "found": bindparam("n_found"),
    "delivered": bindparam("n_delivered"),
    "duplicate": bindparam("n_duplicate"),
    "skipped": bindparam("n_skipped"),
    "quarantined": bindparam("n_quarantined"),
    "failed": bindparam("n_failed"),
    "bytes": bindparam("n_bytes"),
}
_FREED: Final[dict[str, Any]] = {"worker": "", "lease_ends": null()}
_SAID: Final[dict[str, Any]] = {
    "code": bindparam("why"),
    "error": bindparam("told"),
    "details_sealed": bindparam("details"),
}

RECORD: Final[Mapping[Event, Update]] = {
    Event.FETCHED: moved(Event.FETCHED, *_MINE),
    Event.VERIFIED: moved(Event.VERIFIED, *_MINE).values(output="begun"),
    Event.DELIVERED: moved(Event.DELIVERED, *_MINE).values(
        **_FREED, **_COUNTED, output="there", ended=bindparam("now")
    ),
    Event.REFUSED: moved(Event.REFUSED, *_MINE).values(
        **_FREED, **_COUNTED, **_SAID, ended=bindparam("now")
    ),
    Event.TROUBLED: moved(Event.TROUBLED, *_MINE).values(
        **_FREED, **_SAID, due=bindparam("until"), tries=J.tries + 1
    ),
    Event.POSTPONED: moved(Event.POSTPONED, *_MINE).values(
        **_FREED, **_SAID, due=bindparam("until")
    ),
}
"""What an attempt may report, each under its fencing number."""

ACT: Final[Mapping[Event, Update]] = {
    Event.APPROVED: moved(Event.APPROVED, _job("job")),
    Event.PAUSED: moved(Event.PAUSED, _job("job")).values(due=null()),
    Event.RESUMED: moved(Event.RESUMED, _job("job")),
    # The attempt's number goes up, so that an attempt that still runs learns of it and stops.
    Event.CANCELLED: moved(Event.CANCELLED, _job("job")).values(
        **_FREED, attempt=J.attempt + 1, ended=bindparam("now")
    ),
    Event.RESET: moved(Event.RESET, _job("job")).values(
        **_FREED,
        **dict.fromkeys(_COUNTED, null()),
        tries=0,
        due=null(),
        ended=null(),
        code="",
        error="",
        details_sealed=null(),
        plan_sealed=null(),
        version=null(),
    ),
}
"""What people may do to a job."""

EXPIRE: Final = (
    moved(Event.EXPIRED, J.lease_ends < bindparam("now")).values(**_FREED).returning(J.id)
)
RELEASE: Final = (
    moved(Event.EXPIRED, J.lease_ends.is_not(None), J.worker == bindparam("holder"))
    .values(**_FREED)
    .returning(J.id)
)
FALL_DUE: Final = moved(Event.DUE, J.due <= bindparam("now")).values(due=null()).returning(J.id)
NEXT_DUE: Final = select(func.min(J.due)).where(_in([State.WAITING]))

ASKED: Final = (
    "priority",
    "source_type",
    "source_sealed",
    "source_digest",
    "destination",
    "pseudo_id",
    "pseudo_name",
    "pims_key",
    "sop_classes",
    "description_sealed",
    "opt_out_sealed",
)
MODIFY: Final = (
    update(JOBS)
    .where(*_MINE, J.state == bindparam("was"))
    .values(
        **{name: bindparam(f"new_{name}") for name in ASKED},
        project_id=bindparam("to_project"),
        changed=bindparam("now"),
        plan_sealed=null(),
    )
)
PRIORITY: Final = (
    update(JOBS).where(_job("job")).values(priority=bindparam("rank"), changed=bindparam("now"))
)

FORGET_ITEMS: Final = delete(ITEMS).where(ITEMS.c.job_id == bindparam("job"))
ADD_ITEM: Final = insert(ITEMS)
ITEMS_OF: Final = (
    select(ITEMS.c.status, ITEMS.c.code, ITEMS.c.count, ITEMS.c.examples)
    .where(ITEMS.c.job_id == bindparam("job"))
    .order_by(ITEMS.c.status, ITEMS.c.code)
)

QUEUED_OF: Final = select(func.count()).where(
    J.project_id == bindparam("project_id"),
    J.owner_id == bindparam("owner_id"),
    _in([State.HELD, State.QUEUED, State.PAUSED, State.WAITING]),
)
USE: Final = (
    update(USAGE)
    .where(
        USAGE.c.day == bindparam("on_day"),
        USAGE.c.project_id == bindparam("project"),
        USAGE.c.owner_id == bindparam("owner"),
    )
    .values(
        objects=USAGE.c.objects + bindparam("more_objects"),
        bytes=USAGE.c.bytes + bindparam("more_bytes"),
    )
)
FIRST_USE: Final = insert(USAGE)
USED: Final = select(USAGE.c.objects, USAGE.c.bytes).where(
    USAGE.c.day == bindparam("on_day"),
    USAGE.c.project_id == bindparam("project_id"),
    USAGE.c.owner_id == bindparam("owner_id"),
)
COUNT_STATES: Final = select(J.state, func.count()).group_by(J.state)
PURGE: Final = (
    update(JOBS)
    .where(
        J.project_id == bindparam("project"),
        J.ended < bindparam("since"),
        _in(ENDED),
        J.source_sealed.is_not(None),
    )
    .values(
        source_sealed=null(),
        source_digest=b"",
        description_sealed=null(),
        opt_out_sealed=null(),
        details_sealed=null(),
        plan_sealed=null(),
    )
    .returning(J.id)
)


def listed() -> Select[tuple[object, ...]]:
    """The beginning of every list: newest first."""
    return select(*GLANCE_COLUMNS).order_by(J.id.desc())


_COUNTS: Final = tuple((f"n_{name}", attrgetter(name)) for name in Counts.__slots__)


def counted(counts: Counts) -> dict[str, int]:
    """The counts as parameters; five times as fast as asdict, which copies."""
    return {name: get(counts) for name, get in _COUNTS}
