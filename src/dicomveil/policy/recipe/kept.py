"""A recipe kept whole, as texts: what it was then, whatever becomes of its files."""

from collections.abc import Mapping
from pathlib import Path

from dicomveil.errors import BadRecipe, Fault, ProfileError
from dicomveil.errors import Place as Where
from dicomveil.policy.profile import Profile
from dicomveil.policy.recipe.files import Kept, Noting, Texts, text_of_content
from dicomveil.policy.recipe.profile import profile_of
from dicomveil.policy.recipe.reading import load_recipe


def keep_recipe(path: Path) -> Texts:
    """The texts of a recipe and of every file that it reads, each beside it or below its folder.

    Raises BadRecipe and ProfileError as using it would, and BadRecipe for a file that lies
    elsewhere.
    """
    disk = Noting()
    profile_of(load_recipe(path, disk))
    read = disk.read.items()
    return tuple((_beside(path, file), text_of_content(content)) for file, content in read)


def profile_of_texts(texts: Texts) -> Profile:
    """The profile of a recipe that was kept; BadRecipe and ProfileError where it is none."""
    if not texts:
        raise ProfileError("nothing of the recipe was kept")
    kept: Mapping[str, str] = dict(texts)
    return profile_of(load_recipe(Path(texts[0][0]), Kept(kept)))


def _beside(recipe: Path, read: Path) -> str:
    try:
        relative = read.relative_to(recipe.parent)
    except ValueError:
        relative = Path("..")
    if ".." in relative.parts:
        fix = "put the files that a recipe reads beside it, or below its folder"
        problem = "it reads a file that lies elsewhere, which cannot be kept with it"
        raise BadRecipe([Fault(Where(recipe.name), problem, fix)])
    return relative.as_posix()
