"""Look through a source before anything is de-identified: what is DICOM, and who it is about.

A job that would fail halfway is refused before its first output. Files are opened for reading,
once each; nothing that is found here is written down but sealed.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from dicomveil.dicom.sniff import is_directory
from dicomveil.engine.person import Person, alike, person_of
from dicomveil.errors import Changed, InvalidDicom, NotDicom
from dicomveil.jobs.called import Called
from dicomveil.places.original import HEAD, FileOriginal, Opener
from dicomveil.places.scan import Found

_NAMED: Final = 20  # files that are not DICOM, by name, for those who may see them


@dataclass(slots=True)
class Patient:
    """One original patient of a source, and by digests everything its objects call anybody."""

    person: Person = field(repr=False)  # without identifiers
    identifiers: Called = field(default_factory=Called, repr=False)
    objects: int = 0

    def is_called(self, pseudonym: str) -> bool:
        """Whether the pseudonym is an identifier of the original; an empty one is none."""
        return bool(pseudonym) and alike(pseudonym) in self.identifiers


@dataclass(slots=True)
class Survey:
    """What a source holds."""

    found: int = 0
    size: int = 0  # bytes
    objects: int = 0  # readable as DICOM
    unreadable: int = 0  # DICOM that is broken, or files that cannot be opened: the run says why
    directories: int = 0  # DICOMDIR
    not_dicom: int = 0
    names: list[str] = field(default_factory=list, repr=False)  # the first of them
    patients: dict[bytes, Patient] = field(default_factory=dict, repr=False)
    classes: Counter[str] = field(default_factory=Counter)
    wanted: list[bytes] = field(default_factory=list, repr=False)  # when classes are chosen


def survey(
    files: Iterable[Found], opener: Opener | None = None, classes: frozenset[str] = frozenset()
) -> Survey:
    """What the files hold; with `classes`, also which are objects of these SOP Classes."""
    seen = Survey()
    latest: Patient | None = None
    for found in files:
        seen.found += 1
        seen.size += found.size
        person = _person(seen, found, opener)
        if person is None:
            continue
        seen.objects += 1
        seen.classes[person.sop_class] += 1
        if classes:
            if person.sop_class not in classes:
                continue
            seen.wanted.append(found.path)
        patient = _patient(seen, person)
        if latest is not None and latest is not patient:
            latest.identifiers.rest()  # most sources have the objects of a patient together
        latest = patient
    for patient in seen.patients.values():
        patient.identifiers.fold()
    return seen


def _patient(seen: Survey, person: Person) -> Patient:
    """The patient of an object, who is now known by what the object calls people too."""
    patient = seen.patients.get(person.message)
    if patient is None:
        patient = Patient(replace(person, identifiers=frozenset()))
        seen.patients[person.message] = patient
    patient.objects += 1
    patient.identifiers.add(person.identifiers)
    return patient


def _person(seen: Survey, found: Found, opener: Opener | None) -> Person | None:
    """Whom a file is about; None for what is no sound object, which is counted."""
    if not found.name:
        seen.unreadable += 1
        return None
    try:
        with FileOriginal(found.path, HEAD, opener) as original:
            if original.size and is_directory(original.head):
                seen.directories += 1
                return None
            return person_of(original)
    except NotDicom:
        seen.not_dicom += 1
        if len(seen.names) < _NAMED:
            seen.names.append(_printable(found.within + found.name))
    except (OSError, Changed, InvalidDicom):
        seen.unreadable += 1
    return None


def _printable(name: bytes) -> str:
    """The name on one line, whatever its bytes are."""
    text = name.decode("utf-8", "backslashreplace")
    return "".join(sign if sign.isprintable() else f"\\x{ord(sign):02x}" for sign in text)
