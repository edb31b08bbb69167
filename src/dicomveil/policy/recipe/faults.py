"""Collect the faults of a recipe, so that its author sees all of them at once.

Every reader of this package takes a node and gives a value, or raises `Wrong` for the node at
fault. `Faults.at` notes a `Wrong` and goes on; `Faults.settle` raises BadRecipe when there is one.
"""

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from dicomveil.errors import BadRecipe, Fault, Place, ProfileError

_MOST = 100  # a recipe with more faults than that is no recipe


class Wrong(ProfileError):
    """One node of a recipe is not what is accepted there."""

    code = "recipe"

    def __init__(self, line: int, problem: str, fix: str) -> None:
        """Say what is wrong at which line, and what is accepted; never a person's identifier."""
        super().__init__(problem)
        self.line = line
        self.problem = problem
        self.fix = fix


class Faults:
    """The faults of one file so far."""

    def __init__(self, file: str) -> None:
        """Begin without any."""
        self.file = file
        self._found: list[Fault] = []

    @contextmanager
    def noted(self) -> Iterator[None]:
        """Note what is wrong inside the block, and go on after it."""
        try:
            yield
        except Wrong as wrong:
            self.add(wrong)
            if len(self._found) >= _MOST:
                self.settle()

    def add(self, wrong: Wrong) -> None:
        """Note a fault."""
        self._found.append(Fault(Place(self.file, line=wrong.line), wrong.problem, wrong.fix))

    def settle(self) -> None:
        """Raise BadRecipe when something was wrong."""
        if self._found:
            raise BadRecipe(sorted(self._found, key=lambda fault: fault.place.line))


def accepted(name: str, names: Iterable[str], *, most: int = 12) -> str:
    """What to write instead of `name`: the nearest of the accepted ones, or all if they are few."""
    names = list(names)
    near = nearest(name, names)
    if near:
        return f"did you mean {near}?"
    return f"accepted: {', '.join(names)}" if len(names) <= most else "look it up in PS3.6"


def nearest(name: str, names: Iterable[str]) -> str:
    """The name that `name` was probably meant to be, whatever its case; "" when none is near."""
    by_folded = {each.casefold(): each for each in names}
    close = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.75)
    return by_folded[close[0]] if close else ""
