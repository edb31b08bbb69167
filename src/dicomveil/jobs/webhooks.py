"""Webhooks: whom a project wants told when a job of it ended, and what is still to be told.

What is to be told is entered in the transaction in which the job ends, and tried until it is told
or given up; all of it survives restarts. A receiver may be told twice, and knows it by the
delivery's name. Raises Unfit for an address that is not accepted.
"""

import ipaddress
import json
import re
import secrets
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple
from urllib.parse import urlsplit
from uuid import uuid4

from sqlalchemy import bindparam, delete, insert, null, select, update

from dicomveil.job_errors import Unfit
from dicomveil.jobs import clock
from dicomveil.jobs.audit import Audit
from dicomveil.jobs.clock import Now, stored
from dicomveil.jobs.database import Database, Durability, Row, Transaction
from dicomveil.jobs.model import Counts, Job, Project
from dicomveil.jobs.schema import DELIVERIES, WEBHOOKS
from dicomveil.jobs.states import STATUS, Event, State, after
from dicomveil.jobs.vault import Vault

COLUMN: Final = "webhooks.secret"
TRIES: Final = 12
KEPT: Final = timedelta(days=30)
_LEASE: Final = timedelta(minutes=2)  # after which one that nobody answered for is tried again
_FIRST_PAUSE: Final = timedelta(seconds=10)
_LONGEST_PAUSE: Final = timedelta(hours=1)
_LONGEST_URL: Final = 500
_PRINTABLE: Final = re.compile(r"[!-~]+")
_W, _D = WEBHOOKS.c, DELIVERIES.c

