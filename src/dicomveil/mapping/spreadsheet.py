"""Read an Excel sheet as a table of texts, so that `0012` stays `0012`.

A sheet is somebody else's ZIP and XML: sizes are checked before anything is unpacked.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Protocol

from dicomveil.errors import Place, Unreadable
from dicomveil.mapping.columns import Cell, TableRow

MOST_ROWS = 200_000
MOST_COLUMNS = 256
MOST_UNPACKED = 100 * 1024 * 1024


_BROKEN = "this Excel file cannot be read; is it whole, and without a password?"


class SheetCell(Protocol):
    """What this file needs of any of openpyxl's cells."""

    @property
    def value(self) -> object:
        """What the cell holds, as a Python value."""
        ...

    @property
    def data_type(self) -> str:
        """The kind of value: f is a formula, e an error."""
        ...

    @property
    def number_format(self) -> str | None:
        """How Excel shows a number."""
        ...


def read_xlsx(contents: bytes, file: str) -> Iterator[list[TableRow]]:
    """The rows of each visible sheet of an .xlsx file."""
    import openpyxl

    _refuse_bombs(contents, file)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles it will not keep
            book = openpyxl.load_workbook(io.BytesIO(contents), read_only=True)
            for sheet in book.worksheets:
                if sheet.sheet_state == "visible":
                    sheet.reset_dimensions()  # the size a file claims is not the size it has
                    rows = sheet.iter_rows(max_col=MOST_COLUMNS)
                    yield _table(([_cell(cell) for cell in row] for row in rows), file)
    except Unreadable:
        raise
    except Exception as error:  # openpyxl raises whatever its parsers meet
        raise Unreadable(_BROKEN, Place(file)) from error


def read_xls(contents: bytes, file: str) -> Iterator[list[TableRow]]:
    """The rows of each visible sheet of an .xls file."""
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(contents))
        for sheet in book.sheets_metadata:
            if sheet.visible is SheetVisibleEnum.Visible:
                rows = book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
                yield _table(([Cell(_text(value)) for value in row] for row in rows), file)
    except (CalamineError, ValueError) as error:
        raise Unreadable(_BROKEN, Place(file)) from error


def _refuse_bombs(contents: bytes, file: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(contents)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError) as error:
        raise Unreadable(_BROKEN, Place(file)) from error
    if unpacked > MOST_UNPACKED:
        message = f"unpacks to more than {MOST_UNPACKED // 1024 // 1024} MB; save only the list"
        raise Unreadable(message, Place(file))


def _table(rows: Iterable[list[Cell]], file: str) -> list[TableRow]:
    table: list[TableRow] = []
    for number, cells in enumerate(rows, start=1):
        if number > MOST_ROWS:
            raise Unreadable(f"has more than {MOST_ROWS} rows", Place(file))
        if any(cell.text or cell.problem for cell in cells):
            table.append(TableRow(number, tuple(cells)))
    return table


def _cell(cell: SheetCell) -> Cell:
    """The text a person sees, as far as the file tells."""
    value = cell.value
    if cell.data_type == "f":
        return Cell("", "the cell holds a formula; copy the column and paste its values")
    if cell.data_type == "e":
        return Cell("", "the cell holds an Excel error")
    text = _text(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if len(re.sub(r"\D", "", text)) > 15:
            return Cell(text, "Excel keeps 15 digits of a number; give the column the type Text")
        if re.fullmatch("0+", cell.number_format or ""):  # a format like 0000 shows 0012
            return Cell(text.zfill(len(cell.number_format or "")))
    return Cell(text)


def _text(value: object) -> str:
    """A cell's value as text; a whole number has no decimal point."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()
