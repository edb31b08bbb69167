"""Read a text as a table: commas, semicolons, tabs, or columns aligned by spaces."""

import csv
import re
from collections.abc import Callable, Sequence
from functools import partial

from dicomveil.errors import MappingError, Place, Unusable
from dicomveil.mapping.columns import Cell, TableRow, find_header
from dicomveil.mapping.grid import read_records
from dicomveil.mapping.sections import split_lines

Splitter = Callable[[Sequence[str], str], list[TableRow]]


def read_delimited(text: str, file: str) -> list[TableRow]:
    """The rows of a text, cut in the way that makes most columns known."""
    lines = split_lines(text)
    tables = [read(lines, file) for read in _ways(lines)]
    return max(tables, key=lambda table: _known_columns(table, file), default=[])


def _ways(lines: Sequence[str]) -> list[Splitter]:
    joined = "".join(lines)
    delimiters = [delimiter for delimiter in ",;\t" if delimiter in joined]
    # Free text above a table may hold a lone quote; each line by itself is read then.
    whole = [partial(_whole, delimiter) for delimiter in delimiters]
    single = [partial(_line_by_line, delimiter) for delimiter in delimiters]
    return [*whole, *single, _aligned]


def _known_columns(table: list[TableRow], file: str) -> int:
    header = find_header(table, file)
    return len(header.columns) if header else 0


def _whole(delimiter: str, lines: Sequence[str], file: str) -> list[TableRow]:
    """The rows when quoted cells may hold line ends; none when a quote is never closed."""
    try:
        return [
            TableRow(record.start + 1, tuple(Cell(cell) for cell in record.cells))
            for record in read_records(lines, 0, delimiter, file)
        ]
    except MappingError:
        return []


def _line_by_line(delimiter: str, lines: Sequence[str], file: str) -> list[TableRow]:
    table: list[TableRow] = []
    for number, line in enumerate(lines, start=1):
        try:
            cells = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
        except csv.Error as error:
            message = "this line cannot be read as cells"
            raise Unusable(message, Place(file, line=number)) from error
        problem = "a quote is opened and not closed" if line.count('"') % 2 else ""
        table.append(TableRow(number, tuple(Cell(cell.strip(), problem) for cell in cells)))
    return table


def _aligned(lines: Sequence[str], file: str) -> list[TableRow]:
    """Columns set apart by two or more spaces, as a person types them."""
    cut = [_words(line) for line in lines]
    table = [
        TableRow(number, tuple(Cell(word) for _, word in words))
        for number, words in enumerate(cut, start=1)
    ]
    header = find_header(table, file)
    if header is None:
        return table
    starts = [start for start, _ in cut[header.number - 1]]
    below = [
        TableRow(number, _under(starts, words))
        for number, words in enumerate(cut[header.number :], start=header.number + 1)
    ]
    return table[: header.number] + below


def _words(line: str) -> list[tuple[int, str]]:
    """The texts of a line that two spaces or a tab set apart, each with its place."""
    return [(found.start(), found[0]) for found in re.finditer(r"\S+(?: \S+)*", line.rstrip())]


def _under(starts: list[int], words: list[tuple[int, str]]) -> tuple[Cell, ...]:
    """The words below the headers: in order when there is one for each, else by place."""
    if len(words) == len(starts):
        return tuple(Cell(word) for _, word in words)
    cells = [Cell("")] * len(starts)
    for place, word in words:
        at = max((column for column, start in enumerate(starts) if start <= place), default=0)
        taken = bool(cells[at].text)
        cells[at] = Cell(word, "two texts stand under this header" if taken else "")
    return tuple(cells)
