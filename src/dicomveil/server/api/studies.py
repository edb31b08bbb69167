"""Looking for studies in a PACS, which this server cannot do yet."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from dicomveil.server.answers import failure
from dicomveil.server.api.access import ACaller
from dicomveil.server.documentation import API

router = APIRouter(prefix=f"{API}/studies", tags=["studies"])


class Sought(BaseModel):
    """Sources as a mapping writes them."""

    model_config = ConfigDict(extra="forbid")

    sources: list[str] = Field(max_length=10_000)


@router.post("/find", summary="Studies that sources name", responses={404: {}})
def find(sought: Sought, caller: ACaller) -> Response:
    """404: no place where studies could be looked for is configured."""
    del sought, caller
    return failure({"sources": "This server has no PACS to look in"}, 404)
