"""Projects and how they de-identify, and the places that jobs may name."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import Field

from dicomveil.jobs import recipes
from dicomveil.jobs.model import Project, Scope, Standing
from dicomveil.server.api.access import ACaller, AnOffice
from dicomveil.server.api.models import REFUSALS, Given
from dicomveil.server.callers import Caller
from dicomveil.server.documentation import API
from dicomveil.server.refusals import RequestRefused, Status

router = APIRouter(prefix=API, tags=["projects"], responses=REFUSALS)
ProjectName = Annotated[str, Path(max_length=64)]


class Changed(Given):
    """How a project is to de-identify from now on; jobs that have begun keep their version."""

    recipe: dict[str, Any] = Field(description="the members of a recipe; see docs/server.md")
    standing: Standing = Standing.ACTIVE


@router.get("/projects", summary="The projects you belong to")
def projects(caller: ACaller, office: AnOffice) -> dict[str, Any]:
    """Name, version and standing of each."""
    mine = [one for one in office.registry.projects() if caller.is_in(one.name)]
    return {"projects": [_listed(project) for project in mine]}


@router.get("/projects/{name}", summary="One project, with its recipe")
def project(name: ProjectName, caller: ACaller, office: AnOffice) -> dict[str, Any]:
    """The recipe's members; the people in it for administrators."""
    found = _mine(office, caller, name)
    content = {**_listed(found), "recipe": recipes.members(found.recipe)}
    if caller.may(Scope.ADMINISTER):
        content["members"] = [user.name for user in office.registry.members_of(found)]
    return content


@router.put("/projects/{name}", summary="Change how a project de-identifies")
def change(
    name: ProjectName, changed: Changed, caller: ACaller, office: AnOffice
) -> dict[str, Any]:
    """The project; a recipe that differs is a new version."""
    recipe = recipes.recipe_of(changed.recipe)
    office.profiles.frozen(recipe.profile)
    standing = changed.standing
    return _listed(office.registry.change_project(name, recipe, caller.name, standing))


@router.put("/projects/{name}/members/{user}", summary="Let a user work in a project")
def join(name: ProjectName, user: ProjectName, caller: ACaller, office: AnOffice) -> dict[str, Any]:
    """Nothing changes for one who does."""
    office.registry.join(user, name, caller.name)
    return {"project": name, "user": user}


@router.delete("/projects/{name}/members/{user}", summary="Let a user no longer work there")
def leave(
    name: ProjectName, user: ProjectName, caller: ACaller, office: AnOffice
) -> dict[str, Any]:
    """Their jobs stay."""
    office.registry.leave(user, name, caller.name)
    return {"project": name, "user": user}


@router.get("/places", summary="Where your projects read and write")
def places(caller: ACaller, office: AnOffice) -> dict[str, Any]:
    """Sources and destinations by project, as UNC paths."""
    mine = [one for one in office.registry.projects() if caller.is_in(one.name)]
    return {
        "places": [
            {
                "project": one.name,
                "sources": list(one.recipe.sources),
                "destinations": list(one.recipe.destinations),
                "places": list(one.recipe.places),
            }
            for one in mine
        ]
    }


def _mine(office: AnOffice, caller: Caller, name: str) -> Project:
    if caller.is_in(name):
        for one in office.registry.projects():
            if one.name == name:
                return one
    raise RequestRefused({"project": "There is no such project, or none for you"}, Status.ABSENT)


def _listed(project: Project) -> dict[str, Any]:
    return {
        "id": project.id,
        "name": project.name,
        "version": project.version,
        "standing": project.standing,
        "profile": project.recipe.profile,
        "key": project.recipe.key,
    }
