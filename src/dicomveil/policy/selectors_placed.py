"""Which elements a rule speaks of, beyond their tags: where they lie, whose they are, and in what.

A `Placed` selector is a target (tags, a creator's private elements, a VR, or keywords), the
sequences it must lie in, and conditions on other elements of the object. Like a `Selector` it can
count how general it is: `rank` orders by the number of tags, then by the length of the path, then
by the number of conditions, and the smaller rank wins. Two of one rank that can meet are a tie.
"""

from collections.abc import Sequence
from enum import Enum
from itertools import product
from typing import NamedTuple

from dicomveil.dicom.tags import is_private
from dicomveil.policy.selectors import Selector

_EVERY_TAG = 1 << 32
ANY = Selector(0, 0, "*")


class Place(NamedTuple):
    """Where one element lies: all that a selector without conditions asks of it."""

    tag: int
    vr: str
    creator: str = ""  # of a private element: the text that reserves its block, without padding
    above: tuple[tuple[int, str], ...] = ()  # tag and creator of each sequence, from the root


class PrivateOf(NamedTuple):
    """The private elements of one creator: a group, the owner of the block, the last two digits."""

    group: int
    creator: str
    element: int | None  # None for all elements of the block

    @property
    def text(self) -> str:
        """As the standard and recipes write it: `(0019,"SIEMENS MR HEADER",10)`."""
        last = "xx" if self.element is None else f"{self.element:02X}"
        return f'({self.group:04X},"{self.creator}",{last})'

    @property
    def breadth(self) -> int:
        """How many tags it speaks of: a creator has one block of 256 in most objects."""
        return 256 if self.element is None else 1

    def matches(self, tag: int, vr: str, creator: str) -> bool:  # noqa: ARG002 - a family's contract
        """Whether the element is one of them; a creator element itself never is."""
        if tag >> 16 != self.group or tag & 0xFFFF < 0x1000 or creator != self.creator:
            return False
        return self.element in (None, tag & 0xFF)


class OfVr(NamedTuple):
    """Every element that is written with this VR; all but `*` is narrower."""

    vr: str

    @property
    def text(self) -> str:
        """As recipes write it: `vr:DA`."""
        return f"vr:{self.vr}"

    @property
    def breadth(self) -> int:
        """All tags but one: a file may write any VR with any tag."""
        return _EVERY_TAG - 1

    def matches(self, tag: int, vr: str, creator: str) -> bool:  # noqa: ARG002 - a family's contract
        """Whether the element is written so."""
        return vr == self.vr


class Keywords(NamedTuple):
    """The elements whose keyword a regular expression matches, found when the recipe was read."""

    pattern: str
    selectors: tuple[Selector, ...]

    @property
    def text(self) -> str:
        """As recipes write it: `regex:.*Comments`."""
        return f"regex:{self.pattern}"

    @property
    def breadth(self) -> int:
        """How many tags it speaks of."""
        return sum(each.breadth for each in self.selectors)

    def matches(self, tag: int, vr: str, creator: str) -> bool:  # noqa: ARG002 - a family's contract
        """Whether the element's tag is one of them."""
        return any(each.matches(tag) for each in self.selectors)


Target = Selector | PrivateOf | OfVr | Keywords


def target_matches(target: Target, tag: int, vr: str, creator: str) -> bool:
    """Whether an element of this tag, VR and creator is one the target speaks of."""
    if isinstance(target, Selector):
        return target.matches(tag)
    return target.matches(tag, vr, creator)


class Test(Enum):
    """What a condition asks of the values of an element at the root of the object."""

    EQUALS = "one of its values is one of these"
    NOT_EQUALS = "none of its values is one of these, or it is absent"
    STARTS = "one of its values begins with one of these"
    CONTAINS = "one of its values holds one of these"
    PRESENT = "it is there, with or without a value"
    ABSENT = "it is not there"
    EMPTY = "it is there and has no value"


