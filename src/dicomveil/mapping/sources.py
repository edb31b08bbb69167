"""Source identifiers: where the data of a job comes from, as `<type>:<value>`."""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from dicomveil.errors import BadIdentifier


class SourceType(StrEnum):
    """The kinds of source; the value is what stands before the colon."""

    FOLDER = "folder"
    FILE_SELECTION = "fileselection"
    STUDY = "study_instance_uid"
    ACCESSION = "accession_number"
    SERIES = "series_instance_uid"
    PATIENT = "patient_id"


PATH_TYPES = frozenset({SourceType.FOLDER, SourceType.FILE_SELECTION})
# anonapi 2.1.2 does not know these, and neither do the servers it was written for.
NEW_TYPES = frozenset({SourceType.SERIES, SourceType.PATIENT})

FORMS = {
    SourceType.FOLDER: "folder:a/path/below/root_source_path",
    SourceType.FILE_SELECTION: "fileselection:a/path/fileselection.txt",
    SourceType.STUDY: "study_instance_uid:1.2.840.99 (digits and dots, at most 64)",
    SourceType.ACCESSION: "accession_number:12345678.1234567 (at most 16 characters)",
    SourceType.SERIES: "series_instance_uid:1.2.840.99 (digits and dots, at most 64)",
    SourceType.PATIENT: "patient_id:0012345 (at most 64 characters)",
}

# PS3.5 §9.1: components without leading zeros, two at least, 64 characters in all.
_UID = re.compile(r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*))+")
_LONGEST = {SourceType.ACCESSION: 16, SourceType.PATIENT: 64}  # PS3.5 §6.2: SH and LO


@dataclass(frozen=True, slots=True)
class SourceIdentifier:
    """A checked source. Its value identifies, so it stays out of the repr."""

    type: SourceType
    value: str = field(repr=False)

    def __str__(self) -> str:
        return f"{self.type}:{self.value}"

    @property
    def is_path(self) -> bool:
        """Whether the data lies in files on a share rather than in a PACS."""
        return self.type in PATH_TYPES


def parse_source(text: str) -> SourceIdentifier:
    """The source that `text` names; BadIdentifier says which forms are accepted."""
    kind, colon, value = text.strip().partition(":")
    if not colon:
        raise BadIdentifier(f"a source needs a type and a colon, like {_all_forms()}")
    try:
        source_type = SourceType(kind.strip().lower())
    except ValueError as error:
        raise BadIdentifier(
            f"the type before the colon is not known; use {_all_forms()}"
        ) from error
    return make_source(source_type, value)


def make_source(source_type: SourceType, value: str) -> SourceIdentifier:
    """A source of a known type; BadIdentifier when the value is not of its form."""
    value = value.strip()
    problem = _problem(source_type, value)
    if problem:
        raise BadIdentifier(f"{problem}; write {FORMS[source_type]}")
    return SourceIdentifier(source_type, value)


def _problem(source_type: SourceType, value: str) -> str:
    """What is wrong with a value of this type; empty when nothing is."""
    if not value:
        return f"a source of type {source_type} needs a value after the colon"
    if "*" in value or "?" in value:  # one row must never fetch an archive
        return "* and ? are wild cards and not accepted in a source"
    if not value.isprintable():
        return "a control character is not accepted in a source"
    match source_type:
        case SourceType.STUDY | SourceType.SERIES:
            sound = len(value) <= 64 and _UID.fullmatch(value)
            return "" if sound else "this is not a UID"
        case SourceType.ACCESSION | SourceType.PATIENT:
            return _number_problem(value, _LONGEST[source_type])
        case SourceType.FOLDER | SourceType.FILE_SELECTION:
            parts = re.split(r"[\\/]", value)
            return ".. is not accepted in a path" if ".." in parts else ""
        case _:
            assert_never(source_type)


def _number_problem(value: str, longest: int) -> str:
    if "\\" in value:  # PS3.5 §6.2: the backslash separates values
        return "a backslash is not accepted in this number"
    return f"the value has more than {longest} characters" if len(value) > longest else ""


def _all_forms() -> str:
    return ", ".join(FORMS.values())
