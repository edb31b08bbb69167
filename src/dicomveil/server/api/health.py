"""Whether the server lives, whether it can work, and its meters."""

from fastapi import APIRouter, Depends, Request, Response

from dicomveil.server.answers import success
from dicomveil.server.api.access import AnOffice, is_near, near_or_allowed
from dicomveil.server.metering import KIND

router = APIRouter(tags=["health"])


@router.get("/health/live", summary="Whether the server answers at all")
async def live() -> dict[str, str]:
    """Say so."""
    return {"status": "alive"}


@router.get("/health/ready", summary="Whether jobs can be taken and carried out")
def ready(request: Request, office: AnOffice) -> Response:
    """200 or 503; what is wrong is told to this machine, or with a token for the meters."""
    troubles = office.health()
    status = "not ready" if troubles else "ready"
    content: dict[str, object] = {"status": status}
    if troubles and is_near(request):
        content["troubles"] = dict(troubles)
    return success(content, 503 if troubles else 200)


@router.get("/metrics", dependencies=[Depends(near_or_allowed)], summary="Meters for Prometheus")
def metrics(office: AnOffice) -> Response:
    """All meters as text."""
    return Response(office.meters.text(), media_type=KIND)
