"""`anon map`: the mapping that is being worked on."""

import getpass
import locale
from copy import copy
from datetime import UTC, datetime
from pathlib import Path

import click

from dicomveil.cli.anon.commands import AnonGroup, Ended, agreed, with_session, yes_option
from dicomveil.cli.anon.edit import edit_file
from dicomveil.cli.anon.map_add import (
    add_accession_numbers,
    add_input_file,
    add_selection,
    add_selection_file,
    add_study_folders,
    add_study_uids,
)
from dicomveil.cli.anon.planning import tell_bad
from dicomveil.cli.anon.session import Failure, Session
from dicomveil.cli.anon.show import show_table
from dicomveil.mapping.doubts import doubts_about, spoken
from dicomveil.mapping.example import STILL_EXAMPLE, Origin, example_mapping, is_example
from dicomveil.mapping.fields import Field
from dicomveil.mapping.files import remove as remove_file
from dicomveil.mapping.mapping_file import load_mapping
from dicomveil.mapping.requests import NOT_SET, requests_of

_SHOWN = 5
_PLACEHOLDER = r"\\server\share\folder"


@click.group("map", cls=AnonGroup)
def map_() -> None:
    """Map original data to anonymized name, id, etc."""


for command in (
    add_accession_numbers,
    add_input_file,
    add_selection,
    add_selection_file,
    add_study_folders,
    add_study_uids,
):
    map_.add_command(command)


@map_.command()
@yes_option
@with_session
def init(session: Session, yes: bool) -> Ended:
    """Begin a mapping in the current folder, with an example of each row, and activate it."""
    path = session.new_mapping_path
    question = "Mapping file already exists. Overwrite?"
    if path.exists() and not agreed(session, question, yes=yes):
        session.say("Cancelled")
        return Ended({"cancelled": True})
    known = {name: text for name, text in session.settings.defaults.items() if text not in NOT_SET}
    root = session.own.shares.to_unc(session.folder)
    options = {
        Field.ROOT_SOURCE_PATH: str(root or _PLACEHOLDER),
        Field.PROJECT: "NOT_SET",
        Field.DESTINATION_PATH: _PLACEHOLDER,
        **known,
    }
    delimiter = ";" if locale.localeconv()["decimal_point"] == "," else ","
    today = datetime.now(UTC).astimezone()
    origin = Origin(_user(), f"{today:%B} {today.day} {today.year}", delimiter)
    example_mapping(origin, options).save(path)
    session.say(f"Initialised example mapping in {path}")
    session.activate_mapping(path)
    return Ended({"path": str(path)})


@map_.command()
@click.argument("mapping_file", required=False, type=click.Path(path_type=Path))
@with_session
def activate(session: Session, mapping_file: Path | None) -> Ended:
    """Work on the mapping in the current folder, or on MAPPING_FILE."""
    path = session.folder / mapping_file if mapping_file else session.new_mapping_path
    if not path.exists():
        raise Failure(f"Could not find mapping file at '{path}'")
    load_mapping(path)
    session.activate_mapping(path)
    return Ended({"path": str(path)})


# anonapi's own messages call it so.
map_.add_command(copy(activate), "active")
map_.commands["active"].hidden = True


@map_.command()
@with_session
def status(session: Session) -> Ended:
    """Show the active mapping's description and its first rows."""
    path, mapping = session.mapping_path(), session.mapping()
    session.say(f"Mapping at {path}\n{mapping.description}")
    session.say(f"\nParameter grid with {len(mapping.rows)} rows (showing at most {_SHOWN}):\n\n")
    columns = (Field.SOURCE, Field.PSEUDO_NAME)
    cells = [[row.cells.get(name, "") for name in columns] for row in mapping.rows[:_SHOWN]]
    show_table(session, [str(name) for name in columns], cells)
    return Ended({"path": str(path), "rows": len(mapping.rows), "options": mapping.options})


@map_.command()
@with_session
def edit(session: Session) -> Ended:
    """Open the active mapping in an editor."""
    return edit_file(session, session.mapping_path())


@map_.command()
@with_session
def delete(session: Session) -> Ended:
    """Delete the mapping in the current folder."""
    path = session.new_mapping_path
    remove_file(path)
    session.say(f"Removed mapping at {path}")
    if session.settings.active_mapping == path:
        session.forget_mapping()
    return Ended({"deleted": str(path)})


@map_.command()
@with_session
def validate(session: Session) -> Ended:
    """Check every row of the active mapping; nothing is sent to the server."""
    mapping = session.mapping()
    asked = requests_of(mapping, session.settings.defaults, session.own.shares)
    doubts = spoken(doubts_about(mapping.rows))
    if is_example(mapping):
        doubts.append(STILL_EXAMPLE)
    tell_bad(session, asked.bad)
    for doubt in doubts:
        session.say(f"Warning: {doubt}")
    session.say(f"{len(asked.requests)} rows can become jobs, {len(asked.bad)} can not")
    found = {
        "good": [request.row for request in asked.requests],
        "bad": [{"row": bad.place.row, "problem": str(bad)} for bad in asked.bad],
        "warnings": doubts,
    }
    return Ended(found, int(bool(asked.bad)))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "unknown"
