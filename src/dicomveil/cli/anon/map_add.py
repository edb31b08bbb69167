"""`anon map add-...`: rows for the active mapping, from arguments or from an input file."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from dicomveil.cli.anon.commands import AnonCommand, Ended, with_session
from dicomveil.cli.anon.completion import folders
from dicomveil.cli.anon.rows import (
    cells_of,
    folder_at,
    folder_row,
    folders_from,
    selection_row,
    unique_name,
)
from dicomveil.cli.anon.session import Failure, Session
from dicomveil.mapping.columns import Column
from dicomveil.mapping.doubts import doubts_about, spoken
from dicomveil.mapping.fields import Field
from dicomveil.mapping.input_file import InputRow, read_input_file
from dicomveil.mapping.mapping_file import load_mapping
from dicomveil.mapping.scan import Check
from dicomveil.mapping.sources import SourceType, make_source
from dicomveil.mapping.unc import is_unc

Cells = dict[Field, str]

_from_file = click.option(
    "-f",
    "--input-file",
    "--file",
    "input_file",
    type=click.Path(path_type=Path),
    help="Read them from this CSV, TSV, text or Excel file.",
)
_check = click.option(
    "--check-dicom/--no-check-dicom",
    default=True,
    help="Open each file to see whether it is DICOM, or go by its name.",
)


@click.command("add-study-folders", cls=AnonCommand)
@click.argument("paths", nargs=-1, shell_complete=folders)
@_from_file
@_check
@with_session
def add_study_folders(
    session: Session, paths: tuple[str, ...], input_file: Path | None, check_dicom: bool
) -> Ended:
    """Select the DICOM files of each folder and add a row for it. PATHS may hold * and **."""
    wanted = [(folder, Cells()) for folder in folders_from(session, paths)]
    wanted += [
        (folder_at(session, _plain(row.source.value)), row.cells)
        for row in _read(session, input_file, Column.PATH)
    ]
    _something(wanted, "folder")
    check = Check.CONTENT if check_dicom else Check.NAME
    session.mapping()  # what cannot be added to is found out before a long scan
    for number, (folder, _) in enumerate(wanted, start=1):
        if not folder.is_dir():
            raise Failure(f"folder {number} of {len(wanted)}: there is no such folder")
    session.say(f"Adding {len(wanted)} paths to mapping")
    for number, (folder, cells) in enumerate(wanted, start=1):
        name = f"'{folder}'" if session.show_values else f"folder {number} of {len(wanted)}"
        session.say(f"Adding {name} to mapping")
        _append(session, [folder_row(session, folder, cells, check)])
    session.say(f"Done. Added {len(wanted)} folders to mapping")
    return Ended({"added": len(wanted)})


@click.command("add-accession-numbers", cls=AnonCommand)
@click.argument("numbers", nargs=-1)
@_from_file
@with_session
def add_accession_numbers(
    session: Session, numbers: tuple[str, ...], input_file: Path | None
) -> Ended:
    """Add a row for each accession number."""
    found = _with_arguments(SourceType.ACCESSION, numbers)
    found += [row.cells for row in _read(session, input_file, Column.ACCESSION)]
    return _added(session, found, "accession number")


@click.command("add-study-uids", cls=AnonCommand)
@click.argument("uids", nargs=-1)
@_from_file
@with_session
def add_study_uids(session: Session, uids: tuple[str, ...], input_file: Path | None) -> Ended:
    """Add a row for each StudyInstanceUID."""
    found = _with_arguments(SourceType.STUDY, uids)
    found += [row.cells for row in _read(session, input_file, Column.STUDY)]
    return _added(session, found, "study UID")


@click.command("add-input-file", cls=AnonCommand)
@click.argument("path", type=click.Path(path_type=Path))
@_check
@with_session
def add_input_file(session: Session, path: Path, check_dicom: bool) -> Ended:
    """Add a row for each row of an input file, whatever kind of source its column has."""
    rows = _read(session, path, None)
    if rows and rows[0].source.type is SourceType.FOLDER:
        context = click.get_current_context()
        return context.invoke(  # type: ignore[no-any-return] # it is the command above
            add_study_folders.callback,  # type: ignore[arg-type] # a command has a callback
            paths=(),
            input_file=path,
            check_dicom=check_dicom,
        )
    return _added(session, [row.cells for row in rows], "row")


def _add_selection(session: Session, selection_file: Path) -> Ended:
    _append(session, [selection_row(session, session.folder / selection_file)])
    session.say("Done. Added a file selection to mapping")
    return Ended({"added": 1})


def _selection_command(name: str) -> click.Command:
    """The command under one of its two names: the documented and the real one of anonapi."""

    @click.command(name, cls=AnonCommand)
    @click.argument("selection_file", type=click.Path(path_type=Path))
    @with_session
    def command(session: Session, selection_file: Path) -> Ended:
        """Add a row for a file selection that exists."""
        return _add_selection(session, selection_file)

    return command


add_selection = _selection_command("add-selection")
add_selection_file = _selection_command("add-selection-file")


def _plain(path: str) -> str:
    """A path of a list with / between names, as every system reads it; UNC stays as it is."""
    return path if is_unc(path) else path.replace("\\", "/")


def _read(session: Session, path: Path | None, column: Column | None) -> tuple[InputRow, ...]:
    if path is None:
        return ()
    session.say(f"Parsing '{path}'..")
    return read_input_file(session.folder / path, column)


def add_found(session: Session, uids: Iterable[str]) -> None:
    """Add a row for each study that was found, each once."""
    rows = _with_arguments(SourceType.STUDY, dict.fromkeys(uids))
    if rows:
        _added(session, rows, "study UID")


def _with_arguments(kind: SourceType, values: Iterable[str]) -> list[Cells]:
    return [cells_of(make_source(kind, value), {}) for value in values]


def _added(session: Session, rows: Sequence[Cells], what: str) -> Ended:
    _something(rows, what)
    filled = [_filled(row) for row in rows]
    for number, row in enumerate(filled, start=1):
        source = row[Field.SOURCE] if session.show_values else f"{what} {number} of {len(filled)}"
        session.say(f"Adding {source}")
    _append(session, filled)
    session.say(f"Done. Added {len(filled)} {what}s")
    return Ended({"added": len(filled)})


def _filled(row: Cells) -> Cells:
    """A row of an input file with what it leaves open."""
    named = Field.PSEUDO_NAME in row or Field.PSEUDO_ID in row
    return {**unique_name(named=named), **row}


def _something(wanted: Sequence[object], what: str) -> None:
    if not wanted:
        raise click.UsageError(f"Give at least one {what}, or an input file with --input-file.")


def _append(session: Session, rows: Sequence[Cells]) -> None:
    """Add rows to the active mapping and save it; warn of what is doubtful about them."""
    path = session.mapping_path()
    before = load_mapping(path)
    after = before.with_rows(rows)
    after.save(path)
    known = set(doubts_about(before.rows))
    for doubt in spoken([new for new in doubts_about(after.rows) if new not in known]):
        session.say(f"Warning: {doubt}")
