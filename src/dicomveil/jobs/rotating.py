"""Seal every identifying column anew under another key, all at once.

Pseudonyms do not change: they hang on the keys of projects. Idempotency keys are forgotten, since
what they stood for is known by digests under the old key.
"""

from typing import Any, Final

from sqlalchemy import Column, bindparam, delete, insert, select, update

from dicomveil.engine.pseudonyms import normal_form
from dicomveil.jobs.audit import Audit
from dicomveil.jobs.database import Database, Durability, Row, Transaction
from dicomveil.jobs.opt_outs import COLUMN as OPT_OUT_COLUMN
from dicomveil.jobs.opt_outs import digest_of as opt_out_digest
from dicomveil.jobs.pims import COLUMN as PIMS_COLUMN
from dicomveil.jobs.pims import Identity
from dicomveil.jobs.pims import digest_of as pims_digest
from dicomveil.jobs.reading import DESCRIPTION, DETAILS, OPT_OUT, PLAN, SOURCE
from dicomveil.jobs.schema import FACTS, JOBS, OPT_OUTS, PSEUDONYMS, SUBMISSIONS, WEBHOOKS
from dicomveil.jobs.uploads import seal_uploads
from dicomveil.jobs.vault import Vault
from dicomveil.jobs.webhooks import COLUMN as WEBHOOK_COLUMN

VAULT: Final = "vault"
_SEALED: Final = {
    "source_sealed": SOURCE,
    "description_sealed": DESCRIPTION,
    "opt_out_sealed": OPT_OUT,
    "plan_sealed": PLAN,
    "details_sealed": DETAILS,
}
_JOBS: Final = (
    select(JOBS.c.id, JOBS.c.source_type, *(JOBS.c[name] for name in _SEALED))
    .where(JOBS.c.id > bindparam("after"))
    .order_by(JOBS.c.id)
    .limit(1000)
)
_SEAL_JOB: Final = (
    update(JOBS)
    .where(JOBS.c.id == bindparam("job"))
    .values(
        source_digest=bindparam("digest"),
        **{name: bindparam(f"new_{name}") for name in _SEALED},
    )
)
_P, _O = PSEUDONYMS.c, OPT_OUTS.c
_PSEUDONYMS: Final = select(_P.patient_digest, _P.patient_sealed, _P.pims_key_id)
_OPT_OUTS: Final = select(_O.patient_digest, _O.patient_sealed)


def _seal(column: Column[Any], sealed: str) -> Any:  # noqa: ANN401 - an update of either table
    return (
        update(column.table)
        .where(column == bindparam("old"))
        .values({column.name: bindparam("new"), sealed: bindparam("text")})
    )


_SEAL_PSEUDONYM: Final = _seal(_P.patient_digest, "patient_sealed")
_SEAL_OPT_OUT: Final = _seal(_O.patient_digest, "patient_sealed")
_WEBHOOKS: Final = select(WEBHOOKS.c.project_id, WEBHOOKS.c.secret_sealed)
_SEAL_WEBHOOK: Final = (
    update(WEBHOOKS)
    .where(WEBHOOKS.c.project_id == bindparam("project"))
    .values(secret_sealed=bindparam("text"))
)
_FORGET: Final = delete(SUBMISSIONS)
_FORGET_FACT: Final = delete(FACTS).where(FACTS.c.name == VAULT)
_ADD_FACT: Final = insert(FACTS)
_FACT: Final = select(FACTS.c.value).where(FACTS.c.name == VAULT)


def sealed_under(database: Database) -> str:
    """The fingerprint of the key that the columns are sealed under."""
    with database.read() as tx:
        return str(tx.value(_FACT) or "")


def say_sealed(database: Database, vault: Vault) -> None:
    """Write down which key the columns are sealed under."""
    with database.write(Durability.PROMISED) as tx:
        _say(tx, vault)


def seal_anew(database: Database, old: Vault, new: Vault, by: str) -> None:
    """Seal everything under the new vault; all of it or nothing."""
    with database.write(Durability.PROMISED) as tx:
        _jobs(tx, old, new)
        for digest, sealed, key in tx.rows(_PSEUDONYMS):
            text = old.open(sealed, PIMS_COLUMN)
            issuer, _, patient_id = text.partition("\0")
            who = pims_digest(new, key, Identity(patient_id, issuer))
            tx.run(_SEAL_PSEUDONYM, old=digest, new=who, text=new.seal(text, PIMS_COLUMN))
        for digest, sealed in tx.rows(_OPT_OUTS):
            text = old.open(sealed, OPT_OUT_COLUMN)
            who = opt_out_digest(new, normal_form(text))
            tx.run(_SEAL_OPT_OUT, old=digest, new=who, text=new.seal(text, OPT_OUT_COLUMN))
        for project, sealed in tx.rows(_WEBHOOKS):
            text = old.open(sealed, WEBHOOK_COLUMN)
            tx.run(_SEAL_WEBHOOK, project=project, text=new.seal(text, WEBHOOK_COLUMN))
        seal_uploads(tx, old, new)
        tx.run(_FORGET)
        _say(tx, new)
        Audit(new).add(tx, by, "columns sealed anew", "ledger", {"key": new.fingerprint})


def _jobs(tx: Transaction, old: Vault, new: Vault) -> None:
    after = 0
    while rows := tx.rows(_JOBS, after=after):
        for row in rows:
            _job(tx, row, old, new)
        after = rows[-1][0]


def _job(tx: Transaction, row: Row, old: Vault, new: Vault) -> None:
    number, kind, *sealed = row
    texts = {
        name: old.open(value, column)
        for (name, column), value in zip(_SEALED.items(), sealed, strict=True)
    }
    source = texts["source_sealed"]
    digest = new.digest("source", f"{kind}:{source}") if source else b""
    anew = {f"new_{name}": new.seal(text, _SEALED[name]) for name, text in texts.items()}
    tx.run(_SEAL_JOB, job=number, digest=digest, **anew)


def _say(tx: Transaction, vault: Vault) -> None:
    tx.run(_FORGET_FACT)
    tx.run(_ADD_FACT, name=VAULT, value=vault.fingerprint)
