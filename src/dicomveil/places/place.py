"""What every place is: a source that finds and fetches, a destination that delivers.

One file of this room per technology; the contract test in tests/contracts holds each of them to
this. A fetched object is written to a spool as the bytes that came, under a name of ours; a place
never names a file by what an object holds (a hostile UID is no path).

What is found is identity: it goes to the caller and to nobody else, in no message and no log.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Protocol


class Asked(NamedTuple):
    """What is looked for: exactly one of the first five, and what narrows it.

    Values are compared for equality with what a place answers; wildcards, backslashes, control
    characters and empty values are refused before anything is asked (`asking.checked`).
    """

    accession_number: str = ""
    study_instance_uid: str = ""
    series_instance_uid: str = ""
    patient_id: str = ""
    below: str = ""  # a folder, an archive or a prefix: everything under it, at any depth
    modality: str = ""
    sop_class: str = ""
    series_description: str = ""
    study_date: str = ""  # a DA range as PS3.4 C.2.2.2.5.1 writes it


class SeriesFound(NamedTuple):
    """One series of a place's answer; `instances` is None where the place does not say."""

    series_instance_uid: str
    modality: str
    description: str
    instances: int | None


class StudyFound(NamedTuple):
    """One study of a place's answer, as far as the place says."""

    study_instance_uid: str
    accession_number: str
    patient_id: str
    patient_name: str
    study_date: str
    description: str
    series: tuple[SeriesFound, ...]

    @property
    def instances(self) -> int | None:
        """How many objects are to be expected; None where a series does not say."""
        counts = [one.instances for one in self.series]
        known = [count for count in counts if count is not None]
        return sum(known) if counts and len(known) == len(counts) else None


class Source(Protocol):
    """Finds studies, and brings their objects to a folder of this machine."""

    def find(self, asked: Asked) -> tuple[StudyFound, ...]:
        """The studies that equal what was asked; none is an empty answer, not an error.

        Raises PlaceBusy for trouble that may pass and PlaceRefuses for what will not.
        """
        ...

    def fetch(self, asked: Asked, spool: Path) -> Iterator[Path]:
        """Bring every object, yielding each as soon as it is whole in `spool` (0700, ours).

        Nothing is held in memory but a part of one object. Raises as `find`, and Short when fewer
        or more came than the place said; what came before stays in the spool, for the caller.
        """
        ...


class Arrival(StrEnum):
    """How one object ended at a destination."""

    DELIVERED = "delivered"
    ALREADY_THERE = "already-there"


class Destination(Protocol):
    """Takes finished objects; every one is de-identified and verified before the first byte."""

    def deliver(self, root: Path, names: Iterable[str]) -> Iterator[tuple[str, Arrival]]:
        """Deliver the files `names` below `root`, in order, yielding each that is safely there.

        Repeating it changes nothing. Raises PlaceBusy and PlaceRefuses; what was yielded before
        is delivered, so that the caller can say how many and go on after it.
        """
        ...


class Step(NamedTuple):
    """One line of `place test`: what was tried and how it went."""

    name: str
    fine: bool
    said: str = ""  # never a value of an element, never a secret


class Place(Protocol):
    """What both sides share."""

    def steps(self) -> Iterator[Step]:
        """Try the place step by step (name, port, TLS, association, find …), ending at a fault."""
        ...
