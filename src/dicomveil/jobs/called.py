"""What the objects of a patient call people, kept small: digests of eight bytes, in order.

A source may hold millions of objects with an order number each. As texts in a set one of them
takes about 150 bytes; the digests of a set are folded into an array of 8 bytes each.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from hashlib import blake2b
from heapq import merge
from typing import Final

_SIZE: Final = 8
_LOOSE: Final = 1024


class Called:
    """A set of texts that can only be asked whether a text is in it."""

    __slots__ = ("_kept", "_loose")

    def __init__(self) -> None:
        """Hold nothing."""
        self._kept = array("Q")
        self._loose: set[int] = set()

    def add(self, texts: Iterable[str]) -> None:
        """Hold these too."""
        new = map(_digest, texts)
        self._loose.update(one for one in new if not self._keeps(one))
        # As many again as there are, or 1024: so each is moved a few times and no more.
        if len(self._loose) > max(_LOOSE, len(self._kept)):
            self.fold()

    def rest(self) -> None:
        """Take less room, where that is worth the work: nothing is expected for a while."""
        if len(self._loose) * 8 > len(self._kept):
            self.fold()

    def fold(self) -> None:
        """Take as little room as can be."""
        if self._loose:
            self._kept = array("Q", merge(self._kept, sorted(self._loose)))
            self._loose = set()

    def __contains__(self, text: str) -> bool:
        digest = _digest(text)
        return digest in self._loose or self._keeps(digest)

    def __len__(self) -> int:
        return len(self._kept) + len(self._loose)

    def _keeps(self, digest: int) -> bool:
        at = bisect_left(self._kept, digest)
        return at < len(self._kept) and self._kept[at] == digest


def _digest(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=_SIZE).digest())
