"""Times as the ledger stores them: whole microseconds since 1970, UTC."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

Now = Callable[[], datetime]
"""What tells the time; aware UTC."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
DAY: Final = 86_400_000_000


def now() -> datetime:
    """The time of this machine."""
    return datetime.now(UTC)


def stored(time: datetime) -> int:
    """The time as a column holds it; ValueError for one without a zone."""
    if time.tzinfo is None:
        raise ValueError("a time without a zone")
    return (time - _EPOCH) // _MICROSECOND


def read(value: int) -> datetime:
    """The time that a column holds."""
    return _EPOCH + timedelta(microseconds=value)


def read_or_none(value: int | None) -> datetime | None:
    """The same, for a column that may be empty."""
    return None if value is None else read(value)
