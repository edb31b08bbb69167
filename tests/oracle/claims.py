"""What may be claimed of one element of the output."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.oracle.people import People


@dataclass(frozen=True)
class Same:
    """The bytes of the original, under its VR (or the dictionary's, where that was UN)."""

    vr: str
    raw: bytes


@dataclass(frozen=True)
class Written:
    """Exactly these bytes."""

    raw: bytes


@dataclass(frozen=True)
class Dummy:
    """A value that is not empty, legal, and not the old one."""

    vr: str
    old: bytes


@dataclass(frozen=True)
class DummyItem:
    """A sequence of one item, with no value of the old items in it."""

    old: frozenset[bytes]


@dataclass(frozen=True)
class Items:
    """A sequence of as many items, each as expected."""

    items: "tuple[Expectation, ...]"


@dataclass(frozen=True)
class Cleaned:
    """The text without what the file says of people, and with all else."""

    vr: str
    old: bytes
    charsets: tuple[str, ...]
    people: People
    lost: "Claim"  # what stands there when nothing is left


@dataclass(frozen=True)
class Tells:
    """Text that holds this word, in values of at most 64 characters."""

    word: str


@dataclass(frozen=True)
class Codes:
    """A sequence of codes that holds these of one scheme, each with a meaning."""

    values: tuple[str, ...]
    scheme: str


@dataclass(frozen=True)
class Absent:
    """No such element."""


@dataclass(frozen=True)
class AnyOf:
    """One of several, where the prose leaves the choice."""

    choices: "tuple[Claim, ...]"


Claim = Same | Written | Dummy | DummyItem | Items | Cleaned | Tells | Codes | Absent | AnyOf
Expectation = Mapping[int, Claim]
EMPTY = Written(b"")
