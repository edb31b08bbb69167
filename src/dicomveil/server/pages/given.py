"""What people give to make jobs of: a mapping, a list in CSV or Excel, or identifiers they type.

Whatever it was, it becomes a mapping, which is looked at, mended and submitted as one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from starlette.datastructures import FormData, UploadFile

from dicomveil.mapping.fields import Field
from dicomveil.mapping.input_file import is_excel, parse_input
from dicomveil.mapping.mapping_file import Cells, parse_mapping
from dicomveil.mapping.sources import SourceType, make_source
from dicomveil.server.asking import short
from dicomveil.server.refusals import RequestRefused

KINDS: Final = (
    SourceType.FOLDER,
    SourceType.STUDY,
    SourceType.ACCESSION,
    SourceType.PATIENT,
)
OPTIONS: Final = (Field.PROJECT, Field.DESTINATION_PATH, Field.PIMS_KEY)
_SECTION: Final = re.compile(r"##\s*mapping\s*##", re.IGNORECASE)
_EMPTY: Final = b"## Description ##\n\n## Options ##\n\n## Mapping ##\n"
_LINE_ENDS: Final = re.compile(r"\r\n|\r|\n")
_BETWEEN: Final = re.compile(r"\t|;|,")
TYPED: Final = "typed on the page"


@dataclass(frozen=True, slots=True)
class Given:
    """The form's fields that say something."""

    name: str
    contents: bytes = field(repr=False)
    lines: str = field(repr=False)
    kind: str
    options: dict[Field, str] = field(repr=False)


async def given_of(form: FormData) -> Given:
    """What the form of a new job has in it."""
    file = form.get("file")
    name, contents = TYPED, _text(form, "text").encode()
    if isinstance(file, UploadFile) and file.filename:
        name, contents = file.filename[-255:], await file.read()
    if isinstance(file, UploadFile):
        await file.close()
    options = {option: _text(form, str(option)).strip() for option in OPTIONS}
    said = {option: text for option, text in options.items() if text}
    return Given(name, contents, _text(form, "lines"), _text(form, "kind"), said)


def mapping_of(given: Given) -> bytes:
    """The mapping that was given, or that is made of it; RequestRefused for nothing at all.

    MappingError, BadRow and BadIdentifier say which row or line is wrong.
    """
    if given.contents.strip():
        if not is_excel(given.contents) and _is_mapping(given.contents):
            return given.contents
        name = given.name if given.name != TYPED else "list.csv"
        return made_of([row.cells for row in parse_input(given.contents, name)], given.options)
    lines = [line.strip() for line in _LINE_ENDS.split(given.lines)]
    rows = [_typed(given.kind, line) for line in lines if line]
    if not rows:
        raise RequestRefused({"mapping": "Give a file, paste a mapping, or type identifiers"})
    return made_of(rows, given.options)


def made_of(rows: Sequence[Cells], options: dict[Field, str]) -> bytes:
    """A mapping of these rows and options."""
    mapping = parse_mapping(_EMPTY, "mapping")
    for option, text in options.items():
        mapping = mapping.with_option(option, _one_line(text, option))
    return mapping.with_rows(rows).contents()


def _typed(kind: str, line: str) -> Cells:
    """One line: an identifier and, after a tab, comma or semicolon, its pseudonym."""
    value, _, pseudonym = (_BETWEEN.sub("\t", line, count=1)).partition("\t")
    if kind not in KINDS:
        raise RequestRefused({"kind": f"One of {', '.join(KINDS)} is accepted"})
    source = make_source(SourceType(kind), value.strip())
    name = pseudonym.strip()
    named = {Field.PSEUDO_ID: name, Field.PSEUDO_NAME: name} if name else {}
    return {Field.SOURCE: str(source), **named}


def _one_line(text: str, option: Field) -> str:
    return short(text, str(option)) if option is not Field.DESTINATION_PATH else text[:1024]


def _is_mapping(contents: bytes) -> bool:
    text = contents[:65536].decode(
        "utf-16" if contents[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1", "replace"
    )
    return bool(_SECTION.search(text))


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""
