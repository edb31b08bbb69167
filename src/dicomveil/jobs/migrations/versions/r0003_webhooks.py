"""Webhooks of projects, and what is still to be told them."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    text,
)

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables."""
    number = BigInteger().with_variant(Integer, "sqlite")
    op.create_table(
        "webhooks",
        Column("project_id", number, primary_key=True, autoincrement=False),
        Column("url", Text, nullable=False),
        Column("tells", String(16), nullable=False),
        Column("secret_sealed", LargeBinary, nullable=False),
        Column("created", BigInteger, nullable=False),
        Column("created_by", String(64), nullable=False),
        ForeignKeyConstraint(["project_id"], ["projects.id"], "fk_webhooks_project_id"),
    )
    op.create_table(
        "deliveries",
        Column("id", number, primary_key=True),
        Column("name", String(32), nullable=False),
        Column("project_id", number, nullable=False),
        Column("job_id", number, nullable=False),
        Column("body", Text, nullable=False),
        Column("tries", SmallInteger, nullable=False),
        Column("due", BigInteger),
        Column("trouble", String(96), nullable=False),
        Column("created", BigInteger, nullable=False),
        Column("ended", BigInteger),
        ForeignKeyConstraint(["project_id"], ["projects.id"], "fk_deliveries_project_id"),
        ForeignKeyConstraint(["job_id"], ["jobs.id"], "fk_deliveries_job_id"),
    )
    op.create_index("ix_deliveries_project", "deliveries", ["project_id", "id"])
    is_due = text("due IS NOT NULL")
    op.create_index(
        "ix_deliveries_due", "deliveries", ["due"], sqlite_where=is_due, postgresql_where=is_due
    )
