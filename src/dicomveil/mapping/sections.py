"""Cut a mapping's text into lines and its three sections, keeping every character."""

import re
from typing import NamedTuple

from dicomveil.errors import Place, Unusable

SECTIONS = ("Description", "Options", "Mapping")
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_HEADER = re.compile(r"\W*##\s*(description|options|mapping)\s*##\W*", re.IGNORECASE)


class Sections(NamedTuple):
    """All lines with their ends, and the index of each section's header line."""

    lines: tuple[str, ...]
    description: int
    options: int
    mapping: int

    def description_text(self) -> str:
        """The free text, its lines and blank lines as they are, ends trimmed."""
        return "".join(self.lines[self.description + 1 : self.options]).strip()


def split_lines(text: str) -> tuple[str, ...]:
    """The lines of `text`, each with its end, so that joining them gives `text`."""
    # Not str.splitlines: that also cuts at form feeds and Unicode separators inside cells.
    return tuple(line for line in _LINE.findall(text) if line)


def cut_sections(text: str, file: str) -> Sections:
    """The sections of a mapping; MappingError names the header that is missing."""
    lines = split_lines(text)
    found: dict[str, int] = {}
    for at, line in enumerate(lines):
        header = _HEADER.fullmatch(line)
        if header and header[1].title() in found:
            message = f'a second line "## {header[1].title()} ##"'
            raise Unusable(message, Place(file, line=at + 1))
        if header:
            found[header[1].title()] = at
    for name in SECTIONS:
        if name not in found:
            message = (
                f'the line "## {name} ##" is missing; a mapping has Description, Options, Mapping'
            )
            raise Unusable(message, Place(file))
    places = [found[name] for name in SECTIONS]
    if places != sorted(places):
        raise Unusable(
            "the sections must stand in the order Description, Options, Mapping", Place(file)
        )
    return Sections(lines, *places)


def is_blank(line: str) -> bool:
    """Whether a line has nothing but spaces and delimiters."""
    return not line.strip(" \t\r\n,;")


def is_comment(line: str) -> bool:
    """Whether a line of Options or Mapping is a remark: it starts with #."""
    return line.lstrip(' \t"').startswith("#")
