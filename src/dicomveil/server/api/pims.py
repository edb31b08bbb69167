"""Pseudonym keys: which there are, and who somebody is, for those who may know."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from dicomveil.jobs.model import Standing
from dicomveil.server.api.access import ACaller, AnOffice
from dicomveil.server.api.models import REFUSALS, Given
from dicomveil.server.callers import Caller
from dicomveil.server.documentation import API
from dicomveil.server.office import Office
from dicomveil.server.refusals import RequestRefused, Status

router = APIRouter(prefix=f"{API}/pims-keys", tags=["pseudonym keys"], responses=REFUSALS)
KeyName = Annotated[str, Path(max_length=64)]


class ShownKey(BaseModel):
    """A pseudonym key: its name, how its pseudonyms look, the fingerprint of what it hashes by."""

    name: str
    template: str
    key: str
    standing: Standing


class ShownKeys(BaseModel):
    """The pseudonym keys that the caller's projects may name."""

    keys: list[ShownKey]


class Called(Given):
    """A pseudonym."""

    pseudonym: str = Field(min_length=1, max_length=64)


class Person(BaseModel):
    """A patient as the hospital calls them."""

    patient_id: str
    issuer: str


@router.get("", summary="The pseudonym keys of your projects")
def keys(caller: ACaller, office: AnOffice) -> ShownKeys:
    """Administrators see those of no project too."""
    mine = [one for one in office.pims.listed() if _may_name(office, caller, one.name)]
    return ShownKeys(
        keys=[
            ShownKey(name=one.name, template=one.template, key=one.key, standing=one.standing)
            for one in mine
        ]
    )


@router.post("/{name}/reidentify", summary="Who a pseudonym is")
def reidentify(name: KeyName, called: Called, caller: ACaller, office: AnOffice) -> Person:
    """Each look is audited, found or not. A body says whom: addresses stand in logs."""
    if not _may_name(office, caller, name):
        raise RequestRefused({"pims_key": "There is no such key, or none for you"}, Status.ABSENT)
    found = office.pims.reidentify(name, called.pseudonym, caller.name)
    return Person(patient_id=found.patient_id, issuer=found.issuer)


def _may_name(office: Office, caller: Caller, name: str) -> bool:
    """Whether the caller belongs to a project that may name the key."""
    if caller.projects is None and caller.window.projects is None:
        return True
    projects = office.registry.projects()
    return any(name in one.recipe.pims_keys for one in projects if caller.is_in(one.name))
