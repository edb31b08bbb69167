"""`anon find`: which studies a server would fetch for an identifier, or for a list of them."""

import re
from collections.abc import Sequence
from pathlib import Path

import click

from dicomveil.cli.anon.commands import AnonCommand, Ended, with_session
from dicomveil.cli.anon.completion import source_types
from dicomveil.cli.anon.map_add import add_found
from dicomveil.cli.anon.session import Session
from dicomveil.cli.anon.show import show_table
from dicomveil.client import api
from dicomveil.client.api import Question
from dicomveil.errors import BadIdentifier, BadRow, Place, Unusable
from dicomveil.mapping.input_file import InputRow, read_input_file
from dicomveil.mapping.sources import SourceIdentifier, parse_source

CANNOT_LOOK = 3
# Header and key of each column; the patient is left out, for who asks knows.
_COLUMNS = (
    ("study_instance_uid", "study_instance_uid"),
    ("accession_number", "accession_number"),
    ("date", "study_date"),
    ("modality", "modality"),
    ("files", "files"),
)
_DAY = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?: 00:00:00)?")
_DAYS = re.compile(r"[0-9]{8}-(?:[0-9]{8})?|-[0-9]{8}")


@click.command(cls=AnonCommand)
@click.argument("sources", nargs=-1, shell_complete=source_types)
@click.option(
    "-f",
    "--input-file",
    "input_file",
    type=click.Path(path_type=Path),
    help="Look up what this CSV, TSV, text or Excel file lists.",
)
@click.option("--place", default="", metavar="NAME", help="Look at this place of the server alone.")
@click.option("--add", is_flag=True, help="Add a row for each study to the active mapping.")
@with_session
def find(
    session: Session, sources: tuple[str, ...], input_file: Path | None, place: str, add: bool
) -> Ended:
    """Look up which studies a server would fetch, creating nothing.

    SOURCES are written as in a mapping: accession_number:1234, study_instance_uid:1.2.3,
    series_instance_uid:1.2.3 or patient_id:0012. A list has a column of accession numbers, study
    UIDs or original patient IDs, and may have one of study dates. Ends with 0 when each was found,
    with 1 when one was not, and with 3 on a server that cannot look.
    """
    asked = [Question(_parsed(number, text)) for number, text in enumerate(sources, start=1)]
    asked += _listed(session.folder / input_file) if input_file else []
    if not asked:
        raise click.UsageError("Give at least one source, or a list with --input-file.")
    if add:
        session.mapping()  # what cannot be added to is found out before anything is asked
    with session.connected() as connection:
        path = api.find_api(connection)
        studies = api.find(connection, path, asked, place) if path else None
    if studies is None:
        problem = f"{session.server().name} cannot look up studies"
        session.say(f"{problem}; it speaks anonapi's protocol alone, or has no such archive")
        return Ended({"problem": problem}, CANNOT_LOOK)
    absent = sorted(set(range(1, len(asked) + 1)) - {study.asked for study in studies})
    _tell(session, studies, [(number, asked[number - 1].source) for number in absent])
    if add:
        add_found(session, [str(study.get("study_instance_uid")) for study in studies])
    found = [dict(study.content) for study in studies]
    return Ended({"studies": found, "not_found": absent}, int(bool(absent)))


def _parsed(number: int, text: str) -> SourceIdentifier:
    """A source in an archive; the error names its number, never its value."""
    try:
        source = parse_source(text)
    except BadIdentifier as error:
        raise Unusable(f"source {number}: {error}") from error
    if source.is_path:
        raise Unusable(f"source {number}: {source.type} is a path, which no archive knows")
    return source


def _listed(path: Path) -> list[Question]:
    """What a list asks for, row by row; BadRow and Unusable say where it cannot be used."""
    rows = read_input_file(path)
    if rows and rows[0].source.is_path:
        raise Unusable("a list of folders names nothing that an archive knows")
    return [Question(row.source, _date(row, path.name)) for row in rows]


def _date(row: InputRow, file: str) -> str:
    """The dates of a row as DICOM writes them (PS3.4 C.2.2.2.5.1), a spreadsheet's too."""
    text = row.date.strip()
    if not text or _DAYS.fullmatch(text):
        return text
    day = _DAY.fullmatch(text)
    if day is None:
        wanted = "write 2024-01-31, 20240131 or 20240101-20240131"
        raise BadRow(wanted, Place(file, row.number, "study date"))
    return "".join(day.groups())


def _tell(
    session: Session,
    studies: Sequence[api.Study],
    absent: Sequence[tuple[int, SourceIdentifier]],
) -> None:
    rows = [[study.asked, *(study.get(key) for _, key in _COLUMNS)] for study in studies]
    if rows:
        show_table(session, ["source", *(header for header, _ in _COLUMNS)], rows)
    for number, source in absent:
        session.say(f"source {number} ({source.type}): nothing found")
    session.say(f"Found {len(studies)} studies")
