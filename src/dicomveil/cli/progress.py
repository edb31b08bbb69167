"""How far a run is: a bar with rate and time left on a terminal, a line now and then in a log.

Everything goes to stderr. Source paths are shown only on request, and only on a terminal.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import click

from dicomveil.jobs.fold import Folded
from dicomveil.jobs.plan import Order
from dicomveil.jobs.runner import Watch

_EVERY = 30.0  # seconds between lines of a log
_REFRESH = 0.1


@contextmanager
def shown_progress(order: Order, *, paths: bool) -> Iterator[Watch]:
    """A watch for the runner, which shows how far it is until the block ends."""
    if sys.stderr.isatty():
        bar = _Bar(order, paths=paths)
        try:
            yield bar
        finally:
            bar.end()
    else:
        yield _Log()


class _Log:
    """A line every half minute."""

    def __init__(self) -> None:
        self._begun = self._said = monotonic()
        self._files = 0

    def __call__(self, folded: Folded) -> None:
        self._files += folded.count
        now = monotonic()
        if now - self._said >= _EVERY:
            self._said = now
            rate = self._files / (now - self._begun)
            click.echo(f"dicomveil: {self._files:,} files, {rate:,.0f} a second", err=True)


class _Bar:
    """A bar; rich is imported, and SRC counted, once the workers are at work."""

    def __init__(self, order: Order, *, paths: bool) -> None:
        self._order = order
        self._paths = paths
        self._drawn: _Drawn | None = None

    def __call__(self, folded: Folded) -> None:
        if self._drawn is None:
            total = sum(1 for _ in self._order.scan)
            self._drawn = _Drawn(total)
        if self._paths:
            for line in folded.quarantine.splitlines():
                self._drawn.say(_told(line))
        self._drawn.advance(folded.count)

    def end(self) -> None:
        if self._drawn is not None:
            self._drawn.end()


class _Drawn:
    """The bar as rich draws it, without rich's own thread: workers may yet be forked."""

    def __init__(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        self._bar = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]} files/s"),
            TimeRemainingColumn(),
            console=Console(stderr=True, highlight=False, markup=False),
            auto_refresh=False,
        )
        self._bar.start()
        self._task = self._bar.add_task("", total=total, rate="-")
        self._begun = self._refreshed = monotonic()
        self._files = 0

    def say(self, line: str) -> None:
        self._bar.console.print(line)

    def advance(self, files: int) -> None:
        self._files += files
        now = monotonic()
        rate = f"{self._files / max(now - self._begun, 0.001):,.0f}"
        self._bar.update(self._task, advance=files, rate=rate)
        if now - self._refreshed >= _REFRESH:
            self._refreshed = now
            self._bar.refresh()

    def end(self) -> None:
        self._bar.refresh()
        self._bar.stop()


def _told(line: bytes) -> str:
    """A line of the private report for the terminal; odd bytes of a name are escaped."""
    entry = json.loads(line)
    offset = "" if entry["offset"] is None else f" at byte {entry['offset']}"
    element = f" {entry['element']}" if entry["element"] else ""
    source = ascii(entry["source"])
    return f"file {entry['number']}: {entry['code']}{element}{offset}: {source}"
