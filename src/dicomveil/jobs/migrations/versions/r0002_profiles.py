"""Profiles as rows: the text of each version, which never changes."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String, Text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "profiles",
        Column("name", String(64), primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("text", Text, nullable=False),
        Column("digest", String(64), nullable=False),
        Column("created", BigInteger, nullable=False),
        Column("created_by", String(64), nullable=False),
    )
