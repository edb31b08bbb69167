"""What a run came to, for people on stderr and for programs on stdout. Names no file of SRC."""

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

import click

from dicomveil.cli.exits import Exit
from dicomveil.dicom.tags import tag_text
from dicomveil.engine.gate import PixelTrust
from dicomveil.jobs.keyfile import State
from dicomveil.jobs.outcome import Status
from dicomveil.jobs.plan import Order, Purpose
from dicomveil.jobs.private import QUARANTINE
from dicomveil.jobs.runner import Ended, Outcome

if TYPE_CHECKING:
    from dicomveil.engine.census import Census

_PROBLEMS = (Status.QUARANTINED, Status.FAILED)


@dataclass(frozen=True, slots=True)
class Summary:
    """The end of a run."""

    order: Order
    outcome: Outcome
    pixels: PixelTrust

    @property
    def exit(self) -> Exit:
        """What the exit code says: 0 only when all that is DICOM was delivered."""
        statuses = self.outcome.tally.statuses
        match self.outcome.ended:
            case Ended.INTERRUPTED:
                return Exit.INTERRUPTED
            case Ended.FULL:
                return Exit.INCOMPLETE
            case Ended.COMPLETE | Ended.BEFORE:
                problems = any(statuses[status] for status in _PROBLEMS)
                delivered = statuses[Status.DELIVERED] or statuses[Status.DUPLICATE]
                return Exit.INCOMPLETE if problems or not delivered else Exit.DONE
            case _:
                assert_never(self.outcome.ended)

    @property
    def unfinished(self) -> bool:
        """Whether --resume has something left to do."""
        return self.outcome.ended in (Ended.INTERRUPTED, Ended.FULL)

    def show_people(self) -> None:
        """A few lines on stderr."""
        for line in self._lines():
            click.echo(line, err=True)

    def show_programs(self, census: "Census | None" = None) -> None:
        """One JSON object on stdout, with what a rehearsal counted by tag."""
        tally = self.outcome.tally
        click.echo(
            json.dumps(
                {
                    **self.order.header,
                    "ended": self.outcome.ended.name.lower(),
                    "rehearsal": self.order.purpose is Purpose.REHEARSE,
                    "counts": tally.as_counts(),
                    "codes": dict(sorted(tally.codes.items())),
                    "kinds": dict(sorted(tally.kinds.items())),
                    "illegal_values_removed": tally.illegal,
                    "passed_by": {
                        "links": self.outcome.passed.links,
                        "special": self.outcome.passed.special,
                    },
                    "exit_code": int(self.exit),
                    **({"elements": _elements(census)} if census else {}),
                }
            )
        )

    def _lines(self) -> list[str]:
        return [*self._head(), *self._counts(), *self._codes(), *self._notes()]

    def _head(self) -> list[str]:
        match self.outcome.ended:
            case Ended.BEFORE:
                return ["This run was complete already; nothing was done."]
            case Ended.INTERRUPTED:
                return ["Interrupted. What is done stays; --resume finishes the run."]
            case Ended.FULL:
                return ["No space left. What is done stays; make space, and --resume finishes it."]
            case Ended.COMPLETE if self.order.purpose is Purpose.REHEARSE:
                return ["A rehearsal: nothing was written."]
            case Ended.COMPLETE:
                return []
            case _:
                assert_never(self.outcome.ended)

    def _counts(self) -> list[str]:
        counts = self.outcome.tally.as_counts()
        found = counts.pop("found")
        parts = [f"{count:,} {status}" for status, count in counts.items()]
        kinds = self.outcome.tally.kinds
        lines = [f"{found:,} files found: {', '.join(parts)}"]
        if kinds:
            lines.append(
                "skipped: " + ", ".join(f"{n:,} {kind}" for kind, n in sorted(kinds.items()))
            )
        passed = self.outcome.passed
        if passed.links or passed.special:
            lines.append(f"passed by: {passed.links:,} links, {passed.special:,} that are no files")
        return lines

    def _codes(self) -> list[str]:
        tally = self.outcome.tally
        lines = []
        for code, count in sorted(tally.codes.items()):
            numbers = tally.examples.get(code, ())
            which = ", ".join(map(str, numbers)) + (", ..." if count > len(numbers) else "")
            lines.append(f"{code}: {count:,}" + (f" (file {which})" if numbers else ""))
        return lines

    def _notes(self) -> list[str]:
        tally = self.outcome.tally
        notes = []
        if tally.illegal:
            notes.append(
                f"{tally.illegal:,} values were removed because their VR does not allow them"
            )
        if self.pixels is PixelTrust.ACCEPTED:
            notes.append("Pixels were delivered unseen, on your word; the manifest says so.")
        if self.order.purpose is Purpose.REHEARSE:
            return notes
        if tally.codes:
            report = os.fsdecode(self.order.private + b"/" + QUARANTINE)
            notes.append(f"Which files these are: {report}")
        if self.order.key is None:
            return notes
        made = (
            "A new key was made; keep it safe" if self.order.key.state is State.NEW else "The key"
        )
        notes.append(f"{made}: {self.order.key.place}")
        return notes


def _elements(census: "Census") -> list[dict[str, object]]:
    return [{**one._asdict(), "tag": tag_text(one.tag)} for one in census.told()]
