"""The columns an input file may have, and finding the row that names them."""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from dicomveil.errors import Place, Unusable
from dicomveil.mapping.sources import SourceType


class Column(StrEnum):
    """What a column of an input file holds; the value is how messages name it."""

    ACCESSION = "accession number"
    STUDY = "study instance UID"
    PATH = "folder"
    PATIENT = "original patient ID"
    PSEUDO_NAME = "pseudonym"
    PSEUDO_ID = "pseudo patient ID"
    DESCRIPTION = "description"
    DATE = "study date"


# Cells are compared without case, spaces, _, - and dots.
SPELLINGS = {
    Column.ACCESSION: ("accession number", "acc nr"),
    Column.STUDY: ("study instance UID", "study UID"),
    Column.PATH: ("folder", "map", "path"),
    Column.PATIENT: ("original patient ID",),
    Column.PSEUDO_NAME: ("pseudoID", "pseudonym", "name", "pseudo name"),
    Column.PSEUDO_ID: ("pseudo patient ID",),
    Column.DESCRIPTION: ("description",),
    Column.DATE: ("study date",),
}
SOURCE_OF = {
    Column.ACCESSION: SourceType.ACCESSION,
    Column.STUDY: SourceType.STUDY,
    Column.PATH: SourceType.FOLDER,
    Column.PATIENT: SourceType.PATIENT,
}


class Cell(NamedTuple):
    """The text of a cell, and what about it keeps the text from being used."""

    text: str
    problem: str = ""


class TableRow(NamedTuple):
    """A row as it lies in the file: its number there and its cells."""

    number: int
    cells: tuple[Cell, ...]


class Header(NamedTuple):
    """Which row names the columns, and where each known column stands."""

    number: int
    columns: dict[Column, int]

    @property
    def sources(self) -> tuple[Column, ...]:
        """The columns that say where data comes from."""
        return tuple(column for column in self.columns if column in SOURCE_OF)


def _plain(text: str) -> str:
    return re.sub(r"[\s_.\-]", "", text).casefold()


_COLUMN = {_plain(text): column for column, texts in SPELLINGS.items() for text in texts}


def find_header(rows: Sequence[TableRow], file: str) -> Header | None:
    """The first row with a source column in it; None when there is none.

    MappingError when the row names a column twice, or has one named patient ID: in a mapping
    that is the pseudonym, in a source the original, and mixing them up would publish patients.
    """
    for row in rows:
        columns = _known(row, file)
        if any(column in SOURCE_OF for column in columns):
            _refuse_patient_id(row, file)
            return Header(row.number, columns)
    return None


def _known(row: TableRow, file: str) -> dict[Column, int]:
    found: dict[Column, int] = {}
    named = [(at, _COLUMN.get(_plain(cell.text))) for at, cell in enumerate(row.cells)]
    has_source = any(column in SOURCE_OF for _, column in named)
    for at, column in named:
        if column is None:
            continue
        if column in found and has_source:
            message = f"columns {found[column] + 1} and {at + 1} have the same meaning; keep one"
            raise Unusable(message, Place(file, row.number, str(column)))
        found[column] = at
    return found


def _refuse_patient_id(row: TableRow, file: str) -> None:
    for cell in row.cells:
        if _plain(cell.text) in {"patientid", "patid"}:
            message = (
                f'this name can mean two things; write "{Column.PSEUDO_ID}" for the pseudonym '
                f'or "{Column.PATIENT}" for the number in the archive'
            )
            raise Unusable(message, Place(file, row.number, "patient ID"))


def no_header(file: str) -> Unusable:
    """What to say of a file in which no row names a column."""
    wanted = ", ".join(text for column in SOURCE_OF for text in SPELLINGS[column])
    return Unusable(f"no row names a column with sources; looked for {wanted}", Place(file))
