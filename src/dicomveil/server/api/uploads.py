"""Mappings that are kept: upload one, look what it would become, submit it once it is right."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from dicomveil.jobs.uploads import Upload
from dicomveil.server.api.access import ACaller, AnOffice
from dicomveil.server.api.jobs import Key
from dicomveil.server.api.mappings import CSV, Body, Submitted, Verdict, submitted, verdict
from dicomveil.server.api.models import REFUSALS
from dicomveil.server.documentation import API

router = APIRouter(prefix=f"{API}/mappings/uploads", tags=["mappings"], responses=REFUSALS)
Number = Annotated[int, Path(ge=1, lt=2**53)]
Name = Annotated[str, Query(max_length=255)]


class Kept(BaseModel):
    """An uploaded mapping."""

    id: int
    name: str
    created: str
    size: int


class AllKept(BaseModel):
    """Your uploaded mappings, newest first."""

    mappings: list[Kept]


class Judged(Kept):
    """An uploaded mapping, and what it would become now."""

    verdict: Verdict


@router.post("", summary="Keep a mapping: nothing is created", openapi_extra=CSV)
async def upload(body: Body, caller: ACaller, office: AnOffice, name: Name = "") -> Judged:
    """It is yours alone, and sealed; a file that is no mapping is refused and not kept."""
    judged = await run_in_threadpool(verdict, office.desk, caller, body)
    kept = await run_in_threadpool(office.uploads.add, name, body, caller.user)
    return Judged(**_kept(kept).model_dump(), verdict=judged)


@router.get("", summary="Your mappings")
def uploads(caller: ACaller, office: AnOffice) -> AllKept:
    """At most 100."""
    return AllKept(mappings=[_kept(one) for one in office.uploads.of(caller.user)])


@router.get("/{number}", summary="One of your mappings, judged by the projects as they are")
def one(number: Number, caller: ACaller, office: AnOffice) -> Judged:
    """Somebody else's is as one that is not there."""
    kept, content = office.uploads.one(number, caller.user)
    return Judged(**_kept(kept).model_dump(), verdict=verdict(office.desk, caller, content))


@router.post("/{number}/submit", summary="Every row becomes a job, or none")
def submit(number: Number, caller: ACaller, office: AnOffice, key: Key = "") -> Submitted:
    """The jobs; again the same jobs, unless another Idempotency-Key asks for new ones."""
    _, content = office.uploads.one(number, caller.user)
    jobs = submitted(office.desk, caller, content, key or f"mapping-{number}")
    return Submitted(job_ids=jobs)


@router.delete("/{number}", summary="Forget a mapping")
def remove(number: Number, caller: ACaller, office: AnOffice) -> Kept:
    """Its jobs stay."""
    kept, _ = office.uploads.one(number, caller.user)
    office.uploads.remove(number, caller.user)
    return _kept(kept)


def _kept(upload: Upload) -> Kept:
    created = upload.created.isoformat(timespec="seconds")
    return Kept(id=upload.id, name=upload.name, created=created, size=upload.size)
