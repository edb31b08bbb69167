"""Whether the server lives, whether it can work, and its meters."""

from enum import StrEnum

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel
from starlette.responses import PlainTextResponse

from dicomveil.server.api.access import AnOffice, is_near, near_or_allowed
from dicomveil.server.metering import KIND

router = APIRouter(tags=["health"])


class Word(StrEnum):
    """How the server is."""

    ALIVE = "alive"
    READY = "ready"
    NOT_READY = "not ready"


class Health(BaseModel):
    """How the server is, and for those who may know what is wrong, by what it concerns."""

    status: Word
    troubles: dict[str, str] | None = None


@router.get(
    "/health/live", summary="Whether the server answers at all", response_model_exclude_none=True
)
async def live() -> Health:
    """Say so."""
    return Health(status=Word.ALIVE)


@router.get(
    "/health/ready",
    summary="Whether jobs can be taken and carried out",
    response_model_exclude_none=True,
    responses={503: {"model": Health, "description": "They cannot"}},
)
def ready(request: Request, office: AnOffice, response: Response) -> Health:
    """200 or 503; what is wrong is told to this machine, or with a token for the meters."""
    troubles = office.health()
    if not troubles:
        return Health(status=Word.READY)
    response.status_code = 503
    return Health(status=Word.NOT_READY, troubles=dict(troubles) if is_near(request) else None)


@router.get(
    "/metrics",
    dependencies=[Depends(near_or_allowed)],
    summary="Meters for Prometheus",
    response_class=PlainTextResponse,
)
def metrics(office: AnOffice) -> Response:
    """All meters as text."""
    return Response(office.meters.text(), media_type=KIND)
