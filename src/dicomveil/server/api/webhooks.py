"""Webhooks of projects: whom to tell that a job ended, and what became of telling them."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from dicomveil.job_errors import NoSuch
from dicomveil.jobs.webhooks import Delivery, Tells
from dicomveil.server.api.access import ACaller, AnOffice
from dicomveil.server.api.models import REFUSALS, Given
from dicomveil.server.documentation import API

router = APIRouter(prefix=f"{API}/projects", tags=["webhooks"], responses=REFUSALS)
Name = Annotated[str, Path(max_length=64)]


class Wanted(Given):
    """Whom to tell, and what."""

    url: str = Field(max_length=500, description="https, or http on this machine alone")
    tells: Tells = Tells.OUTCOME


class HookShown(BaseModel):
    """A project's webhook."""

    project: str
    url: str
    tells: Tells
    created: str
    created_by: str


class HookMade(HookShown):
    """The same with the secret that signs what is told; it is shown this once."""

    secret: str


class HookRemoved(BaseModel):
    """A project that tells nobody."""

    project: str


class DeliveryShown(BaseModel):
    """What is, or was, to be told of a job."""

    name: str
    job_id: int
    state: str = Field(description="due, delivered or given-up")
    tries: int
    trouble: str
    created: str
    due: str | None


class DeliveriesShown(BaseModel):
    """Deliveries, newest first."""

    deliveries: list[DeliveryShown]


@router.get("/{name}/webhook", summary="Whom a project tells that a job ended")
def webhook(name: Name, caller: ACaller, office: AnOffice) -> HookShown:
    """Without its secret."""
    del caller
    found = office.webhooks.of(office.registry.project(name).id)
    if found is None:
        raise NoSuch("the project has no webhook")
    return HookShown(
        project=name,
        url=found.url,
        tells=found.tells,
        created=found.created.isoformat(timespec="seconds"),
        created_by=found.created_by,
    )


@router.put("/{name}/webhook", summary="Tell somebody when a job of the project ended")
def put(name: Name, wanted: Wanted, caller: ACaller, office: AnOffice) -> HookMade:
    """In place of an earlier webhook, with a new secret."""
    project = office.registry.project(name)
    made = office.webhooks.put(project, wanted.url, wanted.tells, caller.name)
    return HookMade(
        project=name,
        url=made.url,
        tells=made.tells,
        created=made.created.isoformat(timespec="seconds"),
        created_by=made.created_by,
        secret=made.secret,
    )


@router.delete("/{name}/webhook", summary="Tell nobody any more")
def remove(name: Name, caller: ACaller, office: AnOffice) -> HookRemoved:
    """What is still to be told is dropped."""
    office.webhooks.remove(office.registry.project(name), caller.name)
    return HookRemoved(project=name)


@router.get("/{name}/webhook/deliveries", summary="What became of telling")
def deliveries(
    name: Name,
    caller: ACaller,
    office: AnOffice,
    count: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> DeliveriesShown:
    """The newest deliveries; those that ended are forgotten after a month."""
    del caller
    listed = office.webhooks.deliveries(office.registry.project(name).id, count)
    return DeliveriesShown(deliveries=[_shown(one) for one in listed])


def _shown(one: Delivery) -> DeliveryShown:
    return DeliveryShown(
        name=one.name,
        job_id=one.job,
        state=one.state,
        tries=one.tries,
        trouble=one.trouble,
        created=one.created.isoformat(timespec="seconds"),
        due=one.due.isoformat(timespec="seconds") if one.due else None,
    )
