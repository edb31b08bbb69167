"""The Options section of a mapping: parameters that are the same for each job."""

import re
from typing import NamedTuple

from dicomveil.errors import Place, Unusable
from dicomveil.mapping.fields import Field, field_named, known_names
from dicomveil.mapping.sections import Sections, is_blank, is_comment

# The name ends at the first delimiter, so that a value may hold the other one.
_OPTION = re.compile(r'\s*"?(\w+)"?(?:\s*[,;\t]|\s{2,}|\s*$)(.*)', re.DOTALL)


class Option(NamedTuple):
    """One line of Options: its index in the file, its field and its value."""

    at: int
    field: Field
    value: str


def read_options(sections: Sections, file: str) -> tuple[Option, ...]:
    """The options in file order; MappingError names the line that is none."""
    found: list[Option] = []
    for at in range(sections.options + 1, sections.mapping):
        line = sections.lines[at]
        if is_blank(line) or is_comment(line):
            continue
        option = _read_option(line, at, file)
        if option.field in {earlier.field for earlier in found}:
            raise Unusable(f"a second line for {option.field}", Place(file, line=at + 1))
        found.append(option)
    return tuple(found)


def _read_option(line: str, at: int, file: str) -> Option:
    parsed = _OPTION.fullmatch(line)
    field = field_named(parsed[1]) if parsed else None
    if parsed is None or field is None:
        # The line itself is not shown: a row that strayed here identifies a patient.
        message = (
            f"an option is a name, a comma and a value; {known_names(parsed[1] if parsed else '')}"
        )
        raise Unusable(message, Place(file, line=at + 1))
    return Option(at, field, _unquoted(parsed[2].strip().rstrip(",; \t")))


def _unquoted(value: str) -> str:
    if len(value) > 1 and value.startswith('"') and value.endswith('"'):
        return value[1:-1].replace('""', '"').strip()
    return value
