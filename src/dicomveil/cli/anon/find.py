"""`anon find`: which studies a server would fetch for an identifier."""

from collections.abc import Sequence

import click

from dicomveil.cli.anon.commands import AnonCommand, Ended, with_session
from dicomveil.cli.anon.completion import source_types
from dicomveil.cli.anon.session import Session
from dicomveil.cli.anon.show import show_table
from dicomveil.client import api
from dicomveil.errors import BadIdentifier, Unusable
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


@click.command(cls=AnonCommand)
@click.argument("sources", nargs=-1, required=True, shell_complete=source_types)
@with_session
def find(session: Session, sources: tuple[str, ...]) -> Ended:
    """Look up which studies a server would fetch, creating nothing.

    SOURCES are written as in a mapping: accession_number:1234, study_instance_uid:1.2.3,
    series_instance_uid:1.2.3 or patient_id:0012. Ends with 0 when each was found, with 1 when one
    was not, and with 3 on a server that cannot look.
    """
    asked = [_parsed(number, text) for number, text in enumerate(sources, start=1)]
    with session.connected() as connection:
        path = api.find_api(connection)
        studies = api.find(connection, path, asked) if path else None
    if studies is None:
        problem = f"{session.server().name} cannot look up studies"
        session.say(f"{problem}; it speaks anonapi's protocol alone, or has no archive")
        return Ended({"problem": problem}, CANNOT_LOOK)
    absent = sorted(set(range(1, len(asked) + 1)) - {study.asked for study in studies})
    _tell(session, studies, [(number, asked[number - 1]) for number in absent])
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
