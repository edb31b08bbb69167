"""Have a job's objects brought from a configured place: what a worker process does, and for whom.

Places are asked in the order in which the project names them; the first that has what is asked for
is fetched from, whole, or the step fails.
"""

import os
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

from dicomveil.errors import NothingFound
from dicomveil.job_errors import NoPlace
from dicomveil.jobs.hand import Tell
from dicomveil.places.asking import key_of
from dicomveil.places.configured import limits_of, opened
from dicomveil.places.place import Asked
from dicomveil.places.register import Configured, read_places

STUDIES: Final = frozenset({"dicomweb", "wado-uri", "dimse"})
"""The kinds of place that know studies."""

_WORDS: Final = {
    "accession_number": "accession",
    "study_instance_uid": "study",
    "series_instance_uid": "series",
    "patient_id": "patient",
}


class Wanted(NamedTuple):
    """What a job is fetched by, and the places that may have it."""

    places: tuple[str, ...]
    asked: Asked

    def __repr__(self) -> str:
        """The places alone: what is asked for is identity."""
        return f"<Wanted: {', '.join(self.places)}>"

    def source(self, place: str) -> str:
        """The SRC by which `dicomveil deid` fetches the same from this place."""
        if self.asked.below:
            return self.asked.below
        key, value = key_of(self.asked)
        return f"pacs:{place}?{_WORDS[key]}={quote(value, safe='')}"


class Brought(NamedTuple):
    """The place that had everything; or, where it is not its time, why nothing was asked."""

    place: str
    later: str = ""


def fetch(wanted: Wanted, register: Path, spool: Path, tell: Tell) -> Brought:
    """Bring every object to `spool`.

    Raises NoPlace where none of the places is configured, NothingFound where none has it, and
    what a place raises: nothing of a spool that is not whole may be used.
    """
    places = read_places(register)
    names = [name for name in wanted.places if name in places and _fits(places[name], wanted)]
    if not names:
        raise NoPlace("no place that could have this is configured for the project")
    for name in names:
        hours = limits_of(places[name]).hours
        if hours is not None and datetime.now().astimezone().time() not in hours:
            return Brought("", f"{name} is asked between {hours} only")
        try:
            with opened(name, places, os.environ) as place:
                for count, _ in enumerate(place.fetch(wanted.asked, spool), 1):
                    tell(count)
        except NothingFound:
            if name == names[-1]:
                raise
        else:
            break
    return Brought(name)


def _fits(configured: Configured, wanted: Wanted) -> bool:
    """Whether such a place can be asked for what is wanted."""
    return bool(wanted.asked.below) or configured.kind in STUDIES
