"""A whole file as far as it can be read: for people who look at it, broken or not.

The engine refuses a broken file; whoever wants to know why needs what came before the break.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from dicomveil.dicom.elements import Element
from dicomveil.dicom.part10 import PREAMBLE, PREFIX, Syntax, inflate, meta_elements, open_part10
from dicomveil.dicom.walk import Bytes, walk_into
from dicomveil.errors import InvalidDicom


@dataclass(slots=True)
class Reading:
    """What was read of a file. The offsets of `meta` count in `file`, of `elements` in `body`."""

    file: Bytes
    body: Bytes  # the file itself, or what was inflated of it
    meta: list[Element] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)
    start: int = 0  # the first byte of the data set in `body`
    syntax: Syntax | None = None  # None when the frame is broken
    fault: InvalidDicom | None = None  # None when the whole file was read

    @property
    def preamble(self) -> bytes:
        """What stands before the prefix; b"" in a file that has none."""
        prefixed = bytes(self.file[PREAMBLE : PREAMBLE + len(PREFIX)]) == PREFIX
        return bytes(self.file[:PREAMBLE]) if prefixed else b""

    @property
    def end(self) -> int:
        """The byte of `body` after the last element: what follows is padding or a tail."""
        return max((e.end for e in self.elements if e.holder is None), default=self.start)


def read(file: Bytes, breathe: Callable[[], None]) -> Reading:
    """Everything in `file` up to its end, or up to the fault that is then noted in the reading.

    `breathe` is called between stretches of pixel data, as `walk` does; no pixel is read.
    """
    reading = Reading(file, file)
    try:
        _read(reading, breathe)
    except InvalidDicom as fault:
        reading.fault = fault
    return reading


def _read(reading: Reading, breathe: Callable[[], None]) -> None:
    file = reading.file
    reading.meta.extend(meta_elements(file, PREAMBLE + len(PREFIX) if reading.preamble else 0))
    part10 = open_part10(file)
    reading.syntax, reading.start = part10.syntax, part10.start
    if part10.syntax.deflated:
        reading.body, reading.start = inflate(file[part10.start :]), 0
    walk_into(reading.elements, reading.body, part10.syntax.form, reading.start, breathe)
