"""Who the patient becomes, where a recipe says more than the keyed pseudonym.

A template is filled with the pseudonym's characters; a mapping names the new identifiers of known
patients. Nothing of a mapping stands in a repr, a message or a digest: it is a table of people.
"""

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple


class Field(Enum):
    """What a template is filled with."""

    CODE = "code"  # the patient's keyed pseudonym
    PATIENT_ID = "patient-id"  # the new Patient ID


class Slot(NamedTuple):
    """A place in a template, and how many characters are put there; 0 for all."""

    field: Field
    length: int = 0


Template = tuple[str | Slot, ...]


class Others(Enum):
    """What becomes of patients that the mapping does not name."""

    PSEUDONYM = "pseudonym"
    QUARANTINE = "quarantine"


class Mapped(NamedTuple):
    """New identifiers by the old Patient ID, from a file; never shown."""

    file: str
    patients: Mapping[str, tuple[str, str]]  # old ID: new ID, new name or ""
    others: Others = Others.QUARANTINE

    def __repr__(self) -> str:
        """Whose table it is; nobody who stands in it."""
        return f"Mapped(file={self.file!r}, others={self.others})"


class Renaming(NamedTuple):
    """The new Patient ID and Patient Name."""

    patient_id: Template | None = None
    patient_name: Template | None = None
    mapped: Mapped | None = None

    def __str__(self) -> str:
        """All that decides but the mapping's rows: a digest over these could be undone by trying.

        So a run is not told from one whose mapping has other rows; docs/recipes.md says so.
        """
        mapped = f"{self.mapped.file} {self.mapped.others.value}" if self.mapped else ""
        return f"{self.patient_id} {self.patient_name} {mapped}"


def filled(template: Template, code: str, patient_id: str) -> str:
    """The text of a template."""
    return "".join(_part(part, code, patient_id) for part in template)


def _part(part: str | Slot, code: str, patient_id: str) -> str:
    match part:
        case str():
            return part
        case Slot(Field.PATIENT_ID, _):
            return patient_id
        case Slot(_, length):
            return code[: length or None]
