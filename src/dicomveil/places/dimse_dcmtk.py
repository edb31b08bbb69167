"""DCMTK's storescp as the receiver of a C-MOVE, where it is installed: far faster than ours.

It writes each data set bit for bit, under a name of its own making, to a folder in the spool; the
names are replaced by ours. It takes one association after the other, so that all but the newest of
its files are whole, and it removes what it could not receive whole.

It listens on every address and asks nobody who they are: what was not asked for is found out by
whoever compares.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import Final

from dicomveil.errors import CannotStart, DicomveilError, Failed, PlaceBusy
from dicomveil.places.dimse_intake import Intake
from dicomveil.places.dimse_peer import Peer

_PROGRAM: Final = "storescp"
_TABLES: Final = ("/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6")
_LISTENING: Final = "0A"
_LOOK: Final = 0.02
_STARTING: Final = 5.0
_ENDING: Final = 10.0


class Handover:
    """Hands on what storescp wrote, from a thread of its own."""

    def __init__(self, folder: Path, intake: Intake) -> None:
        """Look at `folder` for the intake."""
        self._folder = folder
        self._intake = intake
        self._over = Event()
        self._growing = (b"", 0)
        self._thread = Thread(target=self._run, name="dicom-handover", daemon=True)
        self._thread.start()

    def finish(self) -> None:
        """Hand on the newest as well: the node said that it was the last."""
        self.stop()
        self._hand_on(self._files())

    def stop(self) -> None:
        """Hand on nothing more."""
        self._over.set()
        self._thread.join(_ENDING)

    def _run(self) -> None:
        while not self._over.wait(_LOOK):
            try:
                files = self._files()
                self._hand_on(files[:-1])
                for newest in files[-1:]:
                    self._note_growth(newest)
            except DicomveilError as error:
                self._intake.end(error)
                return
            except OSError as error:
                self._intake.end(Failed(f"the spool failed: {error.strerror}"))
                return

    def _files(self) -> list[Path]:
        """What is there, the newest last."""
        with os.scandir(self._folder) as entries:
            found = [(entry.stat().st_mtime_ns, entry.path) for entry in entries]
        return [Path(path) for _, path in sorted(found)]

    def _hand_on(self, files: list[Path]) -> None:
        for path in files:
            self._intake.adopt(path)

    def _note_growth(self, newest: Path) -> None:
        now = (os.fsencode(newest), newest.stat().st_size)
        if now != self._growing:
            self._growing = now
            self._intake.stir()


@contextmanager
def storescp(peer: Peer, intake: Intake, spool: Path) -> Iterator[Handover]:
    """Receive for the intake while the block runs; CannotStart where there is no storescp."""
    program = shutil.which(_PROGRAM)
    if program is None:
        raise CannotStart("DCMTK's storescp is not installed")
    if peer.listening_tls is not None:
        raise CannotStart("DCMTK's storescp is not used with TLS here")
    with tempfile.TemporaryDirectory(dir=spool) as folder:
        receiver = _started(program, peer, folder)
        handover = Handover(Path(folder), intake)
        try:
            _wait_until_it_listens(peer, receiver)
            yield handover
        finally:
            handover.stop()
            receiver.terminate()
            receiver.wait(_ENDING)


def _started(program: str, peer: Peer, folder: str) -> subprocess.Popen[bytes]:
    arguments = ["-q", "+B", "+uf", "+xa", "-pm", "-pdu", "131072"]
    named = ["-aet", peer.calling, "-od", folder, str(peer.listening.port)]
    return subprocess.Popen(  # noqa: S603 - no shell; a checked title, a port, and a folder of ours
        [program, *arguments, *named],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"TCP_NODELAY": "1"},  # DCMTK leaves Nagle on: 40 ms an object
        umask=0o077,
    )


def _wait_until_it_listens(peer: Peer, receiver: subprocess.Popen[bytes]) -> None:
    """Return when its port is bound, as the kernel's own table says: it is not disturbed."""
    deadline = monotonic() + _STARTING
    while monotonic() < deadline:
        if receiver.poll() is not None:
            raise PlaceBusy("the listening port", "it is taken: another fetch or receiver has it")
        if any(_is_listened_at(peer.listening.port, Path(table)) for table in _TABLES):
            return
        sleep(_LOOK)
    raise PlaceBusy("the listening port", "the receiver did not start in time")


def _is_listened_at(port: int, table: Path) -> bool:
    """Whether a table of the kernel's sockets has a listener at the port."""
    rows = (line.split() for line in table.read_text("ascii").splitlines())
    return any(row[1].endswith(f":{port:04X}") and row[3] == _LISTENING for row in rows)
