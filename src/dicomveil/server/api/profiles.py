"""Profiles: those that projects use, and the versions of those that the ledger keeps."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from dicomveil.jobs.model import Scope
from dicomveil.jobs.profiles import Version, difference
from dicomveil.policy.profile import PRESETS
from dicomveil.server.api.access import ACaller, AnOffice
from dicomveil.server.api.models import REFUSALS, Given
from dicomveil.server.callers import Caller
from dicomveil.server.documentation import API
from dicomveil.server.office import Office
from dicomveil.server.refusals import RequestRefused, Status

router = APIRouter(prefix=f"{API}/profiles", tags=["profiles"], responses=REFUSALS)
Name = Annotated[str, Path(max_length=64)]
Number = Annotated[int, Path(ge=1, lt=2**31)]
Which = Annotated[int, Query(ge=1, lt=2**31)]


class NewVersion(Given):
    """A recipe; its own `name` is the profile's."""

    text: str = Field(max_length=1 << 20, description="a recipe that reads no other files")


class InUse(BaseModel):
    """A profile that a project uses."""

    name: str
    digest: str
    method: str


class ProfilesInUse(BaseModel):
    """The profiles that projects use."""

    profiles: list[InUse]


class ProfileVersion(BaseModel):
    """One version of a profile; `sha256` is that of its text."""

    name: str
    version: int
    sha256: str
    created: str
    created_by: str


class ProfileVersions(BaseModel):
    """Every version of a profile, newest first."""

    versions: list[ProfileVersion]


class ProfileText(ProfileVersion):
    """A version with its text."""

    text: str


class ProfileDifference(BaseModel):
    """What differs between two versions, as `diff -u` writes it."""

    lines: list[str]


@router.get("", summary="The profiles that your projects use")
def profiles(caller: ACaller, office: AnOffice) -> ProfilesInUse:
    """Each with its digest, which names its version exactly.

    Those who see every project also see the profiles of the ledger that no project uses.
    """
    names = _used(caller, office)
    if caller.projects is None:
        known = {name.partition("@")[0] for name in names}
        names |= {one.name for one in office.profiles.newest()} - known
    loaded = [(name, office.profiles.profile(name)) for name in sorted(names)]
    return ProfilesInUse(
        profiles=[InUse(name=name, digest=one.digest, method=one.method) for name, one in loaded]
    )


@router.post("", summary="Add a profile, or a new version of one")
def add(new: NewVersion, caller: ACaller, office: AnOffice) -> ProfileVersion:
    """The version; the newest one where the text is the very same. Earlier ones stay."""
    return _listed(office.profiles.add(new.text, caller.name))


@router.get("/{name}", summary="The versions of a profile")
def versions(name: Name, caller: ACaller, office: AnOffice) -> ProfileVersions:
    """Of a profile in the ledger; a preset has the version of dicomveil."""
    _need(caller, office, name)
    return ProfileVersions(versions=[_listed(one) for one in office.profiles.versions(name)])


@router.get("/{name}/versions/{version}", summary="One version of a profile")
def version(name: Name, version: Number, caller: ACaller, office: AnOffice) -> ProfileText:
    """With its text."""
    _need(caller, office, name)
    found = office.profiles.version(name, version)
    return ProfileText(text=found.text, **_listed(found).model_dump())


@router.get("/{name}/diff", summary="What differs between two versions")
def diff(
    name: Name, old: Which, new: Which, caller: ACaller, office: AnOffice
) -> ProfileDifference:
    """From the version `old` to `new`."""
    _need(caller, office, name)
    pair = (office.profiles.version(name, old), office.profiles.version(name, new))
    return ProfileDifference(lines=list(difference(*pair)))


def _used(caller: Caller, office: Office) -> set[str]:
    """What the caller's projects call their profiles."""
    return {one.recipe.profile for one in office.registry.projects() if caller.is_in(one.name)}


def _need(caller: Caller, office: Office, name: str) -> None:
    """Refuse a profile that none of the caller's projects uses as one that is not there."""
    if name in PRESETS:
        text = "A preset has no versions of its own: it is part of dicomveil"
        raise RequestRefused({"profile": text}, Status.ABSENT)
    if caller.projects is None or caller.may(Scope.ADMINISTER):
        return
    if name not in {one.partition("@")[0] for one in _used(caller, office)}:
        raise RequestRefused(
            {"profile": "There is no such profile, or none for you"}, Status.ABSENT
        )


def _listed(one: Version) -> ProfileVersion:
    return ProfileVersion(
        name=one.name,
        version=one.number,
        sha256=one.digest,
        created=one.created.isoformat(timespec="seconds"),
        created_by=one.created_by,
    )
