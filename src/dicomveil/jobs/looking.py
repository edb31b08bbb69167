"""Look for studies at the places of a project, fetching nothing: who asks is entered in the audit.

What is found is identity: it goes to the one who asks, and to nobody else.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dicomveil.job_errors import NoSuch
from dicomveil.jobs.audit import Audit
from dicomveil.jobs.database import Database, Durability
from dicomveil.jobs.fetching import STUDIES
from dicomveil.jobs.vault import Vault
from dicomveil.places.asking import checked
from dicomveil.places.configured import Built, opened
from dicomveil.places.place import Asked, StudyFound
from dicomveil.places.register import read_places


class Looker:
    """Asks places which studies they have."""

    def __init__(self, database: Database, vault: Vault, register: Path) -> None:
        """Ask the places of the file `register`; say so in the audit of `database`."""
        self._database = database
        self._audit = Audit(vault)
        self._vault = vault
        self._register = register

    def look(
        self, who: str, names: Sequence[str], questions: Sequence[Asked]
    ) -> Iterator[tuple[int, StudyFound]]:
        """The studies that answer each question, with its number from 1.

        Of several places the first that has any answers. Raises NoSuch where none of them is
        configured and knows studies, BadIdentifier, and what a place raises.
        """
        places = read_places(self._register)
        known = [name for name in names if name in places and places[name].kind in STUDIES]
        if not known:
            raise NoSuch("no place is configured where you could look for studies")
        for asked in questions:
            checked(asked)
        self._enter(who, known, questions)
        waiting = dict(enumerate(questions, 1))
        for name in known:
            with opened(name, places, os.environ) as place:
                found = dict(_answers(place, waiting))
            for number, studies in found.items():
                del waiting[number]
                yield from ((number, study) for study in studies)

    def _enter(self, who: str, names: Sequence[str], questions: Sequence[Asked]) -> None:
        """Before anything is asked: an answer that nobody knows of cannot be."""
        text = "\n".join("\0".join(asked) for asked in questions)
        facts = {
            "questions": len(questions),
            "digest": self._vault.digest("questions", text).hex(),
        }
        with self._database.write(Durability.PROMISED) as tx:
            self._audit.add(tx, who, "studies looked for", f"place {', '.join(names)}", facts)


def _answers(
    place: Built, questions: Mapping[int, Asked]
) -> Iterator[tuple[int, tuple[StudyFound, ...]]]:
    for number, asked in questions.items():
        studies = place.find(asked)
        if studies:
            yield number, studies
