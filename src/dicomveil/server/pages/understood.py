"""How a mapping was understood: its columns, options and rows, and what is doubtful or wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dicomveil.errors import BadRow, MappingError
from dicomveil.mapping.doubts import doubts_about, spoken
from dicomveil.mapping.fields import Field
from dicomveil.mapping.files import decode
from dicomveil.mapping.mapping_file import MappingFile, parse_mapping
from dicomveil.mapping.sources import SourceType
from dicomveil.server.api.mappings import verdict
from dicomveil.server.callers import Caller
from dicomveil.server.desk import Desk

MASK = "••••••"
MOST_SHOWN = 200
MEANING = {
    Field.SOURCE: "where the data comes from",
    Field.PSEUDO_ID: "the pseudonym that replaces the Patient ID",
    Field.PSEUDO_NAME: "the pseudonym that replaces the patient's name",
    Field.DESCRIPTION: "what you call the job",
    Field.PIMS_KEY: "the register that gives the pseudonym",
    Field.DESTINATION_PATH: "below which folder the results are written",
    Field.ROOT_SOURCE_PATH: "below which folder relative sources lie",
    Field.PROJECT: "whose rules apply",
}
_KINDS = frozenset(map(str, SourceType))
_MASKED = frozenset({Field.SOURCE, Field.DESCRIPTION, Field.ROOT_SOURCE_PATH})


@dataclass(frozen=True, slots=True)
class Understood:
    """A mapping as the page shows it; `text` is all of it, for those who asked to see it."""

    text: str = field(repr=False)
    columns: Sequence[tuple[str, str]]  # each with its meaning
    options: Sequence[tuple[str, str]]
    rows: Sequence[tuple[int, Sequence[str]]] = field(repr=False)
    count: int
    problems: Mapping[int, str]
    doubts: Sequence[str]

    @property
    def is_ready(self) -> bool:
        """Whether every row can become a job."""
        return bool(self.count) and not self.problems


def understood(desk: Desk, caller: Caller, contents: bytes, *, shown: bool) -> Understood:
    """How the mapping is understood, identifying cells masked unless they are to be shown.

    RequestRefused for what is no mapping at all.
    """
    judged = verdict(desk, caller, contents)
    problems = {one.row: one.problem for one in judged.problems}
    mapping = _parsed(contents)
    text = decode(contents, "mapping")[0] if shown else ""
    if mapping is None:
        return Understood(text, (), (), (), judged.rows, problems, ())
    columns = [one for one in mapping.grid.columns if one is not None]
    cells = _cells if shown else _masked
    return Understood(
        text=text,
        columns=[(str(one), MEANING[one]) for one in columns],
        options=[
            (str(one.field), one.value if shown else _mask(one.field, one.value))
            for one in mapping.options
        ],
        rows=[(row.number, cells(row.cells, columns)) for row in mapping.rows[:MOST_SHOWN]],
        count=judged.rows,
        problems=problems,
        doubts=spoken(doubts_about(mapping.rows)),
    )


def _parsed(contents: bytes) -> MappingFile | None:
    """The mapping; None where a row of it cannot be read, which the verdict names."""
    try:
        return parse_mapping(contents, "mapping")
    except (BadRow, MappingError):
        return None


def _cells(cells: Mapping[Field, str], columns: Sequence[Field]) -> list[str]:
    return [cells.get(one, "") for one in columns]


def _masked(cells: Mapping[Field, str], columns: Sequence[Field]) -> list[str]:
    """The cells, of a source no more than its type."""
    return [_mask(one, cells.get(one, "")) for one in columns]


def _mask(column: Field, cell: str) -> str:
    if column not in _MASKED or not cell:
        return cell
    kind, colon, _ = cell.partition(":")
    return f"{kind}:{MASK}" if column is Field.SOURCE and colon and kind in _KINDS else MASK
