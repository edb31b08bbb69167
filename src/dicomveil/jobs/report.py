"""What a run leaves in writing: the manifest beside the output, the private report."""

from contextlib import ExitStack
from typing import Protocol

from dicomveil.jobs import private
from dicomveil.jobs.fold import Folded
from dicomveil.jobs.manifest import Manifest
from dicomveil.jobs.outcome import Tally
from dicomveil.jobs.plan import Order


class Report(Protocol):
    """Told of every file, in order of their numbers."""

    def add(self, folded: Folded) -> None:
        """Tell of the next files; OSError when it cannot be written."""
        ...

    def finish(self, tally: Tally) -> None:
        """Say that the run is complete."""
        ...


class NoReport:
    """Nothing in writing: for rehearsals."""

    def add(self, folded: Folded) -> None:
        """Forget it."""

    def finish(self, tally: Tally) -> None:
        """Nothing to say it in."""


class WrittenReport:
    """The manifest in DST, and quarantine.jsonl and skipped.jsonl in the private folder."""

    def __init__(self, order: Order) -> None:
        """Begin anew; a resumed run tells of all files again."""
        with ExitStack() as opened:
            self._manifest = Manifest(order.books, order.header)
            opened.callback(self._manifest.close)
            self._quarantine = opened.enter_context(
                private.opened(order.private + b"/" + private.QUARANTINE)
            )
            self._skipped = opened.enter_context(
                private.opened(order.private + b"/" + private.SKIPPED)
            )
            self._opened = opened.pop_all()

    def add(self, folded: Folded) -> None:
        """Tell of the next files; OSError when it cannot be written."""
        self._quarantine.write(folded.quarantine)
        self._quarantine.flush()
        self._skipped.write(folded.skipped)
        self._skipped.flush()
        self._manifest.append(folded.manifest)

    def finish(self, tally: Tally) -> None:
        """Say that the run is complete."""
        self._manifest.finish(tally)

    def close(self) -> None:
        """Let go of the files."""
        self._opened.close()
