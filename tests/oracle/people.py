"""What a file says of people, and what that asks of the texts that are cleaned of it."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from tests.oracle.tree import Branch, Leaf, Tree, charsets_of, effective_vr, text_of

NUMBERS = frozenset((0x00080050, 0x00100020, 0x00101000, 0x00101090, 0x00380010, 0x00402016))
# Institutions, addresses, telephones, stations, devices and orders: no name or number of a patient,
# but their words may go.
OTHERS = frozenset(
    {
        *(0x00080080, 0x00080081, 0x00080092, 0x00080094, 0x00081010, 0x00081040),
        *(0x00100028, 0x00101040, 0x00102152, 0x00102154, 0x00102155, 0x00102299, 0x00181000),
        *(0x00200010, 0x00380060, 0x00380300, 0x00380400, 0x00400009, 0x00400253, 0x00401001),
        *(0x00401102, 0x00401103, 0x00402006, 0x00402007, 0x00402010, 0x00402017),
    }
)
SHORTEST_NAME, SHORTEST_NUMBER = 4, 6
_SHAPES = re.compile(r"[0-9]{2}|@|www|http|[\\/]|[0-9] *\w+ *(st|rd|ave|weg|str)", re.IGNORECASE)


@dataclass(frozen=True)
class People:
    """Parts of names, whole identifiers, and every fragment of whatever tells of somebody."""

    names: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    fragments: frozenset[str] = frozenset()

    def left_in(self, text: str) -> list[str]:
        """How many values of people are still in a text: names as words, identifiers anywhere."""
        words = set(_parts(text))
        plain = folded(text)
        return [one for one in self.names if one in words] + [
            one for one in self.numbers if one in plain
        ]

    def may_stand_in(self, text: str) -> bool:
        """Whether the text may hold something of people, or has a shape that may go."""
        letters = re.sub(r"\W", "", folded(text))
        return bool(_SHAPES.search(text)) or any(one in letters for one in self.fragments)

    def strangers_in(self, text: str) -> list[str]:
        """The words that have nothing to do with anyone, in a text without figures or addresses."""
        if _SHAPES.search(text):
            return []
        return [
            word
            for word in _parts(text)
            if not any(one in word or word in one for one in self.fragments)
        ]


def people_of(tree: Tree, charsets: tuple[str, ...] = ()) -> People:
    """Everybody that a data set speaks of, at any depth."""
    found = list(_told(tree, charsets))
    parts = {part for _, text in found for part in _parts(text) if len(part) > 1}
    names = {p for kind, text in found if kind == "PN" for p in _parts(text)}
    numbers = {folded(one).strip() for kind, text in found if kind == "ID" for one in _values(text)}
    nobody = _nobodies()
    return People(
        frozenset(p for p in names if len(p) >= SHORTEST_NAME and p not in nobody and p.isalpha()),
        frozenset(n for n in numbers if len(n) >= SHORTEST_NUMBER and n not in nobody),
        frozenset(parts),
    )


def folded(text: str) -> str:
    """Without case, accents and compatibility forms."""
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in split if not unicodedata.combining(letter))


def _told(tree: Tree, inherited: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    charsets = charsets_of(tree, inherited)
    for tag, node in tree.items():
        match node:
            case Branch(items=items):
                for item in items:
                    yield from _told(item, charsets)
            case Leaf() if effective_vr(tag, node) == "PN":
                yield "PN", text_of(tree, tag, charsets)
            case Leaf() if tag in NUMBERS:
                yield "ID", text_of(tree, tag, charsets)
            case Leaf() if tag in OTHERS:
                yield "", text_of(tree, tag, charsets)
            case Leaf():
                continue


def _values(text: str) -> list[str]:
    return [one.strip("\0 ") for one in text.split("\\")]


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"[\W_]+", folded(text)) if part]


@cache
def _nobodies() -> frozenset[str]:
    lines = (files("dicomveil") / "engine" / "tables" / "nobodies.txt").read_text("utf-8")
    return frozenset(line for line in lines.splitlines() if not line.startswith("#"))
