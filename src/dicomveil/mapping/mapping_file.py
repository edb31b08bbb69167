"""The mapping file: read, change without touching what did not change, write."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dicomveil.mapping.fields import Field
from dicomveil.mapping.files import Encoding, decode, encode, read_bytes, replace
from dicomveil.mapping.grid import Grid, Row, read_grid
from dicomveil.mapping.options import Option, read_options
from dicomveil.mapping.sections import Sections, cut_sections

Cells = Mapping[Field, str]


@dataclass(frozen=True, slots=True)
class MappingFile:
    """A mapping as it lies in its file, and what it says."""

    name: str
    encoding: Encoding
    sections: Sections = field(repr=False)
    options: tuple[Option, ...] = field(repr=False)
    grid: Grid = field(repr=False)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The jobs to be, in file order."""
        return self.grid.rows

    @property
    def description(self) -> str:
        """The text of the Description section."""
        return self.sections.description_text()

    def option(self, wanted: Field) -> str:
        """The value of an option; empty when it is absent."""
        return next((option.value for option in self.options if option.field is wanted), "")

    def contents(self) -> bytes:
        """The file's bytes; those it was read from, when nothing was changed."""
        return encode("".join(self.sections.lines), self.encoding, self.name)

    def save(self, path: Path) -> None:
        """Replace the file at `path` in one step."""
        replace(path, self.contents())

    def with_option(self, wanted: Field, value: str) -> "MappingFile":
        """The mapping with this option set; every other line stays as it is."""
        line = as_line([str(wanted), value], self.grid.delimiter, self.newline)
        at = next((option.at for option in self.options if option.field is wanted), None)
        lines = list(self.sections.lines)
        if at is None:
            lines.insert(self.sections.options + 1, line)
        else:
            lines[at] = line
        return self._anew(lines)

    def with_rows(self, rows: Sequence[Cells]) -> "MappingFile":
        """The mapping with these rows at its end; a column that is missing is added."""
        columns = list(self.grid.columns)
        needed = {cell for row in rows for cell in row}
        columns += [wanted for wanted in Field if wanted in needed and wanted not in columns]
        lines = self._lines_with_columns(columns)
        newline = self.newline
        if lines and not lines[-1].endswith(("\r", "\n")):
            lines[-1] += newline
        lines += [
            as_line(
                [row.get(name, "") if name else "" for name in columns],
                self.grid.delimiter,
                newline,
            )
            for row in rows
        ]
        return self._anew(lines)

    def _lines_with_columns(self, columns: list[Field | None]) -> list[str]:
        """All lines, the header naming `columns`."""
        lines = list(self.sections.lines)
        added = [str(name) for name in columns[len(self.grid.columns) :]]
        if not added:
            return lines
        newline = self.newline
        if self.grid.header is None:
            if not lines[-1].endswith(("\r", "\n")):
                lines[-1] += newline
            return [*lines, self.grid.delimiter.join(added) + newline]
        header = lines[self.grid.header].rstrip("\r\n")
        lines[self.grid.header] = self.grid.delimiter.join([header, *added]) + newline
        return lines

    @property
    def newline(self) -> str:
        """How lines end in this file."""
        end = re.search(r"\r\n|\r|\n", self.sections.lines[self.sections.mapping])
        return end[0] if end else "\n"

    def _anew(self, lines: list[str]) -> "MappingFile":
        return parse_mapping(encode("".join(lines), self.encoding, self.name), self.name)


def load_mapping(path: Path) -> MappingFile:
    """The mapping at `path`; Unreadable, MappingError or BadRow say where it is wrong."""
    return parse_mapping(read_bytes(path), path.name)


def parse_mapping(contents: bytes, name: str) -> MappingFile:
    """The mapping that these bytes of a file of that name are."""
    text, encoding = decode(contents, name)
    sections = cut_sections(text, name)
    options = read_options(sections, name)
    return MappingFile(name, encoding, sections, options, read_grid(sections, name))


def as_line(cells: list[str], delimiter: str, newline: str) -> str:
    """Cells as one line, quoted where they must be."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, lineterminator=newline).writerow(cells)
    return buffer.getvalue()
