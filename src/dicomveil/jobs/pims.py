"""Pseudonym keys: named files of pseudonyms in the server, one pseudonym for each patient.

By default a pseudonym is a keyed hash, the same on every server that has the key. The templates
`{n}` and `{random}` are the recorded exception to "the same input gives the same output": assigned
once, in one transaction, unique both ways, before any object of the patient is touched.
"""

import csv
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TextIO

from sqlalchemy import bindparam, func, insert, select

from dicomveil.engine.pseudonyms import Pseudonyms, normal_form
from dicomveil.errors import Place, Unusable
from dicomveil.job_errors import NoSuch, Unfit
from dicomveil.jobs import clock
from dicomveil.jobs.audit import Audit
from dicomveil.jobs.clock import Now, stored
from dicomveil.jobs.database import Database, Durability, Row, Transaction
from dicomveil.jobs.giving import check_pseudonym
from dicomveil.jobs.keyring import Keyring
from dicomveil.jobs.model import Standing
from dicomveil.jobs.schema import PIMS_KEYS, PSEUDONYMS
from dicomveil.jobs.vault import Vault

_K, _P = PIMS_KEYS.c, PSEUDONYMS.c
_KEYS: Final = select(_K.id, _K.name, _K.template, _K.key, _K.standing).order_by(_K.name)
_KEY_NAMED: Final = _KEYS.where(_K.name == bindparam("named"))
_ADD_KEY: Final = insert(PIMS_KEYS)
_KNOWN: Final = select(_P.pseudonym).where(
    _P.pims_key_id == bindparam("which"), _P.patient_digest == bindparam("who")
)
_TAKEN: Final = select(_P.patient_sealed).where(
    _P.pims_key_id == bindparam("which"), _P.pseudonym == bindparam("called")
)
_LAST: Final = select(func.max(_P.number)).where(_P.pims_key_id == bindparam("which"))
_ADD: Final = insert(PSEUDONYMS)
_ALL: Final = (
    select(_P.patient_sealed, _P.pseudonym)
    .where(_P.pims_key_id == bindparam("which"))
    .order_by(_P.assigned, _P.pseudonym)
)
COLUMN: Final = "pseudonyms.patient"
_TEMPLATE: Final = re.compile(
    r"(?P<before>[\w .-]*)"
    r"\{(?P<what>keyed|n|random)(?::0?(?P<width>\d{1,2}))?\}"
    r"(?P<after>[\w .-]*)",
    re.ASCII,
)
_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # without those that are read as others
HEADER: Final = ("issuer", "patient_id", "pseudonym")


@dataclass(frozen=True, slots=True)
class PimsKey:
    """A named key file."""

    id: int
    name: str
    template: str
    key: str  # the fingerprint
    standing: Standing


@dataclass(frozen=True, slots=True)
class Identity:
    """A patient as the hospital calls them; never shown but to those who may see it."""

    patient_id: str = field(repr=False)
    issuer: str = field(default="", repr=False)

    @property
    def text(self) -> str:
        """Both in normal form: by which the patient is found again."""
        return f"{normal_form(self.issuer)}\0{normal_form(self.patient_id)}"


