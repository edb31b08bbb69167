"""Who owns a private element: the creator that reserved its block (PS3.5 §7.8.1).

A creator is a text that anyone may write, so it is a value like any other; only those in the table
of vendors' creators are known to name no person.
"""

from collections.abc import Iterable
from functools import cache

from dicomveil.dicom.elements import Element
from dicomveil.dicom.packaged import packaged
from dicomveil.dicom.tags import Tag, is_private, is_private_creator

_TABLE = "private_creators.tsv"


class Creators:
    """The private blocks of one data set, each reserved in its own item."""

    def __init__(self, elements: Iterable[Element]) -> None:
        """Note the creators among `elements`, the walk of a data set."""
        self._blocks: dict[tuple[int, Tag], Element] = {
            (id(e.holder), e.tag): e for e in elements if is_private_creator(e.tag) and e.vr
        }

    def of(self, element: Element) -> Element | None:
        """The element that names the owner of `element`: itself when it is a creator.

        None for an element that is not private, or whose block nobody has reserved.
        """
        if not is_private(element.tag):
            return None
        block = element.tag
        if not is_private_creator(block):
            block = element.tag & 0xFFFF0000 | (element.tag & 0xFF00) >> 8
        return self._blocks.get((id(element.holder), block))


def is_known_creator(name: str) -> bool:
    """Whether it is exactly a creator that vendors are known to write."""
    return name in _known()


@cache
def _known() -> frozenset[str]:
    with packaged("dicom", _TABLE) as file:
        return frozenset(line.rstrip("\n") for line in file if not line.startswith("#"))
