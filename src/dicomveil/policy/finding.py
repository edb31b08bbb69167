"""Find a profile by what a person writes: a name of the package, or the path of a recipe."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from dicomveil.policy.options import Option, checked
from dicomveil.policy.profile import Profile, load_profile

ENDINGS: Final = (".yaml", ".yml")


def find_profile(name: str, options: Iterable[Option] = ()) -> Profile:
    """The profile of that name, or of the recipe at that path, with further options.

    Raises ProfileError for an unknown name, and BadRecipe for a recipe with faults.
    """
    if not name.endswith(ENDINGS):
        return load_profile(name, options)
    # Whoever has no recipe does not wait for YAML.
    from pathlib import Path

    from dicomveil.policy.recipe.profile import profile_of
    from dicomveil.policy.recipe.reading import load_recipe

    recipe = load_recipe(Path(name))
    return profile_of(replace(recipe, options=checked((*recipe.options, *options))))
