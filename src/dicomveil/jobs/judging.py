"""Whether what was cleaned may be delivered, and the counts that say what became of each file."""

from collections.abc import Sequence
from dataclasses import replace

from dicomveil.dicom.sniff import Kind
from dicomveil.job_errors import JobRefused
from dicomveil.jobs.frozen import FrozenPlan
from dicomveil.jobs.model import Counts, Item, NotDicomRule, QuarantineRule
from dicomveil.jobs.outcome import REASONS, Status, Tally
from dicomveil.jobs.verdict import WORKER_LOST

WITHHELD = "withheld"
"""The code of objects that could have left, of a job that was refused for others."""

LEFT_OUT = "sop-class"
"""The code of objects that are of a SOP Class which was not asked for."""


def may_pass(tally: Tally) -> bool:
    """Whether files failed that may be readable another time."""
    failed = (code for code in tally.codes if REASONS.get(code) is Status.FAILED)
    return any(code != WORKER_LOST.code for code in failed)


def check(plan: FrozenPlan, tally: Tally) -> None:
    """Raise JobRefused for an outcome that the project does not deliver."""
    foreign = sum(n for kind, n in tally.kinds.items() if kind != Kind.DICOMDIR)
    if foreign and plan.not_dicom is NotDicomRule.FAIL:
        raise JobRefused("not-dicom-found", f"{foreign} files of the source are not DICOM")
    held = tally.statuses[Status.QUARANTINED] + tally.statuses[Status.FAILED]
    if held and plan.quarantine is QuarantineRule.FAIL:
        text = f"{held} objects may not leave, and the project delivers all or nothing"
        raise JobRefused("quarantined", text)
    if not tally.statuses[Status.DELIVERED]:
        raise JobRefused("nothing-to-deliver", f"nothing to deliver: {_why(tally)}")


def counts_of(plan: FrozenPlan, tally: Tally) -> Counts:
    """The job's counts; found is the sum of all others."""
    statuses = tally.statuses
    return Counts(
        found=tally.found + plan.left_out,
        delivered=statuses[Status.DELIVERED],
        duplicate=statuses[Status.DUPLICATE],
        skipped=statuses[Status.SKIPPED] + plan.left_out,
        quarantined=statuses[Status.QUARANTINED],
        failed=statuses[Status.FAILED],
        bytes=plan.size,
    )


def items_of(plan: FrozenPlan, tally: Tally) -> tuple[Item, ...]:
    """Why files were not delivered, code by code."""
    items = [
        Item(_status(code), code, count, tally.examples.get(code, ()))
        for code, count in sorted(tally.codes.items())
    ]
    items += [Item("skipped", kind, count) for kind, count in sorted(tally.kinds.items())]
    if plan.left_out:
        items.append(Item("skipped", LEFT_OUT, plan.left_out))
    return tuple(items)


def withheld(counts: Counts, items: Sequence[Item]) -> tuple[Counts, tuple[Item, ...]]:
    """The same for a job that was refused after it was cleaned: nothing of it was delivered."""
    ready = counts.delivered
    if not ready:
        return counts, tuple(items)
    held = replace(counts, delivered=0, quarantined=counts.quarantined + ready)
    return held, (*items, Item("quarantined", WITHHELD, ready))


def _status(code: str) -> str:
    return str(REASONS.get(code, Status.QUARANTINED))


def _why(tally: Tally) -> str:
    reasons = [f"{count} {code}" for code, count in sorted(tally.codes.items())]
    reasons += [f"{count} not DICOM" for count in [sum(tally.kinds.values())] if count]
    return ", ".join(reasons) or "the source holds no files"
