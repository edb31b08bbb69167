"""A recipe as a value: what its author wrote, read and checked, each part with its line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from dicomveil.policy.actions import Action
from dicomveil.policy.filters import Filter
from dicomveil.policy.options import Option
from dicomveil.policy.profile import PRESETS
from dicomveil.policy.renaming import Renaming
from dicomveil.policy.selectors_placed import Placed


class RecipeRule(NamedTuple):
    """What happens to the elements of a selector, and where that is written."""

    placed: Placed
    action: Action
    file: str
    line: int

    @property
    def origin(self) -> str:
        """`research.yaml:12`, as messages and explanations cite it."""
        return f"{self.file}:{self.line}"


class Unlisted(Enum):
    """What becomes of elements that no rule names."""

    BY_REVIEW = "by-review"  # by VR, and by the reviewed tables of the Basic Profile
    REMOVE = "remove"
    KEEP = "keep"  # all but private elements


class Descriptors(Enum):
    """How far texts are cleaned."""

    SPANS = "only the spans that identify go"
    STRICT = "a text that still holds unexplained words becomes empty"


class ShiftRange(NamedTuple):
    """How far a patient's dates may move into the past, in days, both ends included."""

    at_least: int
    at_most: int


class Private(Enum):
    """Which private elements are kept, beside those that rules name."""

    REMOVE = "remove"
    SAFE = "safe"  # PS3.15 Table E.3.10-1
    KNOWN = "known"  # that table, and the knowledge base of TCIA


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A profile as a file says it; `profile_of` builds what runs.

    `parent` is the recipe that it extends, `extends` the profile of the package when it is one;
    without either, `unlisted` is set.
    """

    name: str
    file: str
    description: str = ""
    extends: str = ""
    parent: "Recipe | None" = None
    options: tuple[Option, ...] = ()
    descriptors: Descriptors = Descriptors.SPANS
    unlisted: Unlisted | None = None
    rules: tuple[RecipeRule, ...] = ()
    filters: tuple[Filter, ...] = ()
    dates: ShiftRange | None = None
    private: Private | None = None
    identity: Renaming | None = None
    lines: Mapping[str, int] = field(default_factory=dict)  # of each section

    @property
    def inherited(self) -> "tuple[Option, ...]":
        """The options of what it extends, without its own."""
        if self.parent is not None:
            return (*self.parent.inherited, *self.parent.options)
        return PRESETS.get(self.extends, ())

    @property
    def lineage(self) -> "tuple[Recipe, ...]":
        """The recipe, the one it extends, and so on."""
        return (self, *(self.parent.lineage if self.parent else ()))
