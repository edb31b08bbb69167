"""The register of patients who refuse research; numbers are sealed, and looked up by digest."""

import csv
from collections.abc import Iterable, Iterator
from typing import Final, TextIO

from sqlalchemy import bindparam, delete, func, insert, select

from dicomveil.engine.pseudonyms import normal_form
from dicomveil.errors import Place, Unusable
from dicomveil.jobs import clock
from dicomveil.jobs.audit import Audit
from dicomveil.jobs.clock import Now, stored
from dicomveil.jobs.database import Database, Durability
from dicomveil.jobs.schema import OPT_OUTS
from dicomveil.jobs.vault import Vault

_O: Final = OPT_OUTS.c
_KNOWN: Final = select(_O.patient_digest).where(_O.patient_digest == bindparam("who"))
_ADD: Final = insert(OPT_OUTS)
_REMOVE: Final = delete(OPT_OUTS).where(_O.patient_digest == bindparam("who"))
_COUNT: Final = select(func.count()).select_from(OPT_OUTS)
_ALL: Final = select(_O.patient_sealed).order_by(_O.added)
COLUMN: Final = "opt_outs.patient"
_KIND: Final = "opt-out"
HEADER: Final = "patient_id"


class OptOuts:
    """Patients, by their Patient ID in the hospital."""

    def __init__(self, database: Database, vault: Vault, now: Now = clock.now) -> None:
        """Keep them in `database`."""
        self._database = database
        self._vault = vault
        self._now = now
        self._audit = Audit(vault, now)

    def add(self, patients: Iterable[str], by: str) -> int:
        """Enter patients; how many were not there yet."""
        with self._database.write(Durability.PROMISED) as tx:
            new = 0
            for patient in patients:
                who = self._digest(patient)
                if tx.row(_KNOWN, who=who) is not None:
                    continue
                sealed = self._vault.seal(patient, COLUMN)
                tx.run(
                    _ADD,
                    patient_digest=who,
                    patient_sealed=sealed,
                    added=stored(self._now()),
                    added_by=by,
                )
                new += 1
            self._audit.add(tx, by, "opt-outs added", "opt-outs", {"new": new})
        return new

    def remove(self, patient: str, by: str) -> bool:
        """Whether the patient was there, and is no longer."""
        with self._database.write(Durability.PROMISED) as tx:
            gone = tx.run(_REMOVE, who=self._digest(patient)) > 0
            facts = {"patient": self._audit.told(normal_form(patient)), "found": gone}
            self._audit.add(tx, by, "opt-out removed", "opt-outs", facts)
        return gone

    def refusing(self, patients: Iterable[str]) -> int:
        """How many of these patients are in the register."""
        with self._database.read() as tx:
            return sum(tx.row(_KNOWN, who=self._digest(one)) is not None for one in patients)

    def count(self) -> int:
        """How many there are."""
        with self._database.read() as tx:
            return int(tx.value(_COUNT))

    def listed(self, by: str) -> list[str]:
        """Every patient's number, for those who may know; asking for it is audited."""
        with self._database.write(Durability.PROMISED) as tx:
            self._audit.add(tx, by, "opt-outs read", "opt-outs")
            return [self._vault.open(row[0], COLUMN) for row in tx.rows(_ALL)]

    def _digest(self, patient: str) -> bytes:
        return digest_of(self._vault, normal_form(patient))


def digest_of(vault: Vault, patient: str) -> bytes:
    """By which a patient, in normal form, is found again."""
    return vault.digest(_KIND, patient)


def read_patients(file: TextIO) -> Iterator[str]:
    """The patients of a CSV file with a column `patient_id`; Unusable says where it is wrong."""
    rows = csv.DictReader(file, restkey="", restval="")
    if HEADER not in (rows.fieldnames or ()):
        raise Unusable(f"the first row needs a column {HEADER}", Place(row=1))
    for number, row in enumerate(rows, 2):
        patient = row[HEADER].strip()
        if not patient or len(patient) > 64:
            raise Unusable("a number of 1 to 64 characters is needed", Place("", number, HEADER))
        yield patient
