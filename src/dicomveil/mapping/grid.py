"""The Mapping section: a table with a row for each job, and where each row lies in the file."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from dicomveil.errors import BadRow, Place, Unusable
from dicomveil.mapping.fields import Field, field_named, known_names
from dicomveil.mapping.sections import Sections, is_blank, is_comment

# Columns that an annotated mapping has beside those of a mapping.
ANNOTATIONS = ("status", "job_id")
_OPEN_QUOTE = re.compile(r'(?:^|[,;\t])[ ]*"')


class Record(NamedTuple):
    """Cells that lie together, from line `start` up to line `stop` of the file."""

    start: int
    stop: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One job to be: its number below the column headers, its line, its cells."""

    number: int
    line: int
    cells: Mapping[Field, str] = field(repr=False)

    def place(self, file: str, column: str = "") -> Place:
        """Where this row is, for a message."""
        return Place(file, self.number, column, self.line)


@dataclass(frozen=True, slots=True)
class Grid:
    """The table: its delimiter, the index of its header line (if any), columns and rows."""

    delimiter: str
    header: int | None
    columns: tuple[Field | None, ...]
    rows: tuple[Row, ...]


def read_grid(sections: Sections, file: str) -> Grid:
    """The table of a mapping; MappingError or BadRow says which column or row is wrong."""
    start = sections.mapping + 1
    stop = len(sections.lines)
    while start < stop and _says_nothing(sections.lines[start]):
        start += 1
    if start == stop:
        return Grid(",", None, (), ())
    delimiter = delimiter_of(sections.lines[start])
    records = (
        record
        for record in read_records(sections.lines, start, delimiter, file)
        if not is_comment(sections.lines[record.start])
    )
    header = next(records)
    columns = _columns(header, file)
    rows = tuple(
        _row(number, record, columns, file) for number, record in enumerate(records, start=1)
    )
    return Grid(delimiter, header.start, columns, rows)


def delimiter_of(line: str) -> str:
    """The delimiter that a line has most of; a comma when it has none."""
    return max(",;\t", key=line.count)


def read_records(lines: Sequence[str], start: int, delimiter: str, file: str) -> Iterator[Record]:
    """The records from a line on, without blank lines."""
    at = start
    while at < len(lines):
        if is_blank(lines[at]):
            at += 1
            continue
        record = _read_record(lines, at, delimiter, file)
        yield record
        at = record.stop


def _says_nothing(line: str) -> bool:
    return is_blank(line) or is_comment(line)


def _read_record(lines: Sequence[str], at: int, delimiter: str, file: str) -> Record:
    reader = csv.reader(
        (lines[number] for number in range(at, len(lines))),
        delimiter=delimiter,
        skipinitialspace=True,
    )
    try:
        cells = next(reader)
    except csv.Error as error:
        raise Unusable("this line cannot be read as cells", Place(file, line=at + 1)) from error
    stop = at + reader.line_num
    raw = "".join(lines[at:stop])
    if stop == len(lines) and raw.count('"') % 2 and _OPEN_QUOTE.search(raw):
        raise Unusable("a quote is opened here and never closed", Place(file, line=at + 1))
    return Record(at, stop, tuple(cell.strip() for cell in cells))


def _columns(header: Record, file: str) -> tuple[Field | None, ...]:
    """The field of each column; None for a nameless one and for annotations."""
    names = [name.strip('" ') for name in header.cells]
    columns = tuple(field_named(name) for name in names)
    for name, column in zip(names, columns, strict=True):
        if name and column is None and name.lower() not in ANNOTATIONS:
            place = Place(file, line=header.start + 1)
            raise Unusable(f"a column has a name that is not known; {known_names(name)}", place)
        if column is not None and columns.count(column) > 1:
            place = Place(file, column=str(column), line=header.start + 1)
            raise Unusable("two columns have this meaning; keep one", place)
    return columns


def _row(number: int, record: Record, columns: tuple[Field | None, ...], file: str) -> Row:
    extra = [at for at, cell in enumerate(record.cells) if cell and at >= len(columns)]
    if extra:
        place = Place(file, number, str(extra[0] + 1), record.start + 1)
        raise BadRow(f"a value without a column header; the header names {len(columns)}", place)
    cells = {column: cell for column, cell in zip(columns, record.cells, strict=False) if column}
    return Row(number, record.start + 1, cells)
