"""The audit cannot be emptied by TRUNCATE, which PostgreSQL knows and SQLite does not."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Refuse it, as changes and deletions are refused."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_refused()"
        )
