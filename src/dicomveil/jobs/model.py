"""What the server speaks of: users, tokens, projects, jobs; plain values without a database.

Times are aware UTC. What identifies patients (a job's source, description, reasons) is kept out of
every repr.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dicomveil.jobs.layout import Layout
from dicomveil.jobs.states import STATUS, State, Status
from dicomveil.mapping.sources import SourceIdentifier, SourceType


class Role(StrEnum):
    """What a user is to the department; a role grants scopes (jobs/rights.py)."""

    ADMINISTRATOR = "administrator"
    DATA_MANAGER = "data-manager"
    RESEARCHER = "researcher"
    AUDITOR = "auditor"


class Scope(StrEnum):
    """What a token may be used for; never more than its user's role grants."""

    READ = "read"  # see jobs of one's projects
    SUBMIT = "submit"  # create jobs, and change those of one's own
    OPERATE = "operate"  # change jobs of others in one's projects, approve them
    SEE_SOURCES = "see-sources"  # source identifiers and descriptions of others' jobs
    FIND_STUDIES = "find-studies"  # ask a place which studies it has
    IGNORE_OPT_OUT = "ignore-opt-out"
    REIDENTIFY = "reidentify"  # look up who a pseudonym is
    AUDIT = "audit"
    METRICS = "metrics"
    ADMINISTER = "administer"


class Standing(StrEnum):
    """Whether a user, a project or a pseudonym key is in use."""

    ACTIVE = "active"
    LOCKED = "locked"


class NotDicomRule(StrEnum):
    """What becomes of a job whose source holds files that are not DICOM."""

    FAIL = "fail"
    SKIP = "skip"


class QuarantineRule(StrEnum):
    """What becomes of a job some of whose objects may not leave."""

    DELIVER_REST = "deliver-rest"
    FAIL = "fail"  # all or nothing


class Approval(StrEnum):
    """Whether a second person looks at each job before it runs."""

    NONE = "none"
    SECOND_PERSON = "second-person"


class Pixels(StrEnum):
    """What is done about pixels that nothing has looked at (the gate's PixelTrust)."""

    UNPROVEN = "unproven"
    ACCEPTED = "accepted"


class Output(StrEnum):
    """What lies under a job's final name, as far as the ledger knows."""

    NONE = "none"
    BEGUN = "begun"  # an attempt was at renaming it
    THERE = "there"


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may ask."""

    id: int
    name: str
    role: Role
    standing: Standing = Standing.ACTIVE


@dataclass(frozen=True, slots=True)
class Token:
    """A way in, without its secret: only the secret's digest is stored."""

    id: int
    user: str
    label: str
    scopes: frozenset[Scope]
    created: datetime
    expires: datetime
    revoked: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and what for they may: the user, and the scopes of the token they came with."""

    user: User
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class Limits:
    """The most that a project lets each of its users have; None for no bound."""

    queued: int | None = None
    objects_a_day: int | None = None
    bytes_a_day: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a project de-identifies: one version of it, which never changes."""

    profile: str = "basic"
    key: str  # the fingerprint of the project's key
    sources: tuple[str, ...] = ()  # UNC roots below which jobs may read
    destinations: tuple[str, ...] = ()  # UNC roots below which jobs may write
    places: tuple[str, ...] = ()  # configured places that jobs may be fetched from, in this order
    layout: Layout = Layout.UID
    not_dicom: NotDicomRule = NotDicomRule.FAIL
    quarantine: QuarantineRule = QuarantineRule.DELIVER_REST
    pixels: Pixels = Pixels.UNPROVEN
    approval: Approval = Approval.NONE
    limits: Limits = Limits()
    retries: int = 5
    retention_days: int = 90  # then a job's source and other identifying fields are purged
    onward: tuple[str, ...] = ()  # configured places that every output is sent to as well
    pims_keys: tuple[str, ...] = ()  # pseudonym keys that jobs may name


@dataclass(frozen=True, slots=True)
class Project:
    """What jobs belong to; its recipe is the newest version."""

    id: int
    name: str
    version: int
    recipe: Recipe
    standing: Standing = Standing.ACTIVE


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of a job's files: found is the sum of all others but bytes."""

    found: int = 0
    delivered: int = 0
    duplicate: int = 0
    skipped: int = 0
    quarantined: int = 0
    failed: int = 0
    bytes: int = 0  # of the files found


@dataclass(frozen=True, slots=True)
class Item:
    """How many files of a job ended so, and the numbers of the first few in its private report."""

    status: str
    code: str
    count: int
    examples: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequest:
    """A job as somebody asks for it, checked for form (jobs/requesting.py)."""

    project: str
    source: SourceIdentifier
    destination: str  # UNC
    pseudo_id: str = ""
    pseudo_name: str = ""
    description: str = field(default="", repr=False)
    pims_key: str = ""
    priority: int = 0
    sop_classes: tuple[str, ...] = ()  # only these; all when empty
    opt_out_reason: str = field(default="", repr=False)  # why the register is ignored; "" heeds it
    batch: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What lists show of a job: the core fields of anonapi's protocol."""

    id: int
    created: datetime
    owner: str
    project: str
    state: State
    priority: int
    downloaded: int | None  # None before anything is known
    processed: int | None
    error: str = ""  # for people; never an identifier
    description: str = field(default="", repr=False)

    @property
    def status(self) -> Status:
        """As anonapi's clients see it."""
        return STATUS[self.state]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Glance):
    """A job in full. The source identifies: show it to its owner and to those who may see it."""

    project_id: int
    owner_id: int
    source_type: SourceType
    source: str = field(repr=False)  # the value after the colon; "" once purged
    destination: str
    pseudo_id: str
    pseudo_name: str
    pims_key: str
    sop_classes: tuple[str, ...]
    opt_out_reason: str = field(repr=False)
    batch: int | None
    attempt: int  # counts claims: the fencing number
    tries: int  # attempts that ended in trouble
    begun: datetime | None  # its first attempt
    ended: datetime | None
    changed: datetime
    code: str  # the machine's word for the error
    details: str = field(repr=False)  # names of files: for those who may see the source
    counts: Counts
    output: Output
    version: int | None  # of the project, once an attempt has begun


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that one attempt has, under a lease: who holds it shows the attempt's number."""

    job: Job
    attempt: int
    lease_ends: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which jobs are listed: those that meet all that is said; empty parts say nothing."""

    projects: frozenset[int] | None = None  # those the asker may see; None for all
    owner: int | None = None
    states: frozenset[State] = frozenset()
    batch: int | None = None
    source: str = field(default="", repr=False)  # type and value; found by its keyed digest


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a list, newest first, and the id to go on from; None at the end."""

    jobs: tuple[Glance, ...]
    next: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be different in a job; None leaves a field as it is."""

    priority: int | None = None
    description: str | None = field(default=None, repr=False)
    pseudo_id: str | None = None
    pseudo_name: str | None = None
    pims_key: str | None = None
    sop_classes: tuple[str, ...] | None = None
    opt_out_reason: str | None = field(default=None, repr=False)
    source: SourceIdentifier | None = None  # this and the next two: before any attempt began
    destination: str | None = None
    project: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Jobs that were asked for together."""

    id: int
    name: str
    owner: str
    created: datetime
    statuses: Mapping[Status, int]
