"""A project's recipe as text: JSON in the ledger, plain members in a file that people write."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from enum import StrEnum
from typing import Any, Final

from dicomveil.job_errors import Unfit
from dicomveil.jobs.layout import Layout
from dicomveil.jobs.model import Approval, Limits, NotDicomRule, Pixels, QuarantineRule, Recipe

_CHOICES: Final[Mapping[str, type[StrEnum]]] = {
    "layout": Layout,
    "not_dicom": NotDicomRule,
    "quarantine": QuarantineRule,
    "pixels": Pixels,
    "approval": Approval,
}
_LISTS: Final = frozenset({"sources", "destinations", "places", "onward", "pims_keys"})
_NUMBERS: Final = frozenset({"retries", "retention_days"})
_MEMBERS: Final = tuple(field.name for field in fields(Recipe))


def written(recipe: Recipe) -> str:
    """The recipe as JSON."""
    return json.dumps(members(recipe), sort_keys=True)


def members(recipe: Recipe) -> dict[str, object]:
    """The recipe as plain members."""
    return asdict(recipe)


def read(text: str) -> Recipe:
    """The recipe that `written` wrote; Unfit for anything else."""
    return recipe_of(json.loads(text))


def recipe_of(given: Mapping[str, object]) -> Recipe:
    """The recipe of plain members; Unfit names the one that is not accepted."""
    for name in given:
        if name not in _MEMBERS:
            raise Unfit(name, f"not known; use {', '.join(_MEMBERS)}")
    if "key" not in given:
        raise Unfit("key", "the fingerprint of the project's key is needed")
    return Recipe(**{name: _member(name, value) for name, value in given.items()})


def _member(name: str, value: object) -> Any:  # noqa: ANN401 - whatever the member is
    choice = _CHOICES.get(name)
    if choice is not None:
        if value not in list(choice):
            raise Unfit(name, f"use {', '.join(choice)}")
        return choice(str(value))
    if name in _LISTS:
        return _texts(name, value)
    if name in _NUMBERS:
        return _number(name, value)
    if name == "limits":
        return _limits(value)
    if not isinstance(value, str) or not value:
        raise Unfit(name, "a text is needed")
    return value


def _texts(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
        raise Unfit(name, "a list of texts is needed")
    return tuple(value)


def _number(name: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Unfit(name, "a whole number from 0 on is needed")
    return value


def _limits(value: object) -> Limits:
    known = [field.name for field in fields(Limits)]
    if not isinstance(value, Mapping) or not set(value) <= set(known):
        raise Unfit("limits", f"use {', '.join(known)}")
    return Limits(
        **{
            name: None if bound is None else _number(f"limits.{name}", bound)
            for name, bound in value.items()
        }
    )
