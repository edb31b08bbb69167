"""Mappings that users uploaded: kept sealed, for their owner alone, until they are old.

A mapping says which source becomes which pseudonym: it identifies, so its name and its content are
sealed like the sources of jobs, and purged after the shortest time that any project keeps those.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, delete, func, insert, select, update

from dicomveil.job_errors import NoSuch, OverLimit, Unfit
from dicomveil.jobs import clock
from dicomveil.jobs.audit import Audit
from dicomveil.jobs.clock import Now, stored
from dicomveil.jobs.database import Database, Durability, Row, Transaction
from dicomveil.jobs.model import User
from dicomveil.jobs.schema import UPLOADS
from dicomveil.jobs.vault import Vault

MOST: Final = 100
"""How many a user may have here."""
LARGEST: Final = 8 * 1024 * 1024
NAME: Final = "uploads.name"
CONTENT: Final = "uploads.content"
_LONGEST: Final = 255
_U: Final = UPLOADS.c
_ADD: Final = insert(UPLOADS).returning(_U.id, _U.created, _U.size, _U.name_sealed)
_COUNT: Final = select(func.count()).where(_U.owner_id == bindparam("owner"))
_OF: Final = (
    select(_U.id, _U.created, _U.size, _U.name_sealed)
    .where(_U.owner_id == bindparam("owner"))
    .order_by(_U.id.desc())
)
_ONE: Final = select(_U.id, _U.created, _U.size, _U.name_sealed, _U.content_sealed).where(
    _U.id == bindparam("number"), _U.owner_id == bindparam("owner")
)
_REMOVE: Final = delete(UPLOADS).where(
    _U.id == bindparam("number"), _U.owner_id == bindparam("owner")
)
_PURGE: Final = delete(UPLOADS).where(_U.created < bindparam("since"))
_SEALED: Final = select(_U.id, _U.name_sealed, _U.content_sealed)
_SEAL: Final = (
    update(UPLOADS)
    .where(_U.id == bindparam("number"))
    .values(name_sealed=bindparam("name"), content_sealed=bindparam("content"))
)


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded mapping: its number, when it came, its size in bytes, its file's name."""

    id: int
    created: datetime
    size: int
    name: str = field(repr=False)


class Uploads:
    """The mappings of every user."""

    def __init__(self, database: Database, vault: Vault, now: Now = clock.now) -> None:
        """Keep them in `database`, sealed by `vault`."""
        self._database = database
        self._vault = vault
        self._now = now
        self._audit = Audit(vault, now)

    def add(self, name: str, content: bytes, owner: User) -> Upload:
        """The upload; Unfit for a name or a size, OverLimit when the owner has 100."""
        if len(name) > _LONGEST or not name.isprintable():
            raise Unfit("name", f"at most {_LONGEST} printable characters")
        if len(content) > LARGEST:
            raise Unfit("mapping", f"at most {LARGEST >> 20} MB")
        with self._database.write(Durability.PROMISED) as tx:
            if tx.value(_COUNT, owner=owner.id) >= MOST:
                raise OverLimit(f"at most {MOST} mappings are kept for you; remove some")
            row = tx.row(
                _ADD,
                owner_id=owner.id,
                created=stored(self._now()),
                size=len(content),
                name_sealed=self._vault.seal(name, NAME),
                content_sealed=self._vault.seal(content.decode("latin-1"), CONTENT),
            )
            assert row is not None  # an insert returns its row
            facts = {"size": len(content)}
            self._audit.add(tx, owner.name, "mapping uploaded", f"mapping {row[0]}", facts)
        return self._upload(row)

    def of(self, owner: User) -> list[Upload]:
        """The user's uploads, newest first."""
        with self._database.read() as tx:
            return [self._upload(row) for row in tx.rows(_OF, owner=owner.id)]

    def one(self, number: int, owner: User) -> tuple[Upload, bytes]:
        """An upload and its content; NoSuch for one that is not the user's."""
        with self._database.read() as tx:
            row = tx.row(_ONE, number=number, owner=owner.id)
        if row is None:
            raise NoSuch(f"there is no mapping {number}")
        return self._upload(row[:4]), self._vault.open(row[4], CONTENT).encode("latin-1")

    def remove(self, number: int, owner: User) -> None:
        """Forget it; NoSuch for one that is not the user's."""
        with self._database.write(Durability.PROMISED) as tx:
            if not tx.run(_REMOVE, number=number, owner=owner.id):
                raise NoSuch(f"there is no mapping {number}")
            self._audit.add(tx, owner.name, "mapping removed", f"mapping {number}")

    def purge(self, before: datetime) -> int:
        """Forget those that came before a time: how many."""
        with self._database.write(Durability.PROMISED) as tx:
            gone = tx.run(_PURGE, since=stored(before))
            if gone:
                self._audit.add(tx, "server", "mappings purged", "mappings", {"gone": gone})
        return gone

    def _upload(self, row: Row) -> Upload:
        number, created, size, name = row
        return Upload(number, clock.read(created), size, self._vault.open(name, NAME))


def seal_uploads(tx: Transaction, old: Vault, new: Vault) -> None:
    """Seal them all under the new vault."""
    for number, name, content in tx.rows(_SEALED):
        tx.run(
            _SEAL,
            number=number,
            name=new.seal(old.open(name, NAME), NAME),
            content=new.seal(old.open(content, CONTENT), CONTENT),
        )
