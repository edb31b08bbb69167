"""Read a recipe: a YAML text or file to a `Recipe`, or BadRecipe with every fault and its line."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from dicomveil.errors import BadRecipe, Fault, Place
from dicomveil.policy.finding import ENDINGS
from dicomveil.policy.options import EXCLUDING, Option
from dicomveil.policy.profile import PRESETS
from dicomveil.policy.recipe import nodes
from dicomveil.policy.recipe.faults import Faults, Wrong, accepted
from dicomveil.policy.recipe.files import Beside, Disk, Files
from dicomveil.policy.recipe.model import Private, Recipe, RecipeRule
from dicomveil.policy.recipe.nodes import Node, Text, text_of
from dicomveil.policy.recipe.rules import read_rules
from dicomveil.policy.recipe.sections import (
    read_dates,
    read_filters,
    read_options,
    read_private,
    read_unlisted,
)
from dicomveil.policy.recipe.templates import read_identity

KEYS: Final = (
    "name",
    "description",
    "extends",
    "options",
    "unlisted",
    "rules",
    "filters",
    "dates",
    "private",
    "identity",
)
DEEPEST: Final = 8  # recipes that extend one another
NAME: Final = r"[a-z0-9][a-z0-9-]{0,39}"
_NAME = re.compile(NAME)
_START: Final = "begin with `dicomveil profile new`"


def load_recipe(path: Path, files: Files | None = None) -> Recipe:
    """The recipe of a file, and those it extends; raises BadRecipe, also when it cannot be read."""
    return _load(path, (), files or Disk())


def read_recipe(text: str, file: str, folder: Path) -> Recipe:
    """The recipe of a text that is called `file` in messages; other files are beside it."""
    return _Reading(text, file, _Shelf(folder, Disk(), ())).recipe()


class _Shelf(NamedTuple):
    """Where a file lies, among which it is read: itself, and before it those that extend it."""

    folder: Path
    files: Files
    below: tuple[Path, ...]

    @property
    def beside(self) -> Beside:
        """Where the files are that it names."""
        return Beside(self.folder, self.files)


def _load(path: Path, below: tuple[Path, ...], files: Files) -> Recipe:
    name = path.name if below else str(path)
    try:
        content = files.content(path, nodes.LARGEST * 4)
        text = None if content is None else content.decode("utf-8-sig")
    except OSError as error:
        fault = Fault(Place(name), f"cannot be read ({error.strerror})", "look at its path")
        raise BadRecipe([fault]) from error
    except ValueError as error:
        fault = Fault(Place(name), "this is no text", "save the file as UTF-8")
        raise BadRecipe([fault]) from error
    if text is None:
        raise BadRecipe([Fault(Place(name), "the recipe is too large", "write less")])
    # Any line end is one, as everywhere in YAML.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    shelf = _Shelf(path.parent, files, (*below, path.resolve()))
    return _Reading(text, path.name, shelf).recipe()


class _Reading:
    """The reading of one file: sections in any order, faults collected."""

    def __init__(self, text: str, file: str, shelf: _Shelf) -> None:
        self._text = text
        self._file = file
        self._shelf = shelf
        self._faults = Faults(file)
        self._found: dict[str, Any] = {}

    def recipe(self) -> Recipe:
        """The finished recipe."""
        sections: dict[str, tuple[Text, Node]] = {}
        with self._faults.noted():
            sections = self._sections(nodes.parse(self._text))
        self._faults.settle()
        for name, read in self._readers().items():
            if name in sections:
                with self._faults.noted():
                    read(sections[name][1])
        lines = {name: key.line for name, (key, _) in sections.items()}
        with self._faults.noted():
            self._check(lines)
        self._faults.settle()
        recipe = Recipe(file=self._file, lines=lines, **self._found)
        with self._faults.noted():
            _check_inherited(recipe)
        self._faults.settle()
        return recipe

    def _sections(self, root: Node) -> dict[str, tuple[Text, Node]]:
        pairs = nodes.keys_of(root, "a recipe", _START)
        for key, _ in pairs:
            if key.text not in KEYS:
                wrong = Wrong(key.line, "there is no such section", accepted(key.text, KEYS))
                self._faults.add(wrong)
        if "name" not in {key.text for key, _ in pairs}:
            raise Wrong(root.line, "the recipe has no name", "write name: my-study")
        return {key.text: (key, value) for key, value in pairs if key.text in KEYS}

    def _readers(self) -> Mapping[str, Callable[[Node], None]]:
        return {
            "name": self._name,
            "description": self._description,
            "extends": self._extends,
            "options": self._options,
            "unlisted": self._into("unlisted", read_unlisted),
            "rules": self._into("rules", self._rules),
            "filters": self._into("filters", read_filters),
            "dates": self._into("dates", read_dates),
            "private": self._into("private", read_private),
            "identity": self._into("identity", self._identity_of),
        }

    def _rules(self, node: Node) -> tuple[RecipeRule, ...]:
        return read_rules(node, self._faults, self._shelf.beside)

    def _into(self, name: str, read: Callable[[Node], object]) -> Callable[[Node], None]:
        def note(node: Node) -> None:
            self._found[name] = read(node)

        return note

    def _identity_of(self, node: Node) -> object:
        return read_identity(node, self._shelf.beside)

    def _name(self, node: Node) -> None:
        name = text_of(node, "the name").text
        if not _NAME.fullmatch(name):
            fix = "at most 40 small letters, digits and hyphens"
            raise Wrong(node.line, "the name is not accepted", fix)
        if name in PRESETS:
            raise Wrong(node.line, "a profile of the package has this name", "choose another")
        self._found["name"] = name

    def _description(self, node: Node) -> None:
        self._found["description"] = text_of(node, "the description").text.strip()

    def _options(self, node: Node) -> None:
        chosen = read_options(node)
        self._found["options"] = chosen.options
        self._found["descriptors"] = chosen.descriptors

    def _extends(self, node: Node) -> None:
        name = text_of(node, "extends").text
        if not name.endswith(ENDINGS):
            if name not in PRESETS:
                fix = accepted(name, PRESETS) + f", or a file that ends in {ENDINGS[0]}"
                raise Wrong(node.line, "there is no such profile to extend", fix)
            self._found["extends"] = name
            return
        self._found["parent"] = self._parent(name, node.line)

    def _parent(self, name: str, line: int) -> Recipe:
        path = self._shelf.folder / name
        if path.resolve() in self._shelf.below:
            raise Wrong(line, "the recipe extends itself", "let one of the files extend basic")
        if len(self._shelf.below) >= DEEPEST:
            raise Wrong(line, "too many recipes extend one another", f"at most {DEEPEST}")
        try:
            return _load(path, self._shelf.below, self._shelf.files)
        except BadRecipe as error:
            if not error.faults[0].place.line:
                fix = "a path counts from the recipe's folder"
                raise Wrong(line, "the recipe it extends cannot be read", fix) from error
            problem = f"the recipe it extends has a fault: {error}"
            raise Wrong(line, problem, "mend that file first") from error

    def _check(self, lines: Mapping[str, int]) -> None:
        """What only several sections together can get wrong."""
        found = self._found
        based = "extends" in lines
        if not based and "unlisted" not in lines:
            fix = "write extends: basic, or unlisted: remove"
            raise Wrong(lines["name"], "it is not said what becomes of unlisted elements", fix)
        if found.get("options") and not based:
            problem = "options are options of the Basic Profile, which this recipe does not extend"
            raise Wrong(lines["options"], problem, "write extends: basic")
        if found.get("private") is Private.REMOVE and Option.SAFE_PRIVATE in found.get(
            "options", ()
        ):
            problem = f"private: remove and {Option.SAFE_PRIVATE.label} contradict each other"
            raise Wrong(lines["private"], problem, "keep one of them")


def _check_inherited(recipe: Recipe) -> None:
    """Raise Wrong for an option that excludes one of those that the recipe extends."""
    for pair in EXCLUDING:
        for option, other in (pair, pair[::-1]):
            if option in recipe.options and other in recipe.inherited:
                problem = f"{option.label} and {other.label}, which it extends, exclude each other"
                fix = "extend basic and name the options that you want"
                raise Wrong(recipe.lines["options"], problem, fix)
