"""What to look for of the people a file tells of: each text taken apart into needles.

A needle is the letters and digits alone of a spelling, folded, and the law by which it counts
where it is found: four letters of a family name anywhere, two letters as a word, a birth date not
inside a longer number. Literals in place of patterns: the search stays linear in the text.
"""

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import cache
from itertools import permutations
from typing import Final, NamedTuple, assert_never

from dicomveil.dicom.values import split_person_name
from dicomveil.engine.cleaning_folds import APOSTROPHES, is_wide, squeezed
from dicomveil.engine.people import NAME_BREAKS, Kind, Told, date_parts, listed
from dicomveil.policy.vocabulary import protocol_words, vocabulary


class Law(Enum):
    """When a needle that is found counts."""

    NAME = "as a word, or glued to others; by how many letters it has"
    INITIALS = "a name with initials, with nothing glued to it"
    WORD = "as a word alone"
    CODE = "anywhere from six characters on, else between bounds"
    CUED = "after a word that says a number follows"
    DATE = "not inside a longer number"


class Needle(NamedTuple):
    """Letters and digits to look for, and when they count."""

    text: str
    law: Law

    def __repr__(self) -> str:
        """The law, never the text."""
        return f"<Needle: {self.law.name}>"


MOST_PARTS: Final = 6
_DUMMY_DATE: Final = ("1900", "01", "01")
_PARTICLES: Final = frozenset(
    "abu af al av ben bin da das de del della den der des di dos du el ibn la le les los op san"
    " st ten ter the til van vom von y zu zum zur e".split()
)
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe"})
_RINGS: Final = str.maketrans({"å": "aa"})
_OF_ADDRESSES: Final = frozenset(
    "avenue building campus center centre clinic department drive east floor health hospital"
    " institute north research river school south street strasse suite university west".split()
)
_ADDRESS_BREAKS: Final = re.compile(r"[\^,;\r\n\t]+")
_WORDS: Final = re.compile(r"[^\W\d_]+")
_DIGITS: Final = re.compile(r"\d+")


def needles_of(told: Iterable[Told]) -> frozenset[Needle]:
    """Every needle of these texts."""
    return frozenset(
        needle
        for one in told
        for value in one.text.split("\\")
        for needle in _needles(one.kind, value.strip())
        if needle.text
    )


def spelled_in(told: Iterable[Told]) -> frozenset[str]:
    """The parts of names that are not ASCII, as they are written: for a search among bytes."""
    parts = {part for one in told if one.kind is Kind.NAME for part in NAME_BREAKS.split(one.text)}
    foreign = {part for part in parts if not part.isascii() and len(squeezed(part)) > 1}
    return frozenset(case for part in foreign for case in (part, part.upper(), part.lower()))


def _needles(kind: Kind, value: str) -> Iterator[Needle]:
    match kind:
        case Kind.NAME:
            yield from _names(value)
        case Kind.NUMBER:
            yield from _numbers(value)
        case Kind.DATE:
            yield from (Needle(text, Law.DATE) for text in _dates(value))
        case Kind.PHONE:
            yield from _phones(value)
        case Kind.ADDRESS:
            yield from _lines(value)
        case Kind.PLACE:
            yield from _places(value)
        case _:
            assert_never(kind)


@cache
def nobodies() -> frozenset[str]:
    """Words that are part of names and identifiers, and are nobody's."""
    return listed("nobodies.txt")


# -- names ---------------------------------------------------------------------------------------


def _names(value: str) -> Iterator[Needle]:
    """The parts of a name and what they are when written together, for each component group."""
    for group in split_person_name(value):
        components = [component for component in group if squeezed(component)]
        parts = [part for component in components for part in _parts(component)]
        if len(parts) == 1 and _is_initials(parts[0]):
            continue
        texts = {spelling for part in parts for spelling in _spellings(part) if _is_part(spelling)}
        for text in texts | set(_wholes(components)):
            yield from (_numbers(text) if _has_figure(text) else [Needle(text, Law.NAME)])
        named = [text for component in components if (text := squeezed(component))]
        yield from (Needle(text, Law.INITIALS) for text in _with_initials(named[:4]))


def _parts(component: str) -> Iterator[str]:
    """The words of one component, those beside a particle without it, and what follows O' or D'."""
    words = [word for word in NAME_BREAKS.split(component) if squeezed(word)]
    kept = [word for word in words if word.lower() not in _PARTICLES] if len(words) > 1 else words
    for word in kept:
        yield word
        pieces = re.split("[-‐‑–_" + "".join(APOSTROPHES) + "]", word)
        if len(pieces) > 1:
            yield from (piece for piece in pieces if len(piece) > 2)


