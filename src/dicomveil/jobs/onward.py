"""Deliver a job's output to places besides its folder, once everything of it is clean and proven.

A place has no rename: its objects arrive one by one. What is there already counts as delivered, so
that a delivery which was cut short is simply done again.
"""

import os
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from dicomveil.errors import DicomveilError, Failed, PlaceBusy
from dicomveil.jobs import manifest
from dicomveil.jobs.berth import Berth
from dicomveil.jobs.fetching import STUDIES
from dicomveil.jobs.hand import Tell
from dicomveil.jobs.layout import MANIFEST
from dicomveil.jobs.model import Item
from dicomveil.jobs.steps import Where
from dicomveil.places.configured import opened
from dicomveil.places.register import read_places

CODE = "partly-delivered"


class Sent(NamedTuple):
    """How far the delivery to one place came; `trouble` is "" when all of it is there."""

    place: str
    there: int  # objects that are safely there
    total: int
    trouble: str = ""
    passing: bool = False  # the trouble may pass

    def __str__(self) -> str:
        how = f": {self.trouble}" if self.trouble else ""
        return f"{self.there} of {self.total} objects are at {self.place}{how}"


class Onward:
    """Delivers to the places of a server."""

    def __init__(self, register: Path) -> None:
        """Deliver to places of the file `register`."""
        self._register = register

    def sent(self, where: Where, names: Sequence[str], ask: Callable[..., Any]) -> list[Sent]:
        """How far each place came; one that fails keeps no other from being delivered to."""
        return [ask(send, where, name, self._register) for name in names]


def send(where: Where, name: str, register: Path, tell: Tell) -> Sent:
    """Deliver what is staged to one place."""
    there = total = 0
    try:
        places = read_places(register)
        with closing(Berth(*where)) as berth, TemporaryDirectory() as folder:
            staged = berth.stage()
            objects = sorted(set(map(os.fsdecode, manifest.delivered(staged))))
            total = len(objects)
            root, names = Path(os.fsdecode(staged)), objects
            if name in places and places[name].kind not in STUDIES:
                root, names = _below_its_number(root, objects, Path(folder) / str(where.job))
            with opened(name, places, os.environ) as place:
                for count, _ in enumerate(place.deliver(root, names), 1):
                    there = min(count, total)
                    tell(there)
    except DicomveilError as error:
        return Sent(name, there, total, str(error), isinstance(error, PlaceBusy | Failed))
    return Sent(name, there, total)


def _below_its_number(root: Path, objects: Sequence[str], link: Path) -> tuple[Path, list[str]]:
    """How files are named where names matter: below the job's number, the manifest last."""
    link.symlink_to(root)
    return link.parent, [f"{link.name}/{name}" for name in (*objects, MANIFEST)]


def items_of(sent: Sequence[Sent]) -> tuple[Item, ...]:
    """What a job's detail says of each place."""
    return tuple(Item("sent", one.place, one.there) for one in sent)
