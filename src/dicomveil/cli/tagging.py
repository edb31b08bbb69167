"""What the commands of substitution share: reading the structure, running, showing, reporting."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from itertools import islice
from typing import Final, NamedTuple

import click

from dicomveil.cli.exits import Exit
from dicomveil.cli.looking import MASK, Values, print_lines
from dicomveil.cli.progress import shown_progress
from dicomveil.cli.summary import Summary
from dicomveil.engine.gate import PixelTrust
from dicomveil.engine.preview import Shown
from dicomveil.errors import CannotStart, Refused, StructureError
from dicomveil.jobs.deid import deidentify_tree
from dicomveil.jobs.fold import Folded
from dicomveil.jobs.layout import MANIFEST
from dicomveil.jobs.outcome import Tally
from dicomveil.jobs.plan import Order
from dicomveil.jobs.pool import executors_of
from dicomveil.jobs.preview import Previewed, counted, previews
from dicomveil.jobs.private import QUARANTINE
from dicomveil.jobs.runner import Ended, Outcome, Watch
from dicomveil.places.scan import Passed
from dicomveil.policy.structure import from_info, from_json
from dicomveil.tag_wiring import TagWorkshop

MD5_WARNING: Final = (
    "md5 is there for scripts that use it: a dictionary of patient numbers reverses it; "
    "hmac under a key file cannot be reversed so"
)
_MOST_ERRORS: Final = 1000
_LONGEST_FILE: Final = 1 << 24


class Given(NamedTuple):
    """The structure as it was given: one of three ways, or none."""

    text: str = ""
    file: str = ""
    info: str = ""
    split_token: str = "++"  # noqa: S105 - what stands between pairs
    split_key_value: str | None = None


class Paths(Enum):
    """Whether source files are named on the terminal."""

    HIDDEN = "by their numbers in the private report"
    SHOWN = "by their paths too"


def structure_of(given: Given) -> dict[str, str]:
    """Keys and values; none when nothing was given. StructureError, and for a file CannotStart."""
    if sum(map(bool, given[:3])) > 1:
        raise StructureError("a structure is given in one way: as JSON, in a file, or as pairs")
    if given.info:
        return from_info(given.info, given.split_token, given.split_key_value)
    text = _read(given.file) if given.file else given.text
    return from_json(text) if text else {}


def ran(order: Order, watch: Watch) -> Outcome:
    """What became of the order."""
    return deidentify_tree(order, executors_of(order.workers), watch)


@contextmanager
def watched(order: Order, paths: Paths, *, each: bool) -> Iterator[Watch]:
    """A watch that shows progress; with `each`, a line for every file as well."""
    with shown_progress(order, paths=paths is Paths.SHOWN) as bar:

        def watch(folded: Folded) -> None:
            bar(folded)
            if each:
                print_lines_of(folded)

        yield watch


def print_lines_of(folded: Folded) -> None:
    """Every file of a stretch on stderr: where it was written to, or why it was not."""
    for line in folded.manifest.splitlines():
        entry = json.loads(line)
        what = ascii(entry["path"]) if "path" in entry else entry.get("code") or entry.get("kind")
        click.echo(f"file {entry['number']}: {entry['status']}: {what}", err=True)


def warn_of_md5(order: Order) -> None:
    """Say once that MD5 hides little, when the structure uses it."""
    workshop = order.workshop
    if isinstance(workshop, TagWorkshop) and workshop.substitution.uses_md5:
        click.echo(f"warning: {MD5_WARNING}", err=True)


def explained(tally: Tally) -> list[str]:
    """A line for each reason that stands in words, for people."""
    codes = (code for code in sorted(tally.codes) if code in Refused.CODES)
    return [f"{code}: {Refused.CODES[code]}" for code in codes]


def as_json(order: Order, outcome: Outcome, paths: Paths) -> dict[str, object]:
    """The run for programs: its counts, and each file that was not delivered."""
    tally = outcome.tally
    problems = sum(tally.codes.values())
    errors = list(islice(_errors(order, paths), _MOST_ERRORS))
    return {
        **order.header,
        "ended": outcome.ended.name.lower(),
        "counts": tally.as_counts(),
        "codes": dict(sorted(tally.codes.items())),
        "kinds": dict(sorted(tally.kinds.items())),
        "errors": errors,
        "errors_left_out": max(problems - len(errors), 0),
        "private_report": os.fsdecode(order.private + b"/" + QUARANTINE),
        "exit_code": int(summary_of(order, outcome).exit),
    }


def summary_of(order: Order, outcome: Outcome) -> Summary:
    """What the run came to, for people."""
    return Summary(order, outcome, PixelTrust.UNPROVEN)


def write_report(order: Order, path: str) -> None:
    """Copy the manifest, which lists places and functions, to where the user wants it."""
    from shutil import copyfile  # 3 ms of a start that seldom needs it

    try:
        copyfile(order.books + b"/" + MANIFEST.encode(), path)
    except OSError as error:
        raise CannotStart(f"the report cannot be written: {error.strerror}") from None


def show_preview(order: Order, values: Values, paths: Paths) -> Outcome:
    """Print before and after of every file, and write nothing."""
    workshop = order.workshop
    assert isinstance(workshop, TagWorkshop)  # previews are of substitutions
    tally = Tally()

    def lines() -> Iterator[str]:
        for file in previews(order, workshop.cleaner()):
            counted(tally, file)
            yield _heading(file, paths)
            yield from (_told(shown, values) for shown in file.shown)

    print_lines(lines())
    return Outcome(Ended.COMPLETE, tally, Passed())


def exit_of_preview(outcome: Outcome) -> Exit:
    """All would be delivered, or not."""
    return Exit.INCOMPLETE if outcome.tally.codes else Exit.DONE


def _heading(file: Previewed, paths: Paths) -> str:
    named = f" {os.fsdecode(file.path)!a}" if paths is Paths.SHOWN else ""
    if file.verdict is None:
        return f"file {file.number}{named}: {len(file.shown)} changes"
    reason = f": {file.reason}" if file.reason else ""
    return f"file {file.number}{named}: {file.verdict.status}: {file.verdict.code}{reason}"


def _told(shown: Shown, values: Values) -> str:
    masked = MASK if shown.before else '""'
    before = masked if values is Values.MASKED else f'"{shown.before}"'
    before = "absent" if shown.before is None else before
    after = "absent" if shown.after is None else f'"{shown.after}"'
    return f"  {shown.path} {shown.keyword}: {before} -> {after} ({shown.action})"


def _errors(order: Order, paths: Paths) -> Iterator[dict[str, object]]:
    """The private report's entries; without the paths unless they are to be shown."""
    try:
        with open(order.private + b"/" + QUARANTINE, encoding="ascii") as report:  # noqa: PTH123 - a path of bytes
            for line in report:
                entry = json.loads(line)
                if paths is Paths.HIDDEN:
                    del entry["source"]
                yield entry
    except FileNotFoundError:
        return


def _read(path: str) -> str:
    """The text of the structure's file."""
    try:
        with open(path, encoding="utf-8-sig") as file:  # noqa: PTH123 - pathlib takes 3 ms to start
            return file.read(_LONGEST_FILE)
    except OSError as error:
        raise StructureError(f"the structure's file cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise StructureError("the structure's file is no UTF-8 text") from None
