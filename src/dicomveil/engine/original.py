"""What a place hands to the engine: an object's bytes, without saying where they lie."""

from typing import Protocol


class Original(Protocol):
    """An object as it came.

    `head` is its first bytes, all of it when `len(head) == size`; `view()` is the whole object,
    mapped or read when first asked for; `release()` lets go of pages that were looked at.
    """

    head: bytes
    size: int

    def view(self) -> memoryview:
        """Every byte of the object."""
        ...

    def release(self) -> None:
        """Let go of the memory that looking at the object took."""
        ...


class BytesOriginal:
    """An object that is in memory already: the twin for tests, and for the Python door."""

    def __init__(self, data: bytes) -> None:
        """Hand in all of `data`."""
        self.head = data
        self.size = len(data)

    def view(self) -> memoryview:
        """Every byte of the object."""
        return memoryview(self.head)

    def release(self) -> None:
        """Nothing is mapped."""
