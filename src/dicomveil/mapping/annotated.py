"""The annotated mapping: a mapping whose rows say what became of them."""

from collections.abc import Mapping

from dicomveil.mapping.fields import Field
from dicomveil.mapping.files import encode
from dicomveil.mapping.grid import ANNOTATIONS
from dicomveil.mapping.mapping_file import MappingFile, as_line, parse_mapping


def annotated(mapping: MappingFile, notes: Mapping[int, tuple[str, str]]) -> MappingFile:
    """The mapping with columns status and job_id, filled from `notes` by row number.

    Description and options stay as they are; the table is written anew.
    """
    columns = [name for name in Field if name in mapping.grid.columns]
    newline = mapping.newline
    head = list(mapping.sections.lines[: mapping.sections.mapping + 1])
    delimiter = mapping.grid.delimiter
    lines = [as_line([*map(str, columns), *ANNOTATIONS], delimiter, newline)]
    for row in mapping.rows:
        cells = [row.cells.get(name, "") for name in columns]
        note = [_harmless(text) for text in notes.get(row.number, ("", ""))]
        lines.append(as_line([*cells, *note], delimiter, newline))
    text = "".join(head + lines)
    encoding = mapping.encoding
    try:
        text.encode(encoding.codec)
    except UnicodeEncodeError:  # the server's reason has letters that the file's encoding lacks
        text = text.encode(encoding.codec, "replace").decode(encoding.codec)
    return parse_mapping(encode(text, encoding, mapping.name), mapping.name)


def _harmless(text: str) -> str:
    """A server's text as one line that no spreadsheet takes for a formula."""
    line = " ".join(text.split())
    return f"'{line}" if line.startswith(("=", "+", "-", "@")) else line
