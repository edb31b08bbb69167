"""The audit: who did what when, for auditors."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, JsonValue, TypeAdapter

from dicomveil.jobs.audit import Entry
from dicomveil.server.api.access import ACaller, AnOffice
from dicomveil.server.api.models import REFUSALS
from dicomveil.server.documentation import API

_JSON = TypeAdapter(dict[str, JsonValue])
router = APIRouter(prefix=f"{API}/audit", tags=["audit"], responses=REFUSALS)


class Noted(BaseModel):
    """An entry: who did what to what; values and free text are keyed digests."""

    number: int
    at: str
    who: str
    what: str
    on: str
    facts: dict[str, JsonValue]


class AuditStretch(BaseModel):
    """Entries in order."""

    entries: list[Noted]
    next: int | None = Field(description="ask again with this as `after`; null at the end")


@router.get("", summary="Entries in order, after a number")
def entries(
    caller: ACaller,
    office: AnOffice,
    after: Annotated[int, Query(ge=0, lt=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> AuditStretch:
    """Free text and values stand in it as keyed digests."""
    del caller
    found = office.entries(after, limit)
    return AuditStretch(
        entries=[_noted(one) for one in found],
        next=found[-1].number if len(found) == limit else None,
    )


def _noted(entry: Entry) -> Noted:
    return Noted(
        number=entry.number,
        at=entry.at.isoformat(),
        who=entry.who,
        what=entry.what,
        on=entry.on,
        facts=_JSON.validate_python(dict(entry.facts)),
    )
