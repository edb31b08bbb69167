"""Look at what a substitution would write, file by file, and write nothing."""

from collections.abc import Iterator
from typing import NamedTuple

from dicomveil.dicom.sniff import is_directory
from dicomveil.engine.preview import Shown, previewed
from dicomveil.engine.substitute import Substituter
from dicomveil.errors import Changed, DicomveilError, NotDicom
from dicomveil.jobs import preflight
from dicomveil.jobs.outcome import Status, Tally
from dicomveil.jobs.plan import Order
from dicomveil.jobs.verdict import FOLDER_UNREADABLE, Verdict, judged, not_dicom, unopened
from dicomveil.places.original import FileOriginal
from dicomveil.places.scan import Found


class Previewed(NamedTuple):
    """One file: what would be written to it, or why it would not be delivered."""

    number: int
    path: bytes
    shown: list[Shown]
    verdict: Verdict | None
    reason: str = ""  # the verdict in words, where there are more than its code


def previews(order: Order, substituter: Substituter) -> Iterator[Previewed]:
    """Every file of the order, in the order of their numbers; CannotStart before the first."""
    preflight.check(order)
    for number, found in enumerate(order.scan, 1):
        yield _preview(substituter, number, found)


def counted(before: Tally, file: Previewed) -> None:
    """Add the file to the tally."""
    status = file.verdict.status if file.verdict else Status.DELIVERED
    before.statuses[status] += 1
    before.note(status, file.verdict.code if file.verdict else "", file.number)


def _preview(substituter: Substituter, number: int, found: Found) -> Previewed:
    if not found.name:
        return Previewed(number, found.path, [], FOLDER_UNREADABLE)
    try:
        original = FileOriginal(found.path, substituter.wanted_head)
    except (OSError, Changed) as error:
        return Previewed(number, found.path, [], unopened(error))
    with original:
        if not original.size or is_directory(original.head):
            return Previewed(number, found.path, [], not_dicom(original.head, found.name))
        try:
            return Previewed(number, found.path, previewed(substituter, original), None)
        except NotDicom:
            return Previewed(number, found.path, [], not_dicom(original.head, found.name))
        except DicomveilError as error:
            return Previewed(number, found.path, [], judged(error), str(error))
        except Exception as error:  # noqa: BLE001 - as in a run: one file never ends it
            return Previewed(number, found.path, [], judged(error))
