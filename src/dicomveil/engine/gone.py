"""Sequences that go, whatever is in them: their shapes are remembered, so that few are walked.

A sequence that goes must still be walked: it has to end where it says, nobody may be named in it,
and its UIDs must not stand elsewhere in the output. Most differ from one met before in their UIDs
alone: then all the rest is as it was, and so is the walk.
"""

from collections.abc import Sequence
from struct import Struct, error
from typing import Final, NamedTuple

from dicomveil.dicom.elements import Element
from dicomveil.dicom.legality import is_legal_uid
from dicomveil.engine.identity import is_telling

_REMEMBERED: Final = 12


class _Shape(NamedTuple):
    """A whole sequence: literals, with the values of UIDs between them."""

    layout: Struct
    literals: tuple[bytes, ...]


class Gone:
    """The shapes of one sequence that goes, the last one that fitted first."""

    def __init__(self) -> None:
        """Begin with none."""
        self._shapes: list[_Shape] = []

    def fit(self, data: bytes, at: int) -> tuple[int, list[bytes]]:
        """Where the sequence at `at` ends, and its telling UIDs; 0 where no shape fits."""
        for place, (layout, literals) in enumerate(self._shapes):
            try:
                fields = layout.unpack_from(data, at)
            except error:  # longer than what is left
                continue
            if fields[::2] != literals:
                continue
            uids = [value.rstrip(b"\0 ") for value in fields[1::2]]
            if not all(map(is_legal_uid, uids)):
                return 0, []
            if place:
                self._shapes.insert(0, self._shapes.pop(place))
            return at + layout.size, [uid for uid in uids if is_telling(uid)]
        return 0, []

    def learn(self, data: bytes, elements: Sequence[Element]) -> None:
        """Remember the shape of a sequence that was walked and names nobody."""
        whole = elements[0]
        at, sizes, literals = whole.start, [], []
        for element in elements:
            if element.vr == "UI" and element.length:
                literals.append(bytes(data[at : element.value]))
                sizes += [element.value - at, element.length]
                at = element.stop
        literals.append(bytes(data[at : whole.end]))
        sizes.append(whole.end - at)
        layout = Struct("".join(f"{size}s" for size in sizes))
        self._shapes.insert(0, _Shape(layout, tuple(literals)))
        del self._shapes[_REMEMBERED:]