class Condition(NamedTuple):
    """What must hold of another element; case and the spaces around a value do not matter."""

    tag: int
    test: Test
    values: tuple[str, ...]
    text: str

    def holds(self, values: Sequence[str] | None) -> bool:
        """Whether it holds of an element with these values; None when the object has none such."""
        found = [folded(value) for value in values or () if value.strip(" \0")]
        match self.test:
            case Test.EQUALS:
                return any(value in self.values for value in found)
            case Test.NOT_EQUALS:
                return not any(value in self.values for value in found)
            case Test.STARTS:
                return any(value.startswith(self.values) for value in found)
            case Test.CONTAINS:
                return any(part in value for value in found for part in self.values)
            case Test.PRESENT:
                return values is not None
            case Test.ABSENT:
                return values is None
            case Test.EMPTY:
                return values is not None and not found

    def excludes(self, other: "Condition") -> bool:
        """Whether both can never hold of one object, as far as this can be told."""
        if self.tag != other.tag:
            return False
        tests = {self.test, other.test}
        if Test.ABSENT in tests and tests & {Test.EQUALS, Test.STARTS, Test.CONTAINS, Test.PRESENT}:
            return True
        if tests == {Test.EQUALS, Test.NOT_EQUALS}:
            same, unlike = sorted((self, other), key=lambda each: each.test is Test.NOT_EQUALS)
            return set(same.values) <= set(unlike.values)
        # Elements of several values may hold both, but a Modality or a SOP Class has one.
        return tests == {Test.EQUALS} and not set(self.values) & set(other.values)


def folded(value: str) -> str:
    """A value as conditions compare it."""
    return value.strip(" \0").casefold()


class Root(Enum):
    """Where a path begins."""

    ANYWHERE = "in any item, and at the root"
    ROOT = "at the root of the object"


class Placed(NamedTuple):
    """The elements that `target` speaks of, where they lie in `steps` and the conditions hold."""

    target: Target
    steps: tuple[Target, ...] = ()  # the sequences around it, the outermost first
    root: Root = Root.ANYWHERE
    conditions: tuple[Condition, ...] = ()

    @property
    def text(self) -> str:
        """As recipes write it, with its conditions."""
        start = "/" if self.root is Root.ROOT else ""
        path = start + "/".join(each.text for each in (*self.steps, self.target))
        when = " and ".join(condition.text for condition in self.conditions)
        return f"{path} when {when}" if when else path

    @property
    def length(self) -> int:
        """The steps of its path; that it begins at the root counts as one."""
        return len(self.steps) + (self.root is Root.ROOT)

    @property
    def rank(self) -> tuple[int, int, int]:
        """The smaller is more specific: tags, then path, then conditions."""
        return (self.target.breadth, -self.length, -len(self.conditions))

    @property
    def plain(self) -> bool:
        """Whether the tag alone decides."""
        about_tags = isinstance(self.target, Selector | Keywords)
        return about_tags and not self.length and not self.conditions

    def matches(self, place: Place) -> bool:
        """Whether an element that lies there is one of them, whatever the conditions say."""
        if not target_matches(self.target, place.tag, place.vr, place.creator):
            return False
        depth = len(self.steps)
        if len(place.above) < depth or (self.root is Root.ROOT and len(place.above) != depth):
            return False
        nearest = place.above[len(place.above) - depth :]
        return all(
            target_matches(step, tag, "SQ", creator)
            for step, (tag, creator) in zip(self.steps, nearest, strict=True)
        )

    def ties(self, other: "Placed") -> bool:
        """Whether both are equally specific and some element can be meant by both."""
        if self.rank != other.rank or not overlap(self.target, other.target):
            return False
        if _never_as_deep(self, other) or _never_as_deep(other, self):
            return False
        near = zip(reversed(self.steps), reversed(other.steps), strict=False)
        if not all(overlap(one, another) for one, another in near):
            return False
        pairs = product(self.conditions, other.conditions)
        return not any(one.excludes(another) for one, another in pairs)


def overlap(one: Target, other: Target) -> bool:
    """Whether some element can be meant by both; in doubt, yes."""
    match one, other:
        case Selector(), Selector():
            return one.overlaps(other)
        case Keywords(), _:
            return any(overlap(each, other) for each in one.selectors)
        case _, Keywords():
            return any(overlap(one, each) for each in other.selectors)
        case PrivateOf(), PrivateOf():
            same = (one.group, one.creator) == (other.group, other.creator)
            return same and (None in (one.element, other.element) or one.element == other.element)
        case OfVr(), OfVr():
            return one.vr == other.vr
        case PrivateOf(), Selector():
            return _in_group(one, other)
        case Selector(), PrivateOf():
            return _in_group(other, one)
        case _:
            return True


def _in_group(private: PrivateOf, selector: Selector) -> bool:
    tag = private.group << 16 | 0x1000
    return is_private(tag) and not (tag ^ selector.pattern) & selector.mask & 0xFFFF0000


def _never_as_deep(one: Placed, other: Placed) -> bool:
    """Whether `one` speaks of elements that lie less deep than all that `other` speaks of."""
    return one.root is Root.ROOT and len(one.steps) < len(other.steps)
