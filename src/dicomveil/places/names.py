"""The names of one folder in the order of their bytes, packed where there are many.

A folder may hold millions of files; a name in a list takes over a hundred bytes, a packed one few.
"""

import zlib
from collections.abc import Iterator
from heapq import merge
from typing import Final

_AT_ONCE: Final = 1 << 15  # names that are held as they are
_BLOCK: Final = 1 << 12  # packed bytes that are unpacked at a time
_BETWEEN: Final = b"/"  # stands in no name, and neither does a zero byte


class Names:
    """Names are added in any order, and then taken once in theirs.

    What is added may go on after a zero byte, which does not change the order of names.
    """

    def __init__(self, at_once: int = _AT_ONCE) -> None:
        """Hold at most `at_once` names unpacked."""
        self._at_once = at_once
        self._held: list[bytes] = []
        self._packed: list[bytes] = []

    def add(self, name: bytes) -> None:
        """One more name, which is not empty."""
        self._held.append(name)
        if len(self._held) >= self._at_once:
            self._held.sort()
            self._packed.append(zlib.compress(_BETWEEN.join(self._held), 1))
            self._held.clear()

    def in_order(self) -> Iterator[bytes]:
        """All of them, sorted."""
        self._held.sort()
        if not self._packed:
            return iter(self._held)
        return merge(*map(_unpacked, self._packed), self._held)


def _unpacked(packed: bytes) -> Iterator[bytes]:
    """The names of a packed run, a block at a time."""
    unpacking = zlib.decompressobj()
    rest = b""
    for at in range(0, len(packed), _BLOCK):
        *names, rest = (rest + unpacking.decompress(packed[at : at + _BLOCK])).split(_BETWEEN)
        yield from names
    yield rest
