"""What the contract of places needs to know of one of them."""

from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from dicomveil.places.place import Arrival, Destination, Place, Source
from tests.builders import CT, El, part10


class Both(Source, Destination, Place, Protocol):
    """A place that is a source and a destination."""


class Rig(NamedTuple):
    """A place, and a way behind its back."""

    place: Both
    put: Callable[[Mapping[str, bytes]], None]  # have it hold these files, before it is asked
    held: Callable[[], list[bytes]]  # what it holds, in any order
    same: Callable[[bytes, bytes], bool] = bytes.__eq__  # looser where a place re-encodes
    again: Arrival = Arrival.ALREADY_THERE  # where a place does not say so: DELIVERED


def an_object(number: int, study: int = 1, series: int = 1, modality: str = "CT") -> bytes:
    """One small object: studies 1 and 2 are of patient 1, which both have the number A1."""
    return part10(
        [
            El(0x00080016, "UI", CT),
            El(0x00080018, "UI", f"1.2.3.{study}.{series}.{number}"),
            El(0x00080020, "DA", f"2024010{study}"),
            El(0x00080050, "SH", f"A{1 if study < 3 else study}"),
            El(0x00080060, "CS", modality),
            El(0x00081030, "LO", "Thorax"),
            El(0x0008103E, "LO", f"Series {series}"),
            El(0x00100010, "PN", "Doe^Jane"),
            El(0x00100020, "LO", f"P{1 if study < 3 else study}"),
            El(0x0020000D, "UI", f"1.2.3.{study}"),
            El(0x0020000E, "UI", f"1.2.3.{study}.{series}"),
            El(0x00280002, "US", (1,)),
            El(0x00280004, "CS", "MONOCHROME2"),
            El(0x00280010, "US", (8,)),
            El(0x00280011, "US", (8,)),
            El(0x00280100, "US", (16,)),
            El(0x00280101, "US", (16,)),
            El(0x00280102, "US", (15,)),
            El(0x00280103, "US", (0,)),
            El(0x7FE00010, "OW", bytes([number]) * 128),
        ]
    )


OBJECTS = {
    "a/1": an_object(1),
    "a/2": an_object(2),
    "a/3": an_object(1, series=2, modality="SR"),
    "a/4": an_object(1, study=2),
    "b/1": an_object(1, study=3),
}