def _spellings(text: str) -> Iterator[str]:
    """The text folded, and as it is written where there are no umlauts, and back."""
    lower = text.lower()
    without = lower.translate(_UMLAUTS)
    yield from (squeezed(lower), squeezed(without), squeezed(without.translate(_RINGS)))
    for written, letter in (("ae", "a"), ("oe", "o"), ("ue", "u")):
        if lower == without and written in lower:
            yield squeezed(lower).replace(written, letter)


def _is_part(text: str) -> bool:
    """Whether a part may be looked for by itself: two letters, and somebody's."""
    return len(text) > 1 and text not in nobodies() and not text.isdigit()


def _is_initials(part: str) -> bool:
    """Whether a name that is but one short word may as well be an abbreviation of a protocol."""
    text = squeezed(part)
    return (
        len(text) < 3 and not is_wide(text[:1] or " ") and (len(text) < 2 or text in vocabulary())
    )


def _wholes(components: list[str]) -> Iterator[str]:
    """Two and three components written together, in any order, and each of several words."""
    named = [text for c in components[:MOST_PARTS] if (text := squeezed(c))]
    if len(named) > 1 and not all(text in nobodies() for text in named):
        for count in (2, 3):
            yield from ("".join(some) for some in permutations(named[:4], count))
        yield from ("".join(named), "".join(named[1:] + named[:1]))
    for component in components:
        words = [word for word in NAME_BREAKS.split(component) if squeezed(word)]
        if len(words) > 1 and max(map(len, words)) > 1:  # S R is no SR
            yield from (squeezed(component), "".join(squeezed(w) for w in reversed(words)))


def _with_initials(named: list[str]) -> Iterator[str]:
    """Each component in full with the first letters of one or two others, before or behind."""
    for text in named:
        if len(text) < 2 or is_wide(text[0]) or text in nobodies():
            continue
        others = [other[0] for other in named if other is not text]
        for count in (1, 2):
            for some in permutations(others, count):
                yield from (text + "".join(some), "".join(some) + text)


def _has_figure(text: str) -> bool:
    return any(map(str.isdigit, text))


# -- numbers, dates, telephones ------------------------------------------------------------------


def _numbers(value: str) -> Iterator[Needle]:
    """An identifier whole, without leading zeros, and the long numbers in it."""
    text = squeezed(value)
    if not text or text in nobodies() or text in vocabulary():
        return
    if not _has_figure(text):
        yield Needle(text, Law.NAME if len(text) > 3 else Law.CUED)
        return
    yield Needle(text, Law.CODE if len(text) > 3 else Law.CUED)
    for number in (*_DIGITS.findall(text), *_DIGITS.findall(value)):
        bare = number.lstrip("0")
        yield from (Needle(n, Law.CODE) for n in {number, bare} if len(n) > 4)


def _dates(value: str) -> Iterator[str]:
    """The figures of a date in the orders people write them; its marks do not matter."""
    parts = date_parts(value)
    if parts is None or parts == _DUMMY_DATE:
        return
    year, month, day = parts
    for some_year in (year, year[2:]):
        for some_month, some_day in ((month, day), (month.lstrip("0"), day.lstrip("0"))):
            yield some_year + some_month + some_day
            yield some_day + some_month + some_year
            yield some_month + some_day + some_year


def _phones(value: str) -> Iterator[Needle]:
    """The figures of a telephone number, with and without what is dialled before it."""
    if "@" in value:
        yield Needle(squeezed(value), Law.CODE)
        return
    digits = "".join(_DIGITS.findall(value))
    texts = {digits, digits.lstrip("0")}
    if value.startswith(("+", "00")):
        ours = [digits.lstrip("0")[cut:].lstrip("0") for cut in (1, 2, 3)]
        texts.update(ours, (f"0{text}" for text in ours))
    yield from (Needle(text, Law.CODE) for text in texts if len(text) > 5)


# -- addresses and places ------------------------------------------------------------------------


def _lines(value: str) -> Iterator[Needle]:
    """Each line of an address, its long numbers, and the words of it that name a place."""
    for line in (value, *_ADDRESS_BREAKS.split(value)):
        text = squeezed(line)
        least = 3 if is_wide(text[:1] or " ") else 5
        if len(text) >= least and text not in vocabulary():
            yield Needle(text, Law.CODE)
    for number in _DIGITS.findall(value):
        if len(number) > 3:
            yield Needle(number, Law.CODE)
    for word in _WORDS.findall(value):
        text = squeezed(word)
        if len(text) > 4 and text not in protocol_words() | _OF_ADDRESSES:
            yield Needle(text, Law.WORD)


def _places(value: str) -> Iterator[Needle]:
    """An institution as a whole: its words are those of every hospital."""
    text = squeezed(value)
    words = {squeezed(word) for word in _WORDS.findall(value)}
    if len(text) > 3 and not words <= nobodies() and text not in vocabulary():
        yield Needle(text, Law.NAME)