class Pims:
    """The pseudonym keys of one server."""

    def __init__(
        self, database: Database, vault: Vault, keyring: Keyring, now: Now = clock.now
    ) -> None:
        """Keep pseudonyms in `database`, hash under keys of `keyring`."""
        self._database = database
        self._vault = vault
        self._keyring = keyring
        self._now = now
        self._audit = Audit(vault, now)

    def add_key(self, name: str, template: str, key: str, by: str) -> PimsKey:
        """A new pseudonym key; Unfit for a name that is taken or a template that is none."""
        check_template(template)
        self._keyring.key(key)
        with self._database.write(Durability.PROMISED) as tx:
            try:
                tx.run(
                    _ADD_KEY,
                    name=name,
                    template=template,
                    key=key,
                    standing="active",
                    created=stored(self._now()),
                )
            except self._database.taken as error:
                raise Unfit("pims_key", "the name is taken") from error
            facts = {"template": template, "key": key}
            self._audit.add(tx, by, "pims key added", f"pims key {name}", facts)
            return self._key(tx, name)

    def listed(self) -> list[PimsKey]:
        """Every pseudonym key."""
        with self._database.read() as tx:
            return [_pims_key(row) for row in tx.rows(_KEYS)]

    def assign(self, name: str, people: Sequence[Identity]) -> dict[Identity, str]:
        """Each patient's pseudonym, new ones given now and for good."""
        with self._database.write(Durability.PROMISED) as tx:
            key = self._key(tx, name)
            return {who: self._assigned(tx, key, who) for who in people}

    def put(self, name: str, pairs: Mapping[Identity, str], by: str) -> int:
        """Enter pseudonyms that were given elsewhere; how many were new.

        All or none: Unfit when a patient has another one, or a pseudonym another patient.
        """
        with self._database.write(Durability.PROMISED) as tx:
            key = self._key(tx, name)
            new = sum(self._put(tx, key, who, called) for who, called in pairs.items())
            self._audit.add(tx, by, "pseudonyms imported", f"pims key {name}", {"new": new})
        return new

    def reidentify(self, name: str, pseudonym: str, by: str) -> Identity:
        """Whose pseudonym it is; asking is audited, found or not. NoSuch when it is nobody's."""
        with self._database.write(Durability.PROMISED) as tx:
            row = tx.row(_TAKEN, which=self._key(tx, name).id, called=pseudonym)
            facts = {"pseudonym": self._audit.told(pseudonym), "found": row is not None}
            self._audit.add(tx, by, "re-identified", f"pims key {name}", facts)
        if row is None:
            raise NoSuch("this is nobody's pseudonym")
        return self._identity(row[0])

    def exported(self, name: str, by: str) -> list[tuple[Identity, str]]:
        """Every patient with their pseudonym; asking is audited."""
        with self._database.write(Durability.PROMISED) as tx:
            rows = tx.rows(_ALL, which=self._key(tx, name).id)
            self._audit.add(tx, by, "pseudonyms exported", f"pims key {name}", {"all": len(rows)})
        return [(self._identity(sealed), pseudonym) for sealed, pseudonym in rows]

    def _key(self, tx: Transaction, name: str) -> PimsKey:
        row = tx.row(_KEY_NAMED, named=name)
        if row is None or row[4] != Standing.ACTIVE:
            raise NoSuch("there is no pseudonym key of that name in use")
        return _pims_key(row)

    def _assigned(self, tx: Transaction, key: PimsKey, who: Identity) -> str:
        known = tx.value(_KNOWN, which=key.id, who=self._digest(key, who))
        if known is not None:
            return str(known)
        pseudonym, number = self._new(tx, key, who)
        self._enter(tx, key, who, pseudonym, number)
        return pseudonym

    def _new(self, tx: Transaction, key: PimsKey, who: Identity) -> tuple[str, int | None]:
        before, what, width, after = check_template(key.template)
        match what:
            case "n":
                number = int(tx.value(_LAST, which=key.id) or 0) + 1
                while self._is_taken(tx, key, made := f"{before}{number:0{width}d}{after}"):
                    number += 1
                return made, number
            case "random":
                while True:
                    drawn = "".join(secrets.choice(_LETTERS) for _ in range(width or 10))
                    if not self._is_taken(tx, key, f"{before}{drawn}{after}"):
                        return f"{before}{drawn}{after}", None
            case _:
                names = Pseudonyms(self._keyring.key(key.key))
                code = names.code("pims", who.text.encode()).decode()
                return f"{before}{code[: width or len(code)]}{after}", None

    def _put(self, tx: Transaction, key: PimsKey, who: Identity, pseudonym: str) -> bool:
        check_pseudonym("pseudonym", pseudonym)
        known = tx.value(_KNOWN, which=key.id, who=self._digest(key, who))
        if known == pseudonym:
            return False
        if known is not None or self._is_taken(tx, key, pseudonym):
            raise Unfit("pseudonym", "a patient has another one already, or it is another's")
        self._enter(tx, key, who, pseudonym, None)
        return True

    def _enter(
        self, tx: Transaction, key: PimsKey, who: Identity, pseudonym: str, number: int | None
    ) -> None:
        try:
            tx.run(
                _ADD,
                pims_key_id=key.id,
                patient_digest=self._digest(key, who),
                patient_sealed=self._vault.seal(f"{who.issuer}\0{who.patient_id}", COLUMN),
                pseudonym=pseudonym,
                number=number,
                assigned=stored(self._now()),
            )
        except self._database.taken as error:
            raise Unfit("pims_key", "two patients would share a pseudonym") from error

    def _is_taken(self, tx: Transaction, key: PimsKey, pseudonym: str) -> bool:
        return tx.row(_TAKEN, which=key.id, called=pseudonym) is not None

    def _identity(self, sealed: bytes) -> Identity:
        issuer, _, patient_id = self._vault.open(sealed, COLUMN).partition("\0")
        return Identity(patient_id, issuer)

    def _digest(self, key: PimsKey, who: Identity) -> bytes:
        return digest_of(self._vault, key.id, who)


def digest_of(vault: Vault, key: int, who: Identity) -> bytes:
    """By which a patient of a pseudonym key is found again."""
    return vault.digest("patient", f"{key}\0{who.text}")


def _pims_key(row: Row) -> PimsKey:
    number, name, template, key, standing = row
    return PimsKey(number, name, template, key, Standing(standing))


def check_template(template: str) -> tuple[str, str, int, str]:
    """Before, what, how wide, after; Unfit for a template that is none."""
    found = _TEMPLATE.fullmatch(template)
    if found is None:
        raise Unfit("template", "one of {keyed}, {n:05} and {random:10} between plain letters")
    return found["before"], found["what"], int(found["width"] or 0), found["after"]


def read_pairs(file: TextIO) -> dict[Identity, str]:
    """Patients and pseudonyms of a CSV file with the columns of HEADER; the issuer may be left out.

    Unusable says where it is wrong.
    """
    rows = csv.DictReader(file, restkey="", restval="")
    if not set(HEADER[1:]) <= set(rows.fieldnames or ()):
        raise Unusable(f"the first row needs the columns {', '.join(HEADER[1:])}", Place(row=1))
    pairs: dict[Identity, str] = {}
    for number, row in enumerate(rows, 2):
        who = Identity(row["patient_id"].strip(), row.get("issuer", "").strip())
        if not who.patient_id or who in pairs:
            raise Unusable("a patient stands here once, with a number", Place("", number))
        pairs[who] = row["pseudonym"].strip()
    return pairs


def write_pairs(file: TextIO, pairs: Iterable[tuple[Identity, str]]) -> None:
    """The CSV file that `read_pairs` reads."""
    rows = csv.writer(file)
    rows.writerow(HEADER)
    rows.writerows((who.issuer, who.patient_id, pseudonym) for who, pseudonym in pairs)
