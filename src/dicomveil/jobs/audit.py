"""Who did what when: append-only, each entry sealed to the one before by a hash.

Triggers of the database refuse to change or delete an entry. Whoever goes round them breaks the
chain, which `check` finds; whoever replaces the whole chain is found by the heads that are written
outside the database each day. Facts hold no identifier: free text and values as keyed digests.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import bindparam, insert, select

from dicomveil.job_errors import AuditBroken
from dicomveil.jobs import clock
from dicomveil.jobs.clock import Now, stored
from dicomveil.jobs.database import Row, Transaction
from dicomveil.jobs.schema import AUDIT
from dicomveil.jobs.vault import Vault

_A: Final = AUDIT.c
_ADD: Final = insert(AUDIT)
_HEAD: Final = select(_A.number, _A.hash).order_by(_A.number.desc()).limit(1)
_FROM: Final = (
    select(_A.number, _A.at, _A.who, _A.what, _A.on, _A.facts, _A.hash)
    .where(_A.number > bindparam("after"))
    .order_by(_A.number)
    .limit(bindparam("count"))
)
_AT_ONCE: Final = 1000
GENESIS: Final = bytes(32)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that somebody did."""

    number: int
    at: datetime
    who: str
    what: str
    on: str
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry's number and hash: they stand for all before."""

    number: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.number} {self.hash.hex()}"


class Audit:
    """The chain; each method works in a transaction of its caller."""

    def __init__(self, vault: Vault, now: Now = clock.now) -> None:
        """Hash values with `vault`'s digests."""
        self._vault = vault
        self._now = now

    def add(
        self,
        tx: Transaction,
        who: str,
        what: str,
        on: str,
        facts: Mapping[str, object] | None = None,
    ) -> None:
        """Say that `who` did `what` to the thing `on`."""
        head = self.head(tx)
        at, told = stored(self._now()), _written(facts or {})
        number = head.number + 1
        hashed = _hash(head.hash, (number, at, who, what, on, told))
        tx.run(_ADD, number=number, at=at, who=who, what=what, on=on, facts=told, hash=hashed)

    def told(self, text: str) -> str:
        """A free text as an entry may hold it: a keyed digest, by which it can be recognised."""
        return self._vault.digest("audit", text).hex()

    def head(self, tx: Transaction) -> Head:
        """The newest entry."""
        row = tx.row(_HEAD)
        return Head(row[0], bytes(row[1])) if row else Head(0, GENESIS)

    def entries(self, tx: Transaction, after: int = 0, count: int = _AT_ONCE) -> list[Entry]:
        """Entries in order, after that number."""
        return [_entry(row) for row in tx.rows(_FROM, after=after, count=count)]

    def check(self, tx: Transaction, known: Mapping[int, bytes] | None = None) -> Head:
        """The head of a chain that holds, and passes through the heads `known` by number.

        Raises AuditBroken with the number of the first entry that does not fit.
        """
        head, heads = Head(0, GENESIS), dict(known or {})
        for row in self._rows(tx):
            number, *_, kept = row
            hashed = _hash(head.hash, row[:6])
            expected = heads.pop(number, hashed)
            if number != head.number + 1 or bytes(kept) != hashed or expected != hashed:
                raise AuditBroken(f"the audit chain does not hold from entry {head.number + 1} on")
            head = Head(number, hashed)
        if heads:
            raise AuditBroken(f"the audit chain ends at entry {head.number}, before a known head")
        return head

    def _rows(self, tx: Transaction) -> Iterator[Row]:
        after = 0
        while rows := tx.rows(_FROM, after=after, count=_AT_ONCE):
            yield from rows
            after = rows[-1][0]


def _hash(before: bytes, entry: Row) -> bytes:
    return sha256(before + _written(list(entry)).encode()).digest()


_ENCODER: Final = json.JSONEncoder(separators=(",", ":"), sort_keys=True)


def _written(value: object) -> str:
    return _ENCODER.encode(value)


def _entry(row: Row) -> Entry:
    number, at, who, what, on, facts, _ = row
    return Entry(number, clock.read(at), who, what, on, json.loads(facts))
