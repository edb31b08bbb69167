"""The input file: a list of folders, studies or accession numbers, with pseudonyms or without."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dicomveil.errors import BadIdentifier, BadRow, Place, Unreadable, Unusable
from dicomveil.mapping.columns import (
    SOURCE_OF,
    SPELLINGS,
    Column,
    Header,
    TableRow,
    find_header,
    no_header,
)
from dicomveil.mapping.delimited import read_delimited
from dicomveil.mapping.fields import Field
from dicomveil.mapping.files import decode, read_bytes
from dicomveil.mapping.sources import SourceIdentifier, make_source
from dicomveil.mapping.spreadsheet import read_xls, read_xlsx

TEXT_ENDINGS = (".csv", ".tsv", ".txt")
EXCEL_ENDINGS = (".xlsx", ".xlsm", ".xls")


@dataclass(frozen=True, slots=True)
class InputRow:
    """One row: its number in the file, its source, and the mapping's cells it fills."""

    number: int
    source: SourceIdentifier
    cells: dict[Field, str] = field(repr=False)
    date: str = field(default="", repr=False)  # of the study, as it is written


def read_input_file(path: Path, wanted: Column | None = None) -> tuple[InputRow, ...]:
    """The rows of an input file, their sources from column `wanted` (or the only one there is).

    Unreadable, MappingError or BadRow say which row and column is wrong; nothing is guessed.
    """
    if path.suffix.lower() not in TEXT_ENDINGS + EXCEL_ENDINGS:
        endings = ", ".join(TEXT_ENDINGS + EXCEL_ENDINGS)
        raise Unreadable(f"an input file ends in one of {endings}", Place(path.name))
    return parse_input(read_bytes(path), path.name, wanted)


def parse_input(contents: bytes, name: str, wanted: Column | None = None) -> tuple[InputRow, ...]:
    """The rows of an input file of that name with these bytes; refused as in a file."""
    table, header = _with_header(contents, name)
    source = _source_column(header, wanted, name)
    below = (row for row in table if row.number > header.number)
    return tuple(_row(row, header, source, name) for row in below if not _empty(row, header))


def is_excel(contents: bytes) -> bool:
    """Whether the bytes are a workbook's, old or new."""
    return contents.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0"))


def _with_header(contents: bytes, name: str) -> tuple[list[TableRow], Header]:
    for table in _tables(contents, name):
        header = find_header(table, name)
        if header:
            return table, header
    raise no_header(name)


def _tables(contents: bytes, name: str) -> Iterator[list[TableRow]]:
    """The tables of a file, by what its bytes are rather than by its name."""
    if contents.startswith(b"PK\x03\x04"):
        yield from read_xlsx(contents, name)
    elif contents.startswith(b"\xd0\xcf\x11\xe0"):
        yield from read_xls(contents, name)
    else:
        text, _ = decode(contents, name)
        yield read_delimited(text, name)


def _source_column(header: Header, wanted: Column | None, file: str) -> Column:
    if wanted is None:
        if len(header.sources) == 1:
            return header.sources[0]
        names = " and ".join(f'"{column}"' for column in header.sources)
        message = f"there are {names}; use the command for the one that is meant"
        raise Unusable(message, Place(file, header.number))
    if wanted not in header.columns:
        names = ", ".join(SPELLINGS[wanted])
        raise Unusable(
            f"the column is missing; accepted names: {names}", Place(file, column=wanted)
        )
    return wanted


def _empty(row: TableRow, header: Header) -> bool:
    return not any(_text(row, at, "") for at in header.columns.values())


def _row(row: TableRow, header: Header, source: Column, file: str) -> InputRow:
    others = [
        column for column in header.columns if column not in SOURCE_OF and column is not Column.DATE
    ]
    used = {name: _text(row, header.columns[name], file, name) for name in (source, *others)}
    pseudonym = used.get(Column.PSEUDO_NAME, "")
    for column, text in used.items():
        filled = column is Column.PSEUDO_ID and pseudonym
        if not text and not filled:
            raise BadRow("the cell is empty", Place(file, row.number, str(column)))
    try:
        identifier = make_source(SOURCE_OF[source], used[source])
    except BadIdentifier as error:
        raise BadRow(error.problem, Place(file, row.number, str(source))) from error
    cells = {
        Field.SOURCE: str(identifier),
        Field.PSEUDO_ID: used.get(Column.PSEUDO_ID) or pseudonym,
        Field.PSEUDO_NAME: pseudonym,
        Field.DESCRIPTION: used.get(Column.DESCRIPTION, ""),
    }
    at = header.columns.get(Column.DATE)
    date = "" if at is None else _text(row, at, file, Column.DATE)
    present = {name: cell for name, cell in cells.items() if cell}
    return InputRow(row.number, identifier, present, date)


def _text(row: TableRow, at: int, file: str, column: str = "") -> str:
    """The text of a cell, empty beyond the row's end; BadRow when it cannot be used."""
    if at >= len(row.cells):
        return ""
    cell = row.cells[at]
    if cell.problem and file:
        raise BadRow(cell.problem, Place(file, row.number, column))
    return cell.text or cell.problem
