"""The audit: who did what when, for auditors."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from dicomveil.server.api.access import ACaller, AnOffice
from dicomveil.server.api.models import REFUSALS
from dicomveil.server.documentation import API

router = APIRouter(prefix=f"{API}/audit", tags=["audit"], responses=REFUSALS)


@router.get("", summary="Entries in order, after a number")
def entries(
    caller: ACaller,
    office: AnOffice,
    after: Annotated[int, Query(ge=0, lt=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> dict[str, Any]:
    """Free text and values stand in it as keyed digests."""
    del caller
    found = office.entries(after, limit)
    return {
        "entries": [
            {
                "number": one.number,
                "at": one.at.isoformat(),
                "who": one.who,
                "what": one.what,
                "on": one.on,
                "facts": dict(one.facts),
            }
            for one in found
        ],
        "next": found[-1].number if len(found) == limit else None,
    }
