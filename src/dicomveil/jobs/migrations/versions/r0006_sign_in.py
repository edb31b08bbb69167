"""Passwords of people, and the sessions of their browsers."""

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
)

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables."""
    number = BigInteger().with_variant(Integer, "sqlite")
    op.create_table(
        "passwords",
        Column("user_id", number, primary_key=True, autoincrement=False),
        Column("hash", String(128), nullable=False),
        Column("changed", BigInteger, nullable=False),
        Column("guesses", SmallInteger, nullable=False),
        Column("locked", BigInteger),
        ForeignKeyConstraint(["user_id"], ["users.id"], "fk_passwords_user_id"),
    )
    op.create_table(
        "sessions",
        Column("digest", LargeBinary(32), primary_key=True),
        Column("user_id", number, nullable=False),
        Column("token_id", number),
        Column("scopes", Text, nullable=False),
        Column("created", BigInteger, nullable=False),
        Column("ends", BigInteger, nullable=False),
        ForeignKeyConstraint(["user_id"], ["users.id"], "fk_sessions_user_id"),
        ForeignKeyConstraint(["token_id"], ["tokens.id"], "fk_sessions_token_id"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
