"""From rows to requests: what each row of a mapping asks, with options and defaults filled in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import NamedTuple

from dicomveil.errors import BadIdentifier, BadRow, NotUnc
from dicomveil.mapping.fields import Field
from dicomveil.mapping.grid import Row
from dicomveil.mapping.mapping_file import MappingFile
from dicomveil.mapping.shares import Shares
from dicomveil.mapping.sources import SourceIdentifier, SourceType, parse_source
from dicomveil.mapping.unc import UncPath, is_absolute, is_unc, parse_unc

# What anonapi writes for a default that was never set.
NOT_SET = frozenset({"", ".", "NOT_SET"})
_LONGEST = {Field.PSEUDO_ID: 64, Field.PSEUDO_NAME: 64, Field.PROJECT: 64, Field.PIMS_KEY: 64}


@dataclass(frozen=True, slots=True)
class JobRequest:
    """One job to ask for, checked; what identifies stays out of the repr."""

    row: int
    source_type: SourceType
    source: str = field(repr=False)  # the UNC path, UID or number, without its type
    project: str
    destination: UncPath
    pseudo_id: str = field(repr=False)
    pseudo_name: str = field(repr=False)
    description: str = field(repr=False)
    pims_key: str = field(repr=False)

    @property
    def pseudonyms(self) -> frozenset[str]:
        """What a filter on pseudonyms looks at."""
        return frozenset({self.pseudo_id, self.pseudo_name} - {""})


class Asked(NamedTuple):
    """All rows of a mapping: those that can become jobs, and what is wrong with the others."""

    requests: tuple[JobRequest, ...]
    bad: tuple[BadRow, ...]


def requests_of(mapping: MappingFile, defaults: Mapping[Field, str], shares: Shares) -> Asked:
    """What every row asks. Defaults give way to options, and those to the row's own cells."""
    general = {**defaults, **{option.field: option.value for option in mapping.options}}
    requests: list[JobRequest] = []
    bad: list[BadRow] = []
    for row in mapping.rows:
        own = {name: cell for name, cell in row.cells.items() if cell}
        try:
            requests.append(_request(row, {**general, **own}, mapping.name, shares))
        except BadRow as problem:
            bad.append(problem)
    return Asked(tuple(requests), tuple(bad))


def _request(row: Row, cells: Mapping[Field, str], file: str, shares: Shares) -> JobRequest:
    for name, problem in _plain_problems(cells):
        raise BadRow(problem, row.place(file, str(name)))
    try:
        source = parse_source(cells.get(Field.SOURCE, ""))
        value = str(_source_path(source, cells, shares)) if source.is_path else source.value
    except (BadIdentifier, NotUnc) as error:
        raise BadRow(error.problem, row.place(file, "source")) from error
    try:
        destination = _unc(cells.get(Field.DESTINATION_PATH, ""), shares)
    except NotUnc as error:
        raise BadRow(error.problem, row.place(file, "destination_path")) from error
    return JobRequest(
        row=row.number,
        source_type=source.type,
        source=value,
        project=cells[Field.PROJECT],
        destination=destination,
        pseudo_id=cells.get(Field.PSEUDO_ID, "") or cells.get(Field.PSEUDO_NAME, ""),
        pseudo_name=cells.get(Field.PSEUDO_NAME, "") or cells.get(Field.PSEUDO_ID, ""),
        description=cells.get(Field.DESCRIPTION, ""),
        pims_key=cells.get(Field.PIMS_KEY, ""),
    )


def _plain_problems(cells: Mapping[Field, str]) -> Iterator[tuple[Field, str]]:
    """What is wrong with the parameters that are plain text."""
    if not cells.get(Field.SOURCE):
        yield Field.SOURCE, "a row needs a source"
    if cells.get(Field.PROJECT, "") in NOT_SET:
        yield Field.PROJECT, "no project is set; write it in Options"
    names = (Field.PSEUDO_ID, Field.PSEUDO_NAME, Field.PIMS_KEY)
    if not any(cells.get(name) for name in names):
        yield Field.PSEUDO_ID, "a row needs pseudo_id, pseudo_name or pims_key"
    for name, longest in _LONGEST.items():
        text = cells.get(name, "")
        if len(text) > longest:
            yield name, f"the text has more than {longest} characters"
        if "\\" in text or not text.isprintable():
            yield name, "a backslash or control character is not accepted"


def _source_path(source: SourceIdentifier, cells: Mapping[Field, str], shares: Shares) -> UncPath:
    """Where a path source lies; a relative one lies below root_source_path."""
    if is_absolute(source.value):
        return _unc(source.value, shares)
    root = cells.get(Field.ROOT_SOURCE_PATH, "")
    try:
        return _unc(root, shares) / source.value
    except NotUnc as error:
        raise NotUnc(f"the path is relative, and root_source_path: {error.problem}") from error


def _unc(text: str, shares: Shares) -> UncPath:
    """The UNC path of a text, translating a local path that the table knows."""
    known = None if is_unc(text) or not is_absolute(text) else shares.to_unc(PurePath(text))
    return known or parse_unc(text)
