"""The server's log: one JSON object a line, an event with its facts, never a value.

What may stand in it: the event's name, job and project numbers, user numbers, routes as they are
written in the code, statuses, durations, codes. No URL, no parameter, no header, no text of errors.
"""

import json
import logging
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TextIO

Fact = str | int | float | None
_LOCK = threading.Lock()


class Log:
    """Where events are written; stderr by default, which systemd and containers collect."""

    def __init__(
        self,
        stream: TextIO | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Write to `stream`, with the time that `now` tells."""
        self._stream = stream or sys.stderr
        self._now = now

    def event(self, name: str, **facts: Fact) -> None:
        """Write one line; a stream that is gone is no reason to fail."""
        line = {"time": self._now().isoformat(timespec="milliseconds"), "event": name, **facts}
        text = json.dumps(line, separators=(",", ":")) + "\n"
        with _LOCK:
            try:
                self._stream.write(text)
                self._stream.flush()
            except (OSError, ValueError):
                return

    def take_over(self) -> None:
        """Have the events of other rooms, and of uvicorn, written here too."""
        root = logging.getLogger()
        root.handlers = [_Events(self)]
        root.setLevel(logging.INFO)


class _Events(logging.Handler):
    """Log records of other rooms as events; of foreign ones their origin alone."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record: our own messages are fixed texts, others' could hold anything."""
        if record.name.startswith("dicomveil"):
            extra = {name: value for name, value in vars(record).items() if name not in _PLAIN}
            facts = {name: one for name, one in extra.items() if isinstance(one, str | int | float)}
            self._log.event(str(record.msg), **facts)
        elif record.levelno >= logging.WARNING:
            self._log.event("library", logger=record.name, level=record.levelname)


_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
