"""What an object itself declares of its private blocks (PS3.3 C.12.1.1.7, PS3.15 E.3.10).

Private Data Element Characteristics Sequence (0008,0300) says of each block whether it identifies
anybody, which of its elements do not, and what is to become of those that do. A declared block
answers for all its elements: what it does not call safe is deleted, whatever a table says.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from dicomveil.policy.private_tables import Disposition, Step

SAFE: Final = "SAFE"
MIXED: Final = "MIXED"

# PS3.3 C.12.1.1.7.2: the terms of Deidentification Action (0008,0307).
_ACTIONS: Final = {
    "D": Disposition.DUMMY,
    "Z": Disposition.EMPTY,
    "X": Disposition.DELETE,
    "U": Disposition.HASH_UID,
}


class BlockItem(NamedTuple):
    """One item of the sequence, as it was read."""

    group: int  # (0008,0301)
    creator: str  # (0008,0302)
    status: str  # (0008,0303)
    nonidentifying: tuple[int, ...] = ()  # (0008,0304)
    actions: tuple[tuple[str, tuple[int, ...]], ...] = ()  # (0008,0307) and (0008,0306) by item
    vrs: tuple[tuple[int, str], ...] = ()  # (0008,0308) and (0008,030A) by item of (0008,0310)

    def __repr__(self) -> str:
        """The group alone: all else are texts of the file."""
        return f"<BlockItem of group {self.group:04X}>"


class Declared:
    """The declarations of one object, as look-ups."""

    def __init__(self, items: Iterable[BlockItem]) -> None:
        """Take the items as they come; several may speak of one block."""
        self._blocks: dict[tuple[int, str], list[BlockItem]] = {}
        for item in items:
            self._blocks.setdefault(_key(item.group, item.creator), []).append(item)

    def disposition(self, step: Step) -> Disposition | None:
        """What is declared of a private element; None for one of a block that is not declared.

        Where two items of one block disagree, the element is deleted.
        """
        items = self._blocks.get((step.group, step.creator))
        if items is None:
            return None
        said = {_of_item(item, step.element) for item in items}
        return said.pop() if len(said) == 1 else Disposition.DELETE

    def vr(self, step: Step) -> str | None:
        """The VR that is declared of a private element; None where none is, or where two are."""
        items = self._blocks.get((step.group, step.creator), [])
        said = {vr for item in items for element, vr in item.vrs if element == step.element}
        return said.pop() if len(said) == 1 else None


NOTHING_DECLARED: Final = Declared(())


def _key(group: int, creator: str) -> tuple[int, str]:
    step = Step.private(group << 16, creator)
    return step.group, step.creator


def _of_item(item: BlockItem, element: int) -> Disposition:
    """What one item says of an element of its block: what it wants done decides before the rest."""
    wanted = {action for action, elements in item.actions if element in elements}
    if wanted:
        only = wanted.pop()
        return Disposition.DELETE if wanted else _ACTIONS.get(only, Disposition.DELETE)
    status = item.status.strip(" \0").upper()
    safe = status == SAFE or (status == MIXED and element in item.nonidentifying)
    return Disposition.KEEP if safe else Disposition.DELETE
