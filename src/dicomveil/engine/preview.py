"""What a substitution would write to an object: each place with its value before and after.

For the one who is about to write it, and for nobody else: nothing of this goes into a report.
"""

from typing import NamedTuple

from dicomveil.dicom.dictionary import keyword_of
from dicomveil.engine.original import Original
from dicomveil.engine.plain import LONGEST, plain, printable
from dicomveil.engine.substitute import REMOVED, Substituter


class Shown(NamedTuple):
    """One element: where it is, what is done, and what it says before and after."""

    path: str
    keyword: str
    action: str
    before: str | None  # None for an element that is added
    after: str | None  # None for one that is removed


def previewed(substituter: Substituter, original: Original) -> list[Shown]:
    """Everything that would be written, in the order it lies; InvalidDicom and Refused."""
    looked = substituter.looked(original)
    shown = []
    for element, name, _, text in substituter.written(looked):
        present = element.end > element.start
        shown.append(
            Shown(
                element.path,
                keyword_of(element.tag),
                name,
                plain(looked.scene, element) if present else None,
                None if name == REMOVED else printable(text[:LONGEST]),
            )
        )
    return shown
