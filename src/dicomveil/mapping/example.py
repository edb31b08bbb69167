"""The mapping that `anon map init` begins with: one row of each documented kind."""

from collections.abc import Mapping
from typing import NamedTuple

from dicomveil.mapping.fields import Field
from dicomveil.mapping.mapping_file import MappingFile, parse_mapping

FILE_NAME = "anon_mapping.csv"
STILL_EXAMPLE = "an example row is still there; remove it with 'anon map edit'"
_ROWS: tuple[dict[Field, str], ...] = (
    {
        Field.SOURCE: "folder:example/folder1",
        Field.PSEUDO_ID: "001",
        Field.PSEUDO_NAME: "Patient1",
        Field.DESCRIPTION: "All files from folder1",
    },
    {
        Field.SOURCE: "study_instance_uid:123.12121212.12345678",
        Field.PSEUDO_ID: "002",
        Field.PSEUDO_NAME: "Patient2",
        Field.DESCRIPTION: "A study which should be retrieved from PACS, by StudyInstanceUID",
    },
    {
        Field.SOURCE: "accession_number:12345678.1234567",
        Field.PSEUDO_ID: "003",
        Field.PSEUDO_NAME: "Patient3",
        Field.DESCRIPTION: "A study which should be retrieved from PACS, by AccessionNumber",
    },
)


class Origin(NamedTuple):
    """Who begins a mapping when, and the delimiter that their Excel opens as columns."""

    user: str
    day: str
    delimiter: str


def example_mapping(origin: Origin, options: Mapping[Field, str]) -> MappingFile:
    """A mapping with these options and a row of each kind."""
    lines = ["## Description ##", f"Mapping created {origin.day} by {origin.user}", ""]
    lines += ["## Options ##"]
    lines += [f"{name}{origin.delimiter}{value}" for name, value in options.items()]
    lines += ["", "## Mapping ##", origin.delimiter.join(str(name) for name in _ROWS[0])]
    text = "\r\n".join([*lines, ""])
    return parse_mapping(text.encode(), FILE_NAME).with_rows(_ROWS)


def is_example(mapping: MappingFile) -> bool:
    """Whether the mapping still has an example row."""
    examples = {row[Field.SOURCE] for row in _ROWS}
    return any(row.cells.get(Field.SOURCE) in examples for row in mapping.rows)
