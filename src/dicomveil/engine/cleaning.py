"""Remove from a text what tells who it is about, and nothing else.

Three things meet here: what the file itself says of its people (`Known`), what is identifying by
its shape (cleaning_dates.py and its neighbours), and the words that name nobody
(policy/vocabulary.py). Only the matched spans go. A person whom the file names nowhere but in this
text is not found: `STRICT` empties what still holds a word that nobody has explained.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple

from dicomveil.engine.cleaning_addresses import STREETS
from dicomveil.engine.cleaning_contacts import MACHINES, ONLINE, PHONES
from dicomveil.engine.cleaning_cuts import merged, without
from dicomveil.engine.cleaning_dates import DATES
from dicomveil.engine.cleaning_finds import View, finds
from dicomveil.engine.cleaning_folds import fold, folded, is_wide
from dicomveil.engine.cleaning_needles import Law, Needle, needles_of, spelled_in
from dicomveil.engine.cleaning_numbers import NUMBERS
from dicomveil.engine.cleaning_shapes import spans_of
from dicomveil.engine.people import Told
from dicomveil.policy.vocabulary import vocabulary

MOST_REMEMBERED: Final = 1024
LONGEST_REMEMBERED: Final = 256
MOST_PATIENTS: Final = 64
SHAPES: Final = (*DATES, *PHONES, *ONLINE, *NUMBERS, *MACHINES, *STREETS)
WITHOUT_FIGURES: Final = (*ONLINE, *STREETS)
_FIGURE: Final = re.compile(r"\d")
_WORD: Final = re.compile(r"[^\W\d_]+")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


class Wording(Enum):
    """What becomes of words that neither the vocabulary nor the file explains."""

    KEPT = "they stay: only what is known or has an identifying shape goes"
    KNOWN = "they stay, and so do identifying shapes: only what the file says of its people goes"
    STRICT = "the text that holds one is emptied"


class CleanText(NamedTuple):
    """A text as it may leave; how many spans went for a known value, and how many for a shape."""

    text: str
    known: int = 0
    shapes: int = 0
    emptied: bool = False

    def __repr__(self) -> str:
        """The counts, never the text."""
        return f"<CleanText: {self.known} known, {self.shapes} shapes>"


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """What a file says of its people, ready to be looked for in its texts.

    One value serves all files that say the same of the same people, and remembers what became of
    the texts it saw, bounded in number and length.
    """

    needles: tuple[Needle, ...]
    names: frozenset[str]
    spelled: frozenset[str]
    _seen: dict[tuple[str, Wording], CleanText] = field(default_factory=dict, compare=False)

    def __repr__(self) -> str:
        """How many needles, and none of them."""
        return f"<Known: {len(self.needles)} needles>"

    @staticmethod
    def of(told: Iterable[Told]) -> "Known":
        """What is known when these texts are: the same value for the same, while remembered."""
        return _known(frozenset(told))

    def clean(self, text: str, wording: Wording = Wording.KEPT) -> CleanText:
        """The text without these people and without identifying shapes.

        A backslash stays: it may separate values. The text never grows, and holds no character that
        was not in it but a space. It may be empty.
        """
        key = (text, wording)
        result = self._seen.get(key)
        if result is None:
            result = clean_text(text, self, wording)
            if len(text) <= LONGEST_REMEMBERED and len(self._seen) < MOST_REMEMBERED:
                self._seen[key] = result
        return result


@lru_cache(maxsize=MOST_PATIENTS)
def _known(told: frozenset[Told]) -> Known:
    needles = needles_of(told)
    names = frozenset(n.text for n in needles if n.law is Law.NAME)
    return Known(
        tuple(sorted(needles, key=lambda n: (-len(n.text), n.text, n.law.name))),
        names,
        spelled_in(told),
    )


def clean_text(text: str, known: Known, wording: Wording = Wording.KEPT) -> CleanText:
    """The text without what is known of its people and without identifying shapes, unremembered."""
    if "\\" in text:
        parts = [clean_text(part, known, wording) for part in text.split("\\")]
        return CleanText(
            "\\".join(part.text for part in parts),
            sum(part.known for part in parts),
            sum(part.shapes for part in parts),
            any(part.emptied for part in parts),
        )
    view = View(folded(text))
    by_name = merged(finds(view, known.needles, known.names))
    shapes = SHAPES if _FIGURE.search(text) else WITHOUT_FIGURES
    by_shape = [] if wording is Wording.KNOWN else merged(spans_of(shapes, view.text))
    spans = merged(view.folded.span(*span) for span in (*by_name, *by_shape))
    clean = without(text, spans)
    if wording is Wording.STRICT and not is_explained(clean):
        return CleanText("", len(by_name), len(by_shape), emptied=True)
    return CleanText(clean, len(by_name), len(by_shape))


def is_explained(text: str) -> bool:
    """Whether every word of two letters or more is of the vocabulary.

    A text of a script without spaces has no words that could be looked up: it is not explained.
    """
    return all(
        len(piece) < 2 or fold(piece) in vocabulary()
        for word in _WORD.findall(text)
        if fold(word) not in vocabulary()
        for piece in _HUMP.split(word)
    ) and not any(is_wide(c) and c.isalpha() for c in fold(text))
