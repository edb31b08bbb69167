"""A file's share of the crosswalk: which old values became which new ones, once for each chunk."""

from typing import Final

from dicomveil.engine.cleaned import Cleaned
from dicomveil.jobs.plan import Crosswalk

UID: Final = "uid"
PATIENT: Final = "patient"

Pair = tuple[str, str, str]
"""The kind, the old value, the new one."""


class Crossing:
    """Collects the pairs of a chunk's files for their journal lines."""

    def __init__(self, crosswalk: Crosswalk) -> None:
        """Collect only when a crosswalk is wanted."""
        self._wanted = crosswalk is Crosswalk.WRITE
        self._kept: set[Pair] = set()
        self._last: list[Pair] = []

    def begin(self) -> None:
        """Forget the chunk before."""
        self._kept.clear()

    def share(self, cleaned: Cleaned) -> str:
        """The pairs that no file of the chunk had before, as JSON; "" when there are none."""
        if not self._wanted:
            return ""
        pairs = {(UID, _text(old), _text(new)) for old, new in cleaned.changed_uids}
        if any(cleaned.patient):
            pairs.add((PATIENT, *cleaned.patient))
        self._last = sorted(pairs - self._kept)
        if not self._last:
            return ""
        from json import dumps

        return dumps(self._last, separators=(",", ":"))

    def keep(self) -> None:
        """The last share's file was delivered: later files need not repeat it."""
        self._kept.update(self._last)


def _text(uid: bytes) -> str:
    """A UID as it lies; bytes that no UID has come out escaped."""
    return uid.decode("ascii", "backslashreplace")
