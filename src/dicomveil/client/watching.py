"""Follow jobs until each has ended: by a server's events where it sends some, else by asking.

Events only tell sooner: what a break in their stream has swallowed is asked for afterwards.
"""

import json
from collections.abc import Callable, Iterator, Sequence

from dicomveil.client import protocol
from dicomveil.client.connection import Connection
from dicomveil.client.jobs import ENDED, Job

# What proxies take as a URL without a word; more jobs are asked for again and again.
_LONGEST = 2000


def watch(
    connection: Connection, api: str, ids: Sequence[int], pause: Callable[[], None]
) -> Iterator[Job]:
    """Every job that the server knows, and again whenever it has changed; ends when all have."""
    known: dict[int, Job] = {}
    while True:
        for job in protocol.jobs(connection, ids):
            yield from _if_new(known, job)
        if _all_ended(known):
            return
        for job in _told(connection, api, ids):
            yield from _if_new(known, job)
            if _all_ended(known):
                return
        pause()


def _told(connection: Connection, api: str, ids: Sequence[int]) -> Iterator[Job]:
    """The jobs of a server's events, until the stream breaks; none where there are no events."""
    path = f"{api}/jobs/events?job_ids={_ranges(ids)}"
    if not api or len(path) > _LONGEST:
        return
    wanted = set(ids)
    for text in connection.events(path):
        try:
            content = json.loads(text)
        except (ValueError, RecursionError):
            return
        if isinstance(content, dict) and (job := Job(content)).id in wanted:
            yield job


def _if_new(known: dict[int, Job], job: Job) -> Iterator[Job]:
    before = known.get(job.id)
    known[job.id] = job
    if before is None or _state(before) != _state(job):
        yield job


def _state(job: Job) -> tuple[object, ...]:
    return job.status, job.get("files_downloaded"), job.get("files_processed")


def _all_ended(known: dict[int, Job]) -> bool:
    return all(job.status in ENDED for job in known.values())


def _ranges(ids: Sequence[int]) -> str:
    """The numbers as people write them: 1,2,5-9."""
    runs: list[list[int]] = []
    for number in sorted(ids):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
