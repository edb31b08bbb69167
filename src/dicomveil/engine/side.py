"""One file of a comparison: what was read of it, and how its values are looked at."""

from collections.abc import Callable, Iterator
from typing import Final

from dicomveil.dicom.elements import Element
from dicomveil.dicom.reading import Reading, read
from dicomveil.dicom.tags import Tag
from dicomveil.engine.original import Original
from dicomveil.engine.scene import Scene

_PIECE: Final = 1 << 18
_PIECES_A_BREATH: Final = 32


class Side:
    """A whole, sound file; raises the InvalidDicom that reading it met."""

    def __init__(self, original: Original) -> None:
        """Read the file, but not its pixels."""
        self.reading: Reading = read(original.view(), original.release)
        if self.reading.fault is not None:
            raise self.reading.fault
        self.release: Callable[[], None] = original.release
        self.meta = Scene(self.reading.file, self.reading.meta)
        self.body = Scene(self.reading.body, self.reading.elements)

    def scene(self, element: Element) -> Scene:
        """Where the element's value is: in the file meta, or in the data set."""
        return self.meta if self.is_meta(element) else self.body

    def is_meta(self, element: Element) -> bool:
        """Whether the element is one of the file meta; group 0002 may stray into a data set."""
        return self.meta.roots.get(element.tag) is element

    def raw(self, element: Element) -> bytes:
        """The value as it lies, all of it in memory."""
        return self.scene(element).raw(element)

    def root(self, tag: Tag) -> bytes:
        """The value of a top-level element, b"" when it is absent."""
        element = self.body.roots.get(tag)
        return self.body.raw(element) if element else b""

    @property
    def tail(self) -> int:
        """How many bytes follow the last element."""
        return len(self.reading.body) - self.reading.end

    @property
    def beginning(self) -> bytes:
        """Everything before the data set."""
        meta = self.reading.meta
        return bytes(self.reading.file[: meta[-1].end]) if meta else self.reading.preamble

    def pieces(self, start: int, stop: int, element: Element | None = None) -> Iterator[bytes]:
        """The bytes from start to stop, of the file that holds `element`, piece by piece.

        Mapped pages are let go on the way, so memory does not grow with the value.
        """
        data = self.scene(element).data if element else self.reading.body
        for count, at in enumerate(range(start, stop, _PIECE), 1):
            yield bytes(data[at : min(at + _PIECE, stop)])
            if count % _PIECES_A_BREATH == 0:
                self.release()
