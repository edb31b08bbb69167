"""One run of `pfdicom_tagSub`: what it prints, and the dictionary that it returns."""

import json
import os
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from time import localtime, monotonic, strftime

import click

from dicomveil.cli.exits import Exit
from dicomveil.cli.looking import Values
from dicomveil.cli.tagging import (
    Paths,
    as_json,
    exit_of_preview,
    explained,
    ran,
    show_preview,
    summary_of,
    warn_of_md5,
    watched,
    write_report,
)
from dicomveil.cli.tagsub.arguments import Arguments, substituting_of
from dicomveil.jobs.fold import Folded
from dicomveil.jobs.outcome import Status
from dicomveil.jobs.plan import Order
from dicomveil.jobs.runner import Outcome
from dicomveil.tag_wiring import tag_order_of

_QUIET = 0
_EACH = 5


class Run:
    """A run from its arguments to its exit code."""

    def __init__(self, given: Mapping[str, object]) -> None:
        """Check the arguments; StructureError, KeyRefused and CannotStart."""
        self._arguments = Arguments(given)
        self.verbosity = self._arguments.number("verbosity", 0, 1)
        self.order: Order = tag_order_of(substituting_of(self._arguments), os.environ)
        self.exit = Exit.DONE
        shown = self._arguments.flag("show_paths") or self.verbosity >= _EACH
        self._paths = Paths.SHOWN if shown else Paths.HIDDEN

    def run(self, *, prints_json: bool = True) -> dict[str, object]:
        """Carry it out; what `run` of pfdicom_tagSub returned, with real counts."""
        begun = monotonic()
        self.say("Starting pfdicom_tagSub run... (please be patient while running)")
        if self.verbosity > _QUIET:
            warn_of_md5(self.order)
        outcome = self._preview() if self._arguments.flag("dry_run") else self._run()
        result = self._result(outcome, monotonic() - begun)
        self.say("Returning from pfdicom_tagSub run...")
        if prints_json and self._arguments.flag("json"):
            entries = as_json(self.order, outcome, self._paths)
            click.echo(json.dumps({**result, **entries}, indent=4, sort_keys=True))
        return result

    def say(self, line: str) -> None:
        """A line for people: on stdout, as ever, but where a JSON object is to be there alone."""
        if self.verbosity == _QUIET:
            return
        if self._arguments.flag("syslog"):
            from socket import gethostname  # 2 ms of a start that seldom needs it

            now = strftime("%b %d %H:%M:%S", localtime())
            line = f"{now} {gethostname()} pfdicom_tagSub[{os.getpid()}]: {line}"
        click.echo(line, err=self._arguments.flag("json"))
        sys.stdout.flush()

    def _run(self) -> Outcome:
        each = self.verbosity >= _EACH
        quiet = nullcontext(_look_away)
        loud = watched(self.order, self._paths, each=each)
        with quiet if self.verbosity == _QUIET else loud as watch:
            outcome = ran(self.order, watch)
        summary = summary_of(self.order, outcome)
        self.exit = summary.exit
        if self.verbosity > _QUIET:
            summary.show_people()
            for line in explained(outcome.tally):
                click.echo(line, err=True)
        if report := self._arguments.optional("report"):
            write_report(self.order, report)
        return outcome

    def _preview(self) -> Outcome:
        values = Values.SHOWN if self._arguments.flag("values") else Values.MASKED
        outcome = show_preview(self.order, values, self._paths)
        self.exit = exit_of_preview(outcome)
        return outcome

    def _result(self, outcome: Outcome, seconds: float) -> dict[str, object]:
        """The keys that wrappers look at."""
        good = self.exit is Exit.DONE
        statuses = outcome.tally.statuses
        entries = as_json(self.order, outcome, self._paths)
        error = "no error" if good else f"exit code {int(self.exit)}"
        tree = {"status": good, "str_error": error, "runTime": seconds}
        return {
            "status": good,
            "d_pfdicom": {
                "status": good,
                "d_env": {"status": True, "str_error": ""},
                "d_pftreeRun": {**tree, "d_tree": {}, "d_stats": {}, "d_test": {}, "d_post": {}},
                "runTime": seconds,
            },
            "d_tagSub": {
                "status": good,
                "processType": "Not threaded" if self.order.workers == 1 else "Threaded",
                "fileSetsProcessed": outcome.passed.folders,
                "filesRead": outcome.tally.found,
                "filesAnalyzed": outcome.tally.found - statuses[Status.SKIPPED],
                "filesSaved": statuses[Status.DELIVERED],
                **{key: entries[key] for key in ("counts", "codes", "errors", "exit_code")},
            },
            "runTime": seconds,
        }


def _look_away(folded: Folded) -> None:
    """Watch nothing."""
