"""Server-sent events: a job again whenever its status or its counts have changed.

The ledger is asked each second for all that a listener watches; what has changed is sent. A remark
every 15 seconds keeps proxies from taking the line for dead.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from starlette.concurrency import run_in_threadpool

from dicomveil.jobs.model import Glance
from dicomveil.server.callers import Caller
from dicomveil.server.desk import Desk
from dicomveil.server.views import core

KIND = "text/event-stream"
_SECOND = 1.0
_REMARK = 15.0
_OVERLAP = timedelta(seconds=2)  # a change that was being written while we asked


@dataclass(slots=True)
class Streams:
    """The listeners there are, and when they must go."""

    most: int = 500
    listening: int = 0
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    def has_room(self) -> bool:
        """Whether one more may listen."""
        return self.listening < self.most and not self.closing.is_set()

    async def follow(
        self, desk: Desk, caller: Caller, numbers: Sequence[int]
    ) -> AsyncIterator[bytes]:
        """The events of these jobs, beginning with how they are now."""
        self.listening += 1
        try:
            async for event in self._events(desk, caller, numbers):
                yield event
        finally:
            self.listening -= 1

    async def _events(
        self, desk: Desk, caller: Caller, numbers: Sequence[int]
    ) -> AsyncIterator[bytes]:
        told: dict[int, tuple[object, ...]] = {}
        since, wanted, quiet = datetime.now(UTC), numbers, 0.0
        while True:
            asked = datetime.now(UTC)
            jobs = await run_in_threadpool(desk.glances, caller, wanted) if wanted else []
            for job in jobs:
                if told.get(job.id) != _state(job):
                    told[job.id], quiet = _state(job), 0.0
                    yield _event(job)
            if quiet >= _REMARK:
                quiet = 0.0
                yield b":\n\n"
            if await self._waited(_SECOND):
                return
            quiet += _SECOND
            wanted = await run_in_threadpool(desk.ledger.changed, numbers, since - _OVERLAP)
            since = asked

    async def _waited(self, seconds: float) -> bool:
        """Whether the server is closing; otherwise the time has passed."""
        try:
            async with asyncio.timeout(seconds):
                return await self.closing.wait()
        except TimeoutError:
            return False


def _state(job: Glance) -> tuple[object, ...]:
    return job.status, job.downloaded, job.processed


def _event(job: Glance) -> bytes:
    return f"data: {json.dumps(core(job), separators=(',', ':'))}\n\n".encode()
