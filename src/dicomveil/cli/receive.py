"""`dicomveil receive`: a storage SCP that de-identifies what is sent to it."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Event
from types import FrameType

import click

from dicomveil.cli.exits import Exit
from dicomveil.errors import CannotStart, MappingError, PlaceBusy
from dicomveil.jobs.receive_settings import read_settings
from dicomveil.jobs.reception import alone
from dicomveil.places.receiving import Listener
from dicomveil.receive_wiring import gateway, server_tls


@click.command()
@click.argument("settings", type=click.Path(path_type=Path))
def receive(settings: Path) -> Exit:
    """Receive studies by DICOM, de-identify them and deliver them.

    SETTINGS is a TOML file: which AE titles and addresses may send to which project, by which
    profile and key it is de-identified, and where it is delivered. Ends on Ctrl-C and SIGTERM; what
    was received and not yet delivered is taken up by the next start.
    """
    stop = Event()
    _end_by_signals(stop)
    with ExitStack() as held:
        with _starting():
            asked = read_settings(settings)
            held.enter_context(alone(asked.spool))
            built = gateway(asked, os.environ, _say)
            listener = Listener(asked.listening, built.terms, server_tls(asked.tls))
            held.enter_context(listener)
        _say(f"listening at {asked.listening.address}, port {listener.port}")
        built.serve(stop)
    return Exit.DONE


@contextmanager
def _starting() -> Iterator[None]:
    """What is wrong with the settings, or a port that is taken, is a refusal to start."""
    try:
        yield
    except (MappingError, PlaceBusy) as error:
        raise CannotStart(str(error)) from None


def _say(line: str) -> None:
    click.echo(f"dicomveil: {line}", err=True)


def _end_by_signals(stop: Event) -> None:
    """Let a supervisor's SIGTERM and a person's Ctrl-C end it in order."""

    def ask(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
