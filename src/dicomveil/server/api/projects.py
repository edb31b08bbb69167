"""Projects and how they de-identify, and the places that jobs may name."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field, JsonValue

from dicomveil.jobs import recipes
from dicomveil.jobs.model import Project, Recipe, Scope, Standing
from dicomveil.server.api.access import ACaller, AnOffice
from dicomveil.server.api.models import REFUSALS, Given
from dicomveil.server.callers import Caller
from dicomveil.server.documentation import API
from dicomveil.server.refusals import RequestRefused, Status

router = APIRouter(prefix=API, tags=["projects"], responses=REFUSALS)
ProjectName = Annotated[str, Path(max_length=64)]


class Changed(Given):
    """How a project is to de-identify from now on; jobs that have begun keep their version."""

    recipe: dict[str, JsonValue] = Field(description="the members of a recipe; see docs/server.md")
    standing: Standing = Standing.ACTIVE


class ShownProject(BaseModel):
    """A project; `key` is the fingerprint of its key."""

    id: int
    name: str
    version: int
    standing: Standing
    profile: str
    key: str


class ShownProjects(BaseModel):
    """The projects that the caller belongs to."""

    projects: list[ShownProject]


class WholeProject(ShownProject):
    """A project with its recipe; the people in it are for administrators."""

    recipe: Recipe
    members: list[str] | None = None


class Membership(BaseModel):
    """A user and a project."""

    project: str
    user: str


class ProjectPlaces(BaseModel):
    """Where a project reads and writes, as UNC paths, and the places it fetches from."""

    project: str
    sources: list[str]
    destinations: list[str]
    places: list[str]


class Places(BaseModel):
    """The places of the caller's projects."""

    places: list[ProjectPlaces]


@router.get("/projects", summary="The projects you belong to")
def projects(caller: ACaller, office: AnOffice) -> ShownProjects:
    """Name, version and standing of each."""
    mine = [one for one in office.registry.projects() if caller.is_in(one.name)]
    return ShownProjects(projects=[_listed(project) for project in mine])


@router.get(
    "/projects/{name}", summary="One project, with its recipe", response_model_exclude_unset=True
)
def project(name: ProjectName, caller: ACaller, office: AnOffice) -> WholeProject:
    """The recipe's members; the people in it for administrators."""
    found = _mine(office, caller, name)
    whole = WholeProject(**_listed(found).model_dump(), recipe=found.recipe)
    if caller.may(Scope.ADMINISTER):
        whole.members = [user.name for user in office.registry.members_of(found)]
    return whole


@router.put("/projects/{name}", summary="Change how a project de-identifies")
def change(name: ProjectName, changed: Changed, caller: ACaller, office: AnOffice) -> ShownProject:
    """The project; a recipe that differs is a new version."""
    recipe = recipes.recipe_of(changed.recipe)
    office.profiles.frozen(recipe.profile)
    standing = changed.standing
    return _listed(office.registry.change_project(name, recipe, caller.name, standing))


@router.put("/projects/{name}/members/{user}", summary="Let a user work in a project")
def join(name: ProjectName, user: ProjectName, caller: ACaller, office: AnOffice) -> Membership:
    """Nothing changes for one who does."""
    office.registry.join(user, name, caller.name)
    return Membership(project=name, user=user)


@router.delete("/projects/{name}/members/{user}", summary="Let a user no longer work there")
def leave(name: ProjectName, user: ProjectName, caller: ACaller, office: AnOffice) -> Membership:
    """Their jobs stay."""
    office.registry.leave(user, name, caller.name)
    return Membership(project=name, user=user)


@router.get("/places", summary="Where your projects read and write")
def places(caller: ACaller, office: AnOffice) -> Places:
    """Sources and destinations by project, as UNC paths."""
    mine = [one for one in office.registry.projects() if caller.is_in(one.name)]
    return Places(
        places=[
            ProjectPlaces(
                project=one.name,
                sources=list(one.recipe.sources),
                destinations=list(one.recipe.destinations),
                places=list(one.recipe.places),
            )
            for one in mine
        ]
    )


def _mine(office: AnOffice, caller: Caller, name: str) -> Project:
    if caller.is_in(name):
        for one in office.registry.projects():
            if one.name == name:
                return one
    raise RequestRefused({"project": "There is no such project, or none for you"}, Status.ABSENT)


def _listed(project: Project) -> ShownProject:
    return ShownProject(
        id=project.id,
        name=project.name,
        version=project.version,
        standing=project.standing,
        profile=project.recipe.profile,
        key=project.recipe.key,
    )
