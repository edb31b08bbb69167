"""A twin of the engine for tests of the run: what becomes of a file is told by its first word."""

import errno
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dicomveil.dicom.splice import Span
from dicomveil.engine.cleaned import Cleaned
from dicomveil.engine.original import Original
from dicomveil.errors import NotDicom, Refused, Truncated
from dicomveil.jobs.keyfile import Key, State
from dicomveil.jobs.layout import Layout
from dicomveil.jobs.plan import Alignment, Checksum, Crosswalk, Existing, Order, Purpose
from dicomveil.places.scan import Links


class StandInCleaner:
    """Copies `SOP uid rest` under its UID; other words are other fates."""

    wanted_head = 1 << 14

    def clean(self, original: Original) -> Cleaned:
        """The object of a file that begins with SOP."""
        word, _, rest = bytes(original.view()[:200]).partition(b" ")
        match word:
            case b"SOP":
                uid = rest.partition(b" ")[0].decode()
                span = Span(0, original.size)
                return Cleaned([b"new", span], "PATIENT", "1.2", "1.3", uid, "1.4")
            case b"DIE":
                os.kill(os.getpid(), signal.SIGKILL)
            case b"CUT":
                raise Truncated("it ends", path="(0010,0010)", offset=7)
            case b"GATE":
                raise Refused("pixels-unproven", path="(0008,0016)")
            case b"BUG":
                raise ValueError(rest.decode())
            case b"DISK":
                raise OSError(errno.EIO, "broken")
            case b"MEMORY":
                raise MemoryError
            case _:
                pass
        raise NotDicom("nothing says so")


@dataclass(frozen=True, slots=True)
class StandIn:
    """Builds the stand-in."""

    def cleaner(self) -> StandInCleaner:
        """A cleaner for one process."""
        return StandInCleaner()

    def code(self) -> Callable[[str, bytes], bytes]:
        """A name of one length for each message."""
        return lambda kind, message: b"%s-%d" % (kind.encode(), len(message))

    def facts(self) -> dict[str, object]:
        """What the manifest's first line says."""
        return {"dicomveil": "0", "profile": {}, "key": "0"}

    def options(self) -> dict[str, str]:
        """No options."""
        return {}


def order(folder: Path, *, workers: int = 1, existing: Existing = Existing.REFUSE) -> Order:
    """An order to deliver folder/src to folder/dst."""
    real = os.fsencode(folder.resolve())
    return Order(
        sources=(real + b"/src",),
        destination=real + b"/dst",
        private=real + b"/private",
        layout=Layout.UID,
        links=Links.IGNORE,
        existing=existing,
        checksum=Checksum.NONE,
        alignment=Alignment.NONE,
        crosswalk=Crosswalk.NONE,
        purpose=Purpose.DELIVER,
        workers=workers,
        workshop=StandIn(),
        key=Key(b"k" * 32, str(folder / "key"), State.KEPT),
    )


def sop(uid: int, rest: str = "") -> bytes:
    """A file that is delivered under this UID."""
    return f"SOP 1.5.{uid} {rest}".encode()
