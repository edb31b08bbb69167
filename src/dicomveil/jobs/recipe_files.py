r"""Projects and profiles as plain YAML: read, compared with what the ledger has, and loaded.

profiles: [study.yaml]     # recipes beside the file, or their texts
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
from typing import Any, Final, NamedTuple

import yaml

from dicomveil.errors import Place, Unreadable, Unusable
from dicomveil.job_errors import NoSuch, Unfit
from dicomveil.jobs import recipes
from dicomveil.jobs.keyring import Keyring
from dicomveil.jobs.model import Project, Recipe, User
from dicomveil.jobs.profiles import Profiles, lines_between, name_of
from dicomveil.jobs.registry import Registry
from dicomveil.policy.finding import ENDINGS

_LARGEST: Final = 1 << 20
_NEW: Final = "new"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A project as a file wants it; None for users where the file says nothing of them."""

    name: str
    recipe: Recipe
    users: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a file wants: projects, and the texts of profiles by their names."""

    projects: tuple[Wanted, ...]
    profiles: Mapping[str, str]


class Shelf(NamedTuple):
    """Where wishes are fulfilled."""

    registry: Registry
    profiles: Profiles
    keyring: Keyring


def load(path: Path) -> Wishes:
    """What a file wants; Unreadable, Unusable and BadRecipe say where it is wrong."""
    content = _plain(read_text(path), path.name)
    if not isinstance(content, Mapping) or not set(content) <= {"projects", "profiles"}:
        raise Unusable("the file has mappings `projects` and `profiles`", Place(path.name))
    texts = list(_profiles(content.get("profiles") or [], path))
    projects = tuple(_projects(content.get("projects", {}), path.name))
    return Wishes(projects, {name_of(text): text for text in texts})


def read_text(path: Path) -> str:
    """The text of a file that a person wrote; Unreadable says why there is none."""
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}", Place(path.name)) from None
    except UnicodeDecodeError:
        raise Unreadable("this is no UTF-8 text", Place(path.name)) from None
    if len(content) > _LARGEST:
        raise Unreadable(f"more than {_LARGEST} bytes", Place(path.name))
    return text


def difference(registry: Registry, profiles: Profiles, wanted: Wishes) -> Iterator[str]:
    """What loading would change: of profiles the lines, of projects a line for each member."""
    kept = {one.name: one for one in profiles.newest()}
    for name, text in wanted.profiles.items():
        old = kept.get(name)
        before = (old.called, old.text) if old else (_NEW, "")
        number = old.number + 1 if old else 1
        yield from lines_between(before, (f"{name}@{number}", text))
    for one in wanted.projects:
        members = _members(registry, one.name)
        for member, value in _shown(one.recipe, one.users).items():
            if members.get(member) != value:
                yield f"{one.name}: {member}: {members.get(member, _NEW)} -> {value}"


def apply(shelf: Shelf, wanted: Wishes, by: str) -> None:
    """Load what the file wants. KeyRefused, ProfileError, NoSuch before anything is changed."""
    for one in wanted.projects:
        shelf.keyring.key(one.recipe.key)
        if one.recipe.profile not in wanted.profiles:
            shelf.profiles.frozen(one.recipe.profile)
        for name in one.users or ():
            shelf.registry.user(name)
    for text in wanted.profiles.values():
        shelf.profiles.add(text, by)
    for one in wanted.projects:
        _load(shelf.registry, one, by)


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


def _plain(text: str, file: str) -> Any:  # noqa: ANN401 - whatever the YAML says
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):
            raise Unusable("YAML aliases are not accepted", Place(file))
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 0
        raise Unusable("this is not YAML", Place(file, line=line)) from None


def _profiles(listed: object, path: Path) -> Iterator[str]:
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise Unusable("`profiles` is a list of recipes' files or texts", Place(path.name))
    for one in listed:
        is_file = one.endswith(ENDINGS) and "\n" not in one
        yield read_text(path.parent / one) if is_file else one


def _projects(projects: object, file: str) -> Iterator[Wanted]:
    if not isinstance(projects, Mapping):
        raise Unusable("`projects` is a mapping", Place(file))
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
