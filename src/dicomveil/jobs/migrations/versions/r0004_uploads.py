"""Mappings that were uploaded, sealed; and a small index of the jobs that wait."""

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Integer, LargeBinary, text

revision = "0004"
down_revision = "0003"
_WAITING = text("state IN ('held', 'paused', 'queued', 'waiting')")


def upgrade() -> None:
    """Make the table and the index."""
    number = BigInteger().with_variant(Integer, "sqlite")
    op.create_table(
        "uploads",
        Column("id", number, primary_key=True),
        Column("owner_id", number, nullable=False),
        Column("created", BigInteger, nullable=False),
        Column("size", BigInteger, nullable=False),
        Column("name_sealed", LargeBinary),
        Column("content_sealed", LargeBinary),
        ForeignKeyConstraint(["owner_id"], ["users.id"], "fk_uploads_owner_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_uploads_owner", "uploads", ["owner_id", "id"])
    op.create_index(
        "ix_jobs_waiting",
        "jobs",
        ["owner_id", "project_id"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )
