"""A text as the cleaner compares it, and the way back to the text as it was written.

Folding takes away what spelling adds to a name: case, accents, compatibility forms (NFKC), and the
difference of katakana and hiragana. Every folded character knows which one it came from, so what is
found in the folded text is cut from the original.
"""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from itertools import compress
from typing import Final, NamedTuple

# Letters that Unicode does not take apart.
_LETTERS: Final = str.maketrans("øłđðħıþæœ", "olddhipao") | {ord("æ"): "ae", ord("œ"): "oe"}
_KATAKANA: Final = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
APOSTROPHES: Final = frozenset("'’`´ʼ‘")


class Folded(NamedTuple):
    """A folded text; `origins[i]` is the place of its character i in the original."""

    text: str
    origins: Sequence[int]
    original: str

    def span(self, start: int, stop: int) -> tuple[int, int]:
        """The part of the original that folded characters `start` to `stop` came from.

        What follows and folds to nothing, an accent on its own, goes with the letter before it.
        """
        after = self.origins[stop] if stop < len(self.text) else len(self.original)
        return self.origins[start], after


class Letters(NamedTuple):
    """Only the letters and digits of a folded text; `places[i]` is where number i stands in it."""

    text: str
    places: Sequence[int]


def folded(text: str) -> Folded:
    """The folded text, with the way back."""
    if text.isascii():
        return Folded(text.lower(), range(len(text)), text)
    parts = [_fold(character) for character in text]
    origins = [at for at, part in enumerate(parts) for _ in part]
    return Folded("".join(parts), origins, text)


def fold(text: str) -> str:
    """The folded text alone."""
    return text.lower() if text.isascii() else "".join(map(_fold, text))


def letters(text: str) -> Letters:
    """The letters and digits of a folded text."""
    kept = [character.isalnum() for character in text]
    return Letters("".join(compress(text, kept)), tuple(compress(range(len(text)), kept)))


def squeezed(text: str) -> str:
    """The letters and digits alone of a text, folded: as needles are spelled."""
    return "".join(filter(str.isalnum, fold(text)))


def is_wide(character: str) -> bool:
    """Whether the character is of a script that writes words without spaces."""
    return character >= "\u2e80"


@lru_cache(maxsize=4096)
def _fold(character: str) -> str:
    """One character folded: several for a ligature, none for an accent on its own."""
    apart = unicodedata.normalize("NFKD", character)
    bare = "".join(c for c in apart if unicodedata.category(c) != "Mn")
    whole = unicodedata.normalize("NFC", bare).casefold()  # Hangul syllables come together again
    return whole.translate(_LETTERS).translate(_KATAKANA)
