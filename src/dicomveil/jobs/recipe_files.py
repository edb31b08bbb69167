r"""Projects as plain YAML: read, compared with what the ledger has, and loaded.

projects:
  trial:
    profile: basic
    key: 99038927d475de78
    sources: ['\\server\share\in']
    destinations: ['\\server\share\out']
    users: [anna, bert]
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from dicomveil.errors import Place, Unreadable, Unusable
from dicomveil.job_errors import NoSuch, Unfit
from dicomveil.jobs import recipes
from dicomveil.jobs.keyring import Keyring
from dicomveil.jobs.model import Project, Recipe, User
from dicomveil.jobs.registry import Registry
from dicomveil.policy.finding import find_profile

_LARGEST: Final = 1 << 20
_NEW: Final = "new"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A project as a file wants it; None for users where the file says nothing of them."""

    name: str
    recipe: Recipe
    users: tuple[str, ...] | None


def load(path: Path) -> list[Wanted]:
    """The projects of a file; Unreadable and Unusable say where it is wrong."""
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST + 1)
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}", Place(path.name)) from None
    if len(text) > _LARGEST:
        raise Unreadable(f"more than {_LARGEST} bytes", Place(path.name))
    return list(_projects(_plain(text, path.name), path.name))


def difference(registry: Registry, wanted: Iterable[Wanted]) -> Iterator[str]:
    """What loading would change, a line for each member."""
    for one in wanted:
        before = _members(registry, one.name)
        after = _shown(one.recipe, one.users)
        for member, value in after.items():
            if before.get(member) != value:
                yield f"{one.name}: {member}: {before.get(member, _NEW)} -> {value}"


def apply(registry: Registry, keyring: Keyring, wanted: Iterable[Wanted], by: str) -> None:
    """Load the projects. KeyRefused, ProfileError and NoSuch before anything is changed."""
    projects = list(wanted)
    for one in projects:
        keyring.key(one.recipe.key)
        find_profile(one.recipe.profile)
        for name in one.users or ():
            registry.user(name)
    for one in projects:
        _load(registry, one, by)


def written(projects: Iterable[tuple[Project, Iterable[User]]]) -> str:
    """The file that `load` reads."""
    content = {
        project.name: _plain_members(project.recipe) | {"users": [user.name for user in users]}
        for project, users in projects
    }
    return str(yaml.safe_dump({"projects": content}, sort_keys=False, allow_unicode=True))


def _load(registry: Registry, one: Wanted, by: str) -> None:
    try:
        project = registry.change_project(one.name, one.recipe, by)
    except NoSuch:
        project = registry.add_project(one.name, one.recipe, by)
    if one.users is None:
        return
    now = {user.name for user in registry.members_of(project)}
    for name in sorted(set(one.users) - now):
        registry.join(name, one.name, by)
    for name in sorted(now - set(one.users)):
        registry.leave(name, one.name, by)


def _plain(text: bytes, file: str) -> Any:  # noqa: ANN401 - whatever the YAML says
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):
            raise Unusable("YAML aliases are not accepted", Place(file))
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        raise Unusable("this is not YAML", Place(file, line=line)) from None


def _projects(content: object, file: str) -> Iterator[Wanted]:
    projects = content.get("projects") if isinstance(content, Mapping) else None
    if not isinstance(projects, Mapping):
        raise Unusable("the file has a mapping `projects`", Place(file))
    for name, members in projects.items():
        if not isinstance(members, Mapping):
            raise Unusable("a project is a mapping", Place(file, column=str(name)))
        given = {str(member): value for member, value in members.items()}
        try:
            users = _users(given.pop("users", None))
            yield Wanted(str(name), recipes.recipe_of(given), users)
        except Unfit as error:
            column = f"{name}.{error.field}"
            raise Unusable(error.problem, Place(file, column=column)) from None


def _users(given: object) -> tuple[str, ...] | None:
    if given is None:
        return None
    if not isinstance(given, list):
        raise Unfit("users", "a list of names")
    return tuple(map(str, given))


def _members(registry: Registry, name: str) -> dict[str, str]:
    try:
        project = registry.project(name)
    except NoSuch:
        return {}
    users = tuple(user.name for user in registry.members_of(project))
    return _shown(project.recipe, users)


def _shown(recipe: Recipe, users: tuple[str, ...] | None) -> dict[str, str]:
    shown = {member: str(value) for member, value in _plain_members(recipe).items()}
    return shown if users is None else shown | {"users": str(sorted(users))}


def _plain_members(recipe: Recipe) -> dict[str, object]:
    """The members as YAML writes them."""
    return {
        name: list(value) if isinstance(value, tuple) else _plain_value(value)
        for name, value in recipes.members(recipe).items()
    }


def _plain_value(value: object) -> object:
    return value if isinstance(value, int | dict) else str(value)
