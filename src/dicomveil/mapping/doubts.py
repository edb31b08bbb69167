"""Warnings about a mapping: what may be sound, and often is not."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from dicomveil.mapping.fields import Field
from dicomveil.mapping.grid import Row
from dicomveil.mapping.sources import NEW_TYPES, SourceType

_SCIENTIFIC = re.compile(r"\d+(?:[.,]\d+)?[eE][+-]?\d+")
_SHOWN = 10


class Doubt(NamedTuple):
    """One warning: the rows and column it is about, never a cell."""

    problem: str
    rows: tuple[int, ...]
    column: str

    def __str__(self) -> str:
        shown = ", ".join(str(row) for row in self.rows[:_SHOWN])
        more = f" and {len(self.rows) - _SHOWN} more" if len(self.rows) > _SHOWN else ""
        return f'rows {shown}{more}, column "{self.column}": {self.problem}'


def doubts_about(rows: Sequence[Row]) -> tuple[Doubt, ...]:
    """Every warning about these rows."""
    return (
        *_repeated_sources(rows),
        *_shared_pseudonyms(rows),
        *_ruined_numbers(rows),
        *_new_sources(rows),
    )


def spoken(doubts: Sequence[Doubt]) -> list[str]:
    """The warnings as lines, a few of each kind and how many more there are."""
    kinds: dict[tuple[str, str], list[Doubt]] = defaultdict(list)
    for doubt in doubts:
        kinds[doubt.problem, doubt.column].append(doubt)
    lines: list[str] = []
    for (problem, column), alike in kinds.items():
        lines += [str(doubt) for doubt in alike[:_SHOWN]]
        if len(alike) > _SHOWN:
            lines.append(f'{len(alike) - _SHOWN} more times, column "{column}": {problem}')
    return lines


def _repeated_sources(rows: Sequence[Row]) -> Iterator[Doubt]:
    for same in _rows_by(rows, Field.SOURCE).values():
        if len(same) > 1:
            yield Doubt("the same source again", tuple(row.number for row in same), "source")


def _shared_pseudonyms(rows: Sequence[Row]) -> Iterator[Doubt]:
    pairs = ((Field.PSEUDO_ID, Field.PSEUDO_NAME), (Field.PSEUDO_NAME, Field.PSEUDO_ID))
    for column, other in pairs:
        for same in _rows_by(rows, column).values():
            if len(same) < 2:
                continue
            numbers = tuple(row.number for row in same)
            if _two_patients(same, other):
                yield Doubt("one pseudonym for two patients", numbers, str(column))
            else:
                yield Doubt("the same pseudonym again", numbers, str(column))


def _two_patients(rows: Sequence[Row], other: Field) -> bool:
    """Whether rows of one pseudonym differ in the other one, or in the patient they name."""
    others = {row.cells[other] for row in rows if row.cells.get(other)}
    patient = f"{SourceType.PATIENT}:"
    sources = (row.cells.get(Field.SOURCE, "") for row in rows)
    return len(others) > 1 or len({one for one in sources if one.startswith(patient)}) > 1


def _ruined_numbers(rows: Sequence[Row]) -> Iterator[Doubt]:
    """Numbers that Excel has written its own way."""
    for column, numbers in _number_columns(rows).items():
        scientific = [row for row, text in numbers.items() if _SCIENTIFIC.fullmatch(text)]
        if scientific:
            problem = "scientific notation; give the column the type Text in Excel"
            yield Doubt(problem, tuple(scientific), column)
        short = _shorter(numbers)
        if short:
            problem = "shorter than the others; were leading zeros lost?"
            yield Doubt(problem, short, column)


def _number_columns(rows: Sequence[Row]) -> dict[str, dict[int, str]]:
    """The texts that may be numbers, by column (sources by their type) and row."""
    columns: dict[str, dict[int, str]] = defaultdict(dict)
    for row in rows:
        kind, _, value = row.cells.get(Field.SOURCE, "").partition(":")
        if kind in (SourceType.ACCESSION, SourceType.PATIENT):
            columns[f"source ({kind})"][row.number] = value.strip()
        for column in (Field.PSEUDO_ID, Field.PSEUDO_NAME):
            if row.cells.get(column):
                columns[str(column)][row.number] = row.cells[column]
    return columns


def _shorter(numbers: Mapping[int, str]) -> tuple[int, ...]:
    """The rows whose digits are fewer than those of a column that else has one width."""
    digits = {row: text for row, text in numbers.items() if text.isdigit()}
    padded = [len(text) for text in digits.values() if text.startswith("0")]
    widths = Counter(len(text) for text in digits.values())
    if padded:
        width = max(padded)
    elif widths and widths.most_common(1)[0][1] * 2 > len(digits) > 3:
        width = widths.most_common(1)[0][0]
        if width < 5:  # 1 to 999 are counted, not padded
            return ()
    else:
        return ()
    return tuple(row for row, text in digits.items() if len(text) < width)


def _new_sources(rows: Sequence[Row]) -> Iterator[Doubt]:
    new = tuple(f"{kind}:" for kind in NEW_TYPES)
    found = tuple(row.number for row in rows if row.cells.get(Field.SOURCE, "").startswith(new))
    if found:
        yield Doubt("anonapi does not know this type of source", found, "source")


def _rows_by(rows: Sequence[Row], column: Field) -> dict[str, list[Row]]:
    same: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.cells.get(column):
            same[row.cells[column]].append(row)
    return same
