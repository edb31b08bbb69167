"""The ledger's tables. Migrations (jobs/migrations) make them; a test holds the two together.

Times are whole microseconds since 1970 in UTC. Columns of type `LargeBinary` named `*_sealed` are
encrypted under a key that is not in the database; `*_digest` are keyed hashes to look values up by.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

METADATA: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
# SQLite numbers rows by INTEGER PRIMARY KEY alone; PostgreSQL wants 64 bits.
NUMBER: Final = BigInteger().with_variant(Integer, "sqlite")

USERS: Final = Table(
    "users",
    METADATA,
    Column("id", NUMBER, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("standing", String(8), nullable=False),
    Column("created", BigInteger, nullable=False),
)

TOKENS: Final = Table(
    "tokens",
    METADATA,
    Column("id", NUMBER, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("label", String(64), nullable=False),
    Column("scopes", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("revoked", BigInteger),
)

ENROLMENTS: Final = Table(
    "enrolments",
    METADATA,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("opened", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
    Column("opened_by", String(64), nullable=False),
)

PROJECTS: Final = Table(
    "projects",
    METADATA,
    Column("id", NUMBER, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("standing", String(8), nullable=False),
    Column("created", BigInteger, nullable=False),
)

RECIPES: Final = Table(
    "recipes",
    METADATA,
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("recipe", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("created_by", String(64), nullable=False),
)

PROFILES: Final = Table(
    "profiles",
    METADATA,
    Column("name", String(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("digest", String(64), nullable=False),  # SHA-256 of the text
    Column("created", BigInteger, nullable=False),
    Column("created_by", String(64), nullable=False),
)

MEMBERS: Final = Table(
    "members",
    METADATA,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("project_id", ForeignKey("projects.id"), primary_key=True, index=True),
)

BATCHES: Final = Table(
    "batches",
    METADATA,
    Column("id", NUMBER, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("owner_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("created", BigInteger, nullable=False),
)

JOBS: Final = Table(
    "jobs",
    METADATA,
    Column("id", NUMBER, primary_key=True),
    Column("owner_id", ForeignKey("users.id"), nullable=False),
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    Column("batch_id", ForeignKey("batches.id")),
    Column("state", String(12), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    # what was asked
    Column("source_type", String(24), nullable=False),
    Column("source_sealed", LargeBinary),
    Column("source_digest", LargeBinary(16), nullable=False),
    Column("destination", Text, nullable=False),
    Column("pseudo_id", String(64), nullable=False),
    Column("pseudo_name", String(64), nullable=False),
    Column("pims_key", String(64), nullable=False),
    Column("sop_classes", Text, nullable=False),
    Column("description_sealed", LargeBinary),
    Column("opt_out_sealed", LargeBinary),
    # the attempt that has it
    Column("attempt", Integer, nullable=False),
    Column("tries", SmallInteger, nullable=False),
    Column("worker", String(64), nullable=False),
    Column("lease_ends", BigInteger),
    Column("due", BigInteger),
    Column("begun", BigInteger),
    Column("ended", BigInteger),
    # how it is to be carried out: frozen by its first attempt
    Column("version", Integer),
    Column("plan_sealed", LargeBinary),
    # what became of it
    Column("code", String(32), nullable=False),
    Column("error", Text, nullable=False),
    Column("details_sealed", LargeBinary),
    Column("found", BigInteger),
    Column("delivered", BigInteger),
    Column("duplicate", BigInteger),
    Column("skipped", BigInteger),
    Column("quarantined", BigInteger),
    Column("failed", BigInteger),
    Column("bytes", BigInteger),
    Column("output", String(8), nullable=False),
    sqlite_autoincrement=True,  # a job's number is never given to another
)

# Each state that somebody waits on has its own small index: a claim, a sweep and a look for what
# is due each read their own rows alone, however many jobs there are.
Index(
    "ix_jobs_queued",
    JOBS.c.priority.desc(),
    JOBS.c.id,
    sqlite_where=text("state = 'queued'"),
    postgresql_where=text("state = 'queued'"),
)
Index(
    "ix_jobs_due",
    JOBS.c.due,
    sqlite_where=text("state = 'waiting'"),
    postgresql_where=text("state = 'waiting'"),
)
Index(
    "ix_jobs_leased",
    JOBS.c.lease_ends,
    sqlite_where=text("lease_ends IS NOT NULL"),
    postgresql_where=text("lease_ends IS NOT NULL"),
)
_WAITING: Final = text("state IN ('held', 'paused', 'queued', 'waiting')")
Index(
    "ix_jobs_waiting",
    JOBS.c.owner_id,
    JOBS.c.project_id,
    sqlite_where=_WAITING,
    postgresql_where=_WAITING,
)
Index("ix_jobs_project", JOBS.c.project_id, JOBS.c.id)
Index("ix_jobs_owner", JOBS.c.owner_id, JOBS.c.id)
Index("ix_jobs_source", JOBS.c.source_digest)
Index("ix_jobs_batch", JOBS.c.batch_id, sqlite_where=text("batch_id IS NOT NULL"))

UPLOADS: Final = Table(
    "uploads",  # mappings
    METADATA,
    Column("id", NUMBER, primary_key=True),
    Column("owner_id", ForeignKey("users.id"), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("name_sealed", LargeBinary),
    Column("content_sealed", LargeBinary),
    sqlite_autoincrement=True,  # a number, by which it is submitted once, is never given again
)
Index("ix_uploads_owner", UPLOADS.c.owner_id, UPLOADS.c.id)

SUBMISSIONS: Final = Table(
    "submissions",  # which job an idempotency key made
    METADATA,
    Column("owner_id", ForeignKey("users.id"), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("asked", LargeBinary(16), nullable=False),  # a digest of what was asked
    Column("job_id", ForeignKey("jobs.id"), nullable=False),
)

ITEMS: Final = Table(
    "items",
    METADATA,
    Column("job_id", ForeignKey("jobs.id"), primary_key=True),
    Column("status", String(12), primary_key=True),
    Column("code", String(32), primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("examples", Text, nullable=False),
)

USAGE: Final = Table(
    "usage",
    METADATA,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    Column("owner_id", ForeignKey("users.id"), primary_key=True),
    Column("objects", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
)

PIMS_KEYS: Final = Table(
    "pims_keys",
    METADATA,
    Column("id", NUMBER, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("template", String(64), nullable=False),
    Column("key", String(16), nullable=False),  # the fingerprint of the key it hashes under
    Column("standing", String(8), nullable=False),
    Column("created", BigInteger, nullable=False),
)

PSEUDONYMS: Final = Table(
    "pseudonyms",
    METADATA,
    Column("pims_key_id", ForeignKey("pims_keys.id"), primary_key=True),
    Column("patient_digest", LargeBinary(16), primary_key=True),
    Column("patient_sealed", LargeBinary, nullable=False),
    Column("pseudonym", String(64), nullable=False),
    Column("number", BigInteger),
    Column("assigned", BigInteger, nullable=False),
    UniqueConstraint("pims_key_id", "pseudonym"),
)

OPT_OUTS: Final = Table(
    "opt_outs",
    METADATA,
    Column("patient_digest", LargeBinary(16), primary_key=True),
    Column("patient_sealed", LargeBinary, nullable=False),
    Column("added", BigInteger, nullable=False),
    Column("added_by", String(64), nullable=False),
)

AUDIT: Final = Table(
    "audit",
    METADATA,
    Column("number", NUMBER, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("who", String(64), nullable=False),
    Column("what", String(48), nullable=False),
    Column("on", String(64), nullable=False),  # what kind of thing, and which: "job 7"
    Column("facts", Text, nullable=False),  # JSON; free text and values as keyed digests
    Column("hash", LargeBinary(32), nullable=False),
)

FACTS: Final = Table(
    "facts",  # what the ledger says of itself
    METADATA,
    Column("name", String(32), primary_key=True),
    Column("value", Text, nullable=False),
)

WEBHOOKS: Final = Table(
    "webhooks",
    METADATA,
    Column("project_id", ForeignKey("projects.id"), primary_key=True, autoincrement=False),
    Column("url", Text, nullable=False),
    Column("tells", String(16), nullable=False),
    Column("secret_sealed", LargeBinary, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("created_by", String(64), nullable=False),
)

DELIVERIES: Final = Table(
    "deliveries",  # what webhooks are, or were, to be told
    METADATA,
    Column("id", NUMBER, primary_key=True),
    Column("name", String(32), nullable=False),
    Column("project_id", ForeignKey("projects.id"), nullable=False),
    Column("job_id", ForeignKey("jobs.id"), nullable=False),
    Column("body", Text, nullable=False),
    Column("tries", SmallInteger, nullable=False),
    Column("due", BigInteger),  # NULL once it is over
    Column("trouble", String(96), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("ended", BigInteger),
)
Index("ix_deliveries_project", DELIVERIES.c.project_id, DELIVERIES.c.id)
Index(
    "ix_deliveries_due",
    DELIVERIES.c.due,
    sqlite_where=text("due IS NOT NULL"),
    postgresql_where=text("due IS NOT NULL"),
)