_TELLS: Final = select(_W.tells).where(_W.project_id == bindparam("project"))
_WEBHOOK: Final = select(
    _W.project_id, _W.url, _W.tells, _W.secret_sealed, _W.created, _W.created_by
).where(_W.project_id == bindparam("project"))
_ADD: Final = insert(WEBHOOKS)
_REMOVE: Final = delete(WEBHOOKS).where(_W.project_id == bindparam("project"))
_ANNOUNCE: Final = insert(DELIVERIES)
_COLUMNS: Final = (
    *(_D.id, _D.name, _D.project_id, _D.job_id, _D.body, _D.tries),
    *(_D.due, _D.trouble, _D.created, _D.ended),
)
_LISTED: Final = (
    select(*_COLUMNS)
    .where(_D.project_id == bindparam("project"))
    .order_by(_D.id.desc())
    .limit(bindparam("count"))
)
_ANY_DUE: Final = select(_D.id).where(_D.due <= bindparam("now")).limit(1)
# What was never tried goes first: a receiver that hangs keeps nobody else waiting.
_NEXT: Final = (
    select(_D.id)
    .where(_D.due <= bindparam("now"))
    .order_by(_D.tries, _D.due)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_CLAIM: Final = (
    update(DELIVERIES)
    .where(_D.id.in_(_NEXT.scalar_subquery()))
    .values(tries=_D.tries + 1, due=bindparam("until"))
    .returning(*_COLUMNS)
)
_MINE: Final = (_D.id == bindparam("number"), _D.tries == bindparam("fence"))
_OVER: Final = (
    update(DELIVERIES)
    .where(*_MINE)
    .values(due=null(), ended=bindparam("now"), trouble=bindparam("why"))
)
_LATER: Final = (
    update(DELIVERIES).where(*_MINE).values(due=bindparam("until"), trouble=bindparam("why"))
)
_PURGE: Final = delete(DELIVERIES).where(_D.ended < bindparam("since"))


class Tells(StrEnum):
    """What a webhook says of a job."""

    OUTCOME = "outcome"  # nothing of its source
    SOURCE = "source"  # also its source, destination, description and pseudonym


@dataclass(frozen=True, slots=True)
class Webhook:
    """Whom a project wants told."""

    project: int
    url: str = field(repr=False)
    tells: Tells
    secret: str = field(repr=False)  # signs what is told
    created: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing to be told of one job; its name is the same at each try."""

    id: int
    name: str
    project: int
    job: int
    body: str = field(repr=False)
    tries: int
    due: datetime | None
    trouble: str
    created: datetime
    ended: datetime | None

    @property
    def state(self) -> str:
        """How it stands."""
        if self.due is not None:
            return "due"
        return "given-up" if self.trouble else "delivered"


class Ending(NamedTuple):
    """How a job ended."""

    event: Event
    counts: Counts = Counts()
    code: str = ""
    error: str = ""


class Webhooks:
    """The webhooks of one ledger. A public method is one transaction."""

    def __init__(self, database: Database, vault: Vault, now: Now = clock.now) -> None:
        """Keep them in `database`, their secrets sealed by `vault`."""
        self._database = database
        self._vault = vault
        self._now = now
        self._audit = Audit(vault, now)

    def put(self, project: Project, url: str, tells: Tells, by: str) -> Webhook:
        """The project's webhook from now on, with a new secret."""
        check_url(url)
        sealed = self._vault.seal(secrets.token_hex(32), COLUMN)
        with self._database.write(Durability.PROMISED) as tx:
            tx.run(_REMOVE, project=project.id)
            tx.run(
                _ADD,
                project_id=project.id,
                url=url,
                tells=tells.value,
                secret_sealed=sealed,
                created=stored(self._now()),
                created_by=by,
            )
            facts = {"url": self._audit.told(url), "tells": tells.value}
            self._audit.add(tx, by, "webhook set", f"project {project.name}", facts)
            return self._webhook(tx.rows(_WEBHOOK, project=project.id)[0])

    def remove(self, project: Project, by: str) -> None:
        """Tell nobody any more; nothing where nobody was told."""
        with self._database.write(Durability.PROMISED) as tx:
            if tx.run(_REMOVE, project=project.id):
                self._audit.add(tx, by, "webhook removed", f"project {project.name}")

    def of(self, project: int) -> Webhook | None:
        """The project's webhook."""
        with self._database.read() as tx:
            row = tx.row(_WEBHOOK, project=project)
        return self._webhook(row) if row else None

    def deliveries(self, project: int, count: int = 100) -> list[Delivery]:
        """What was, and is, to be told, newest first."""
        with self._database.read() as tx:
            return [_delivery(row) for row in tx.rows(_LISTED, project=project, count=count)]

    # -- carrying out ----------------------------------------------------------------------------

    def claim(self) -> Delivery | None:
        """What is to be told next; whoever claims it says within two minutes what became of it."""
        now = self._now()
        with self._database.read() as tx:
            if tx.row(_ANY_DUE, now=stored(now)) is None:
                return None
        with self._database.write(Durability.REPEATABLE) as tx:
            rows = tx.rows(_CLAIM, now=stored(now), until=stored(now + _LEASE))
        return _delivery(rows[0]) if rows else None

    def told(self, delivery: Delivery) -> None:
        """It was told."""
        self._end(delivery, "")

    def troubled(self, delivery: Delivery, why: str) -> None:
        """It could not be told: tried again, later each time, or given up."""
        if delivery.tries >= TRIES:
            self._end(delivery, why)
            return
        pause = min(_FIRST_PAUSE * 2 ** (delivery.tries - 1), _LONGEST_PAUSE)
        until = stored(self._now() + pause)
        with self._database.write(Durability.REPEATABLE) as tx:
            tx.run(_LATER, number=delivery.id, fence=delivery.tries, until=until, why=why)

    def dropped(self, delivery: Delivery, why: str) -> None:
        """It is not told at all."""
        self._end(delivery, why)

    def purge(self) -> int:
        """Forget what was over a month ago: how many."""
        with self._database.write(Durability.REPEATABLE) as tx:
            return tx.run(_PURGE, since=stored(self._now() - KEPT))

    def _end(self, delivery: Delivery, why: str) -> None:
        with self._database.write(Durability.PROMISED) as tx:
            now = stored(self._now())
            tx.run(_OVER, number=delivery.id, fence=delivery.tries, now=now, why=why)

    def _webhook(self, row: Row) -> Webhook:
        project, url, tells, sealed, created, by = row
        secret = self._vault.open(sealed, COLUMN)
        return Webhook(project, url, Tells(tells), secret, clock.read(created), by)


def announce(tx: Transaction, job: Job, ending: Ending, at: int) -> None:
    """Enter that a job ended, where its project wants somebody told; in the same transaction."""
    if tx.row(_TELLS, project=job.project_id) is None:
        return
    tx.run(
        _ANNOUNCE,
        name=uuid4().hex,
        project_id=job.project_id,
        job_id=job.id,
        body=json.dumps(_told(job, ending, at)),
        tries=0,
        due=at,
        trouble="",
        created=at,
    )


def _told(job: Job, ending: Ending, at: int) -> dict[str, object]:
    """What is told of a job as it ended; nothing that identifies."""
    state = _ENDS[ending.event]
    return {
        "job_id": job.id,
        "project_name": job.project,
        "user_name": job.owner,
        "state": state.value,
        "status": STATUS[state].value,
        "code": ending.code,
        "error": ending.error,
        "counts": asdict(ending.counts),
        "attempts": job.attempt,
        "batch": job.batch,
        "ended": clock.read(at).isoformat(timespec="seconds"),
    }


_ENDS: Final = {
    Event.DELIVERED: after(State.DELIVERING, Event.DELIVERED),
    Event.REFUSED: after(State.CLEANING, Event.REFUSED),
    Event.CANCELLED: after(State.QUEUED, Event.CANCELLED),
}


def check_url(url: str) -> None:
    """Raise Unfit for an address that nothing may be sent to, whoever answers there."""
    if len(url) > _LONGEST_URL or not _PRINTABLE.fullmatch(url):
        raise Unfit("url", f"at most {_LONGEST_URL} characters of ASCII, without spaces")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise Unfit("url", "this is no address") from None
    if not host or "@" in parts.netloc or parts.fragment:
        raise Unfit("url", "an address has a host, and no user, password or fragment")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_near(host)):
        raise Unfit("url", "use https; http is for this machine alone")


def _is_near(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _delivery(row: Row) -> Delivery:
    number, name, project, job, body, tries, due, trouble, created, ended = row
    times = clock.read_or_none(due), trouble, clock.read(created), clock.read_or_none(ended)
    return Delivery(number, name, project, job, body, tries, *times)
