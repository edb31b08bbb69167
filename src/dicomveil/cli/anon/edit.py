"""Open a file in the user's editor."""

import os
from pathlib import Path

import click

from dicomveil.cli.anon.commands import Ended
from dicomveil.cli.anon.session import Failure, Session


def edit_file(session: Session, path: Path) -> Ended:
    """Open `path` in $VISUAL or $EDITOR, else with the program the system has for it."""
    if not path.exists():
        raise Failure(f"No file found at '{path}'")
    if os.environ.get("VISUAL") or os.environ.get("EDITOR"):
        click.edit(filename=str(path))
    elif click.launch(str(path)):
        raise Failure(f"no program opens this file; set EDITOR, or open it yourself: {path}")
    session.say(f"Opened {path}")
    return Ended({"path": str(path)})
