"""Batches: jobs that were asked for together, and how many of them are in which status."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel

from dicomveil.job_errors import NoSuch
from dicomveil.jobs.model import Batch, Scope
from dicomveil.jobs.states import Status
from dicomveil.server.api.access import ACaller, AnOffice
from dicomveil.server.api.models import REFUSALS, Given, Short
from dicomveil.server.documentation import API

router = APIRouter(prefix=f"{API}/batches", tags=["batches"], responses=REFUSALS)


class NewBatch(Given):
    """A batch to be made; jobs name its number."""

    name: Short


class ShownBatch(BaseModel):
    """A batch, with how many of its jobs have each status."""

    id: int
    name: str
    owner: str
    created: str
    statuses: dict[Status, int]


class ShownBatches(BaseModel):
    """Batches, newest first."""

    batches: list[ShownBatch]


@router.get("", summary="Your newest batches")
def batches(caller: ACaller, office: AnOffice) -> ShownBatches:
    """Each with its jobs by status."""
    return ShownBatches(batches=[_shown(batch) for batch in office.batches.of(caller.user)])


@router.post("", summary="Make a batch")
def make(new: NewBatch, caller: ACaller, office: AnOffice) -> ShownBatch:
    """The batch, which has no jobs yet."""
    return _shown(office.batches.batch(office.batches.make(new.name, caller.user)))


@router.get("/{number}", summary="One batch")
def batch(
    number: Annotated[int, Path(ge=1, lt=2**53)], caller: ACaller, office: AnOffice
) -> ShownBatch:
    """Somebody else's is as one that is not there."""
    found = office.batches.batch(number)
    if found.owner != caller.name and not caller.may(Scope.ADMINISTER):
        raise NoSuch(f"there is no batch {number}")
    return _shown(found)


def _shown(batch: Batch) -> ShownBatch:
    return ShownBatch(
        id=batch.id,
        name=batch.name,
        owner=batch.owner,
        created=batch.created.isoformat(timespec="seconds"),
        statuses=dict(batch.statuses),
    )
