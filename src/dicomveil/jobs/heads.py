"""The audit's heads, kept outside the database: what shows that a whole chain was replaced.

A file of lines: the date, the newest entry's number and its hash. Whoever copies it elsewhere each
day can prove later what the audit said then.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from dicomveil.job_errors import AuditBroken
from dicomveil.jobs import clock
from dicomveil.jobs.audit import Audit, Entry, Head
from dicomveil.jobs.clock import Now
from dicomveil.jobs.database import Database, Durability
from dicomveil.jobs.vault import Vault

FILE: Final = "audit-heads"


class Heads:
    """The audit of one ledger, and the file of its heads."""

    def __init__(self, database: Database, vault: Vault, file: Path, now: Now = clock.now) -> None:
        """Keep heads in `file`."""
        self._database = database
        self._file = file
        self._now = now
        self._audit = Audit(vault, now)

    def keep(self) -> Head:
        """Add the newest head to the file, once a day at most; the newest head."""
        with self._database.read() as tx:
            head = self._audit.head(tx)
        today = f"{self._now():%Y-%m-%d}"
        if today not in {line.split()[0] for line in self._lines()}:
            with self._file.open("a", encoding="ascii") as file:
                file.write(f"{today} {head}\n")
        return head

    def verify(self) -> Head:
        """The head of a chain that holds and passes through every head that was kept.

        Raises AuditBroken.
        """
        with self._database.read() as tx:
            return self._audit.check(tx, self._known())

    def entries(self, after: int, count: int) -> list[Entry]:
        """Entries in order."""
        with self._database.read() as tx:
            return self._audit.entries(tx, after, count)

    def note(self, who: str, what: str, on: str) -> None:
        """Say that `who` did `what` to the thing `on`."""
        with self._database.write(Durability.PROMISED) as tx:
            self._audit.add(tx, who, what, on)

    def _known(self) -> Mapping[int, bytes]:
        try:
            kept = [line.split() for line in self._lines()]
            return {int(number): bytes.fromhex(hash_) for _, number, hash_ in kept if int(number)}
        except ValueError:
            raise AuditBroken("the file of the audit's heads is damaged") from None

    def _lines(self) -> list[str]:
        try:
            return self._file.read_text("ascii").splitlines()
        except FileNotFoundError:
            return []
