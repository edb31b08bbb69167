"""Find a profile by what a person writes: a name of the package, or the path of a recipe.

A recipe's profile goes to other processes as its path and digest. A process that was forked from
one that has read it has it; another reads it again, and refuses one that has been changed since.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from weakref import WeakValueDictionary

from dicomveil.errors import ProfileError
from dicomveil.policy.options import Option, checked
from dicomveil.policy.profile import Profile, load_profile

if TYPE_CHECKING:
    from pathlib import Path

ENDINGS: Final = (".yaml", ".yml")
_READ: Final[WeakValueDictionary[str, Profile]] = WeakValueDictionary()  # by digest, while in use


def find_profile(name: str, options: Iterable[Option] = ()) -> Profile:
    """The profile of that name, or of the recipe at that path, with further options.

    Raises ProfileError for an unknown name, and BadRecipe for a recipe with faults.
    """
    if not name.endswith(ENDINGS):
        return load_profile(name, options)
    further = tuple(options)
    # Whoever has no recipe does not wait for YAML.
    from pathlib import Path

    path = Path(name)
    profile = _read(path, further)
    _READ[profile.digest] = profile
    return profile.found_again(_again, path.absolute(), further, profile.digest)


def _read(path: "Path", options: tuple[Option, ...]) -> Profile:
    from dicomveil.policy.recipe.profile import profile_of
    from dicomveil.policy.recipe.reading import load_recipe

    recipe = load_recipe(path)
    return profile_of(replace(recipe, options=checked((*recipe.options, *options))))


def _again(path: "Path", options: tuple[Option, ...], digest: str) -> Profile:
    """The profile of that digest; ProfileError when the recipe is another one by now."""
    profile = _READ.get(digest) or find_profile(str(path), options)
    if profile.digest != digest:
        raise ProfileError("the recipe was changed after the run had begun; start the run anew")
    return profile
