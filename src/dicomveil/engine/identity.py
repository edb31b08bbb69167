"""Who an object is about, as the bytes that must not be found in its output.

Gathered from the original before anything is changed: every person name (split into its parts),
patient and order identifiers, birth dates, addresses and telephone numbers at any depth, and every
UID that is replaced. Kept in memory only; its repr says how many, never which.
"""

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import cache, lru_cache
from typing import Final, NamedTuple, assert_never

from dicomveil.dicom.charsets import DEFAULT, Charset
from dicomveil.dicom.dictionary import all_tags, keyword_of
from dicomveil.dicom.elements import Element
from dicomveil.dicom.packaged import packaged
from dicomveil.dicom.tags import Tag, is_private
from dicomveil.dicom.uids import is_registered
from dicomveil.dicom.values import decode
from dicomveil.engine.scene import Scene
from dicomveil.errors import BadValue
from dicomveil.policy.dummies import value_for

NUMBERS: Final[frozenset[Tag]] = frozenset(
    {
        0x00080050,  # Accession Number
        0x00100020,  # Patient ID
        0x00101000,  # Other Patient IDs
        0x00101090,  # Medical Record Locator
        0x00380010,  # Admission ID
        0x00380060,  # Service Episode ID
        0x00402016,  # Placer Order Number
        0x00402017,  # Filler Order Number
    }
)
BIRTH_DATES: Final[frozenset[Tag]] = frozenset({0x00100030, 0x00100033})
PLACES: Final[frozenset[Tag]] = frozenset({0x00101040, 0x00102154})
SHORTEST_WORD: Final = 3
SHORTEST_NUMBER: Final = 4
SHORTEST_UID: Final = 8
_DATE: Final = re.compile(r"(\d{4})\.?(\d\d)\.?(\d\d)")
_NAME_BREAKS: Final = re.compile(r"[\^=\s,;.()\[\]/\\]+")


class Identity(NamedTuple):
    """Lower-cased bytes to look for: words and numbers between word bounds, UIDs, and letters.

    `letters` are what is not ASCII text, in each codec: they have no bounds and count anywhere.
    """

    words: frozenset[bytes]
    numbers: frozenset[bytes]
    uids: frozenset[bytes]
    letters: frozenset[bytes] = frozenset()

    def __repr__(self) -> str:
        """How many of each kind, and none of them."""
        words = len(self.words) + len(self.letters)
        return f"<Identity: {words} words, {len(self.numbers)} numbers, {len(self.uids)} UIDs>"

    @property
    def needles(self) -> frozenset[bytes]:
        """All of them."""
        return self.words | self.numbers | self.uids | self.letters


NOBODY: Final = Identity(frozenset(), frozenset(), frozenset())


def identity_of(scene: Scene) -> Identity:
    """What identifies the people of this data set, and every UID that is not a registered one."""
    uids: set[bytes] = set()
    words: set[bytes] = set()
    numbers: set[bytes] = set()
    letters: set[bytes] = set()
    for element in scene.elements:
        if element.vr == "UI":
            if not is_private(element.tag):
                uids.update(uids_in(scene.raw(element)))
        elif is_identifying(element) and element.length and not is_private(element.tag):
            group = words if element.vr == "PN" or element.tag in PLACES else numbers
            found = _needles(scene.raw(element), _kind(element), _codecs(scene, element))
            group.update(found.ascii)
            letters.update(found.letters)
    telling = frozenset(filter(is_telling, uids))
    return Identity(frozenset(words), frozenset(numbers), telling, frozenset(letters))


class _Needles(NamedTuple):
    """What to look for of one value: its ASCII texts, and the bytes of all others."""

    ascii: frozenset[bytes]
    letters: frozenset[bytes] = frozenset()


class _Kind(Enum):
    """What an identifying text is, which decides how it is looked for."""

    NAME = "its parts and its wholes"
    DATE = "as people write it"
    NUMBER = "each value"


def _kind(element: Element) -> _Kind:
    if element.vr == "PN":
        return _Kind.NAME
    return _Kind.DATE if element.tag in BIRTH_DATES else _Kind.NUMBER


@lru_cache(maxsize=4096)
def _needles(value: bytes, kind: _Kind, charset: Charset) -> _Needles:
    """The needles of one value. Remembered: the same people stand in file after file."""
    text = _text(value, kind, charset)
    match kind:
        case _Kind.DATE:
            return _Needles(frozenset(_date_spellings(text)))
        case _Kind.NAME:
            return _encoded(_name_words(text), charset)
        case _Kind.NUMBER:
            found = _encoded((part.strip() for part in text.split("\\")), charset)
            return found._replace(
                ascii=frozenset(n for n in found.ascii if len(n) >= SHORTEST_NUMBER)
            )
        case _:
            assert_never(kind)


def _codecs(scene: Scene, element: Element) -> Charset:
    """The character set of the element, the default one where it cannot be told."""
    try:
        return scene.charset(element)
    except BadValue:
        return DEFAULT


def _text(value: bytes, kind: _Kind, charset: Charset) -> str:
    """The text as well as it can be read: what cannot be decoded is looked for as its bytes."""
    try:
        return decode(value, "PN" if kind is _Kind.NAME else "LO", charset)
    except BadValue:
        return value.decode("latin-1").strip(" \0")


def is_identifying(element: Element) -> bool:
    """Whether the element's text is looked for in outputs."""
    named = element.tag in NUMBERS or element.tag in BIRTH_DATES or element.tag in PLACES
    return named or element.vr == "PN"


def uids_in(value: bytes) -> list[bytes]:
    """The UIDs of a value, without padding and empty ones."""
    return [uid for part in value.split(b"\\") if (uid := part.strip(b"\0 "))]


def is_telling(uid: bytes) -> bool:
    """Whether finding this UID means something: long enough, and nobody's but its maker's."""
    return len(uid) >= SHORTEST_UID and not is_registered(uid.decode("ascii", "replace"))


def _name_words(text: str) -> Iterator[str]:
    """The parts of each name that are long enough, and the wholes of each component group."""
    for name in text.split("\\"):
        parts = [part for part in _NAME_BREAKS.split(name) if part]
        yield from (part for part in parts if _is_long_enough(part))
        for group in name.split("="):
            whole = [part for part in group.split("^") if part.strip()]
            if len(whole) > 1:
                yield " ".join(whole[:2])
                yield "^".join(whole[:2])
                yield f"{whole[1]} {whole[0]}"


def _is_long_enough(word: str) -> bool:
    """Three letters of an alphabet, or two characters of a script that has no alphabet."""
    if word.casefold() in common_words() or word.isdigit():
        return False
    return len(word) >= (SHORTEST_WORD if word[0] < "\u2e80" else 2)


def _date_spellings(text: str) -> Iterator[bytes]:
    """A date as people write it; the standard's dummy date is nobody's."""
    found = _DATE.fullmatch(text.strip())
    if not found or text.encode("ascii", "replace") == value_for("DA"):
        return
    year, month, day = found.groups()
    for spelling in (
        f"{year}{month}{day}",
        *(f"{year}{mark}{month}{mark}{day}" for mark in "-/."),
        *(f"{day}{mark}{month}{mark}{year}" for mark in "-/."),
        *(f"{month}{mark}{day}{mark}{year}" for mark in "-/."),
    ):
        yield spelling.encode()


def _encoded(texts: Iterable[str], charset: Charset) -> _Needles:
    """The texts lower-cased; what is not ASCII in the codecs of its data set, UTF-8 and Latin-1."""
    announced = charset.extended.announced if charset.extended else ()
    codecs = {charset.codec, *(one.codec for one in announced), "utf-8", "latin-1"}
    plain: set[bytes] = set()
    letters: set[bytes] = set()
    for text in texts:
        if text.isascii():
            plain.add(text.lower().encode())
            continue
        spellings = {text, text.lower(), text.upper(), text.casefold()}
        cores = (_core(spelling, codec) for spelling in spellings for codec in codecs)
        letters.update(core.lower() for core in cores if len(core) >= SHORTEST_WORD)
    return _Needles(frozenset(plain) - _ours(), frozenset(letters))


_ESCAPE: Final = re.compile(rb"\x1b[\x20-\x2f]*[\x30-\x7e]")


def _core(text: str, codec: str) -> bytes:
    """The text in this codec without escape sequences; b"" when the codec has not its letters."""
    try:
        return _ESCAPE.sub(b"", text.encode(codec))
    except (UnicodeEncodeError, LookupError):
        return b""


@cache
def _ours() -> frozenset[bytes]:
    """The dummies that the engine itself writes."""
    return frozenset(
        {value_for(vr).strip(b" \0").lower() for vr in ("PN", "LO", "SH", "DA")} | {b""}
    )


def is_term(word: bytes) -> bool:
    """Whether the word is the standard's own: of an element's name or of a picture's type."""
    return word.decode("latin-1") in _terms()


@cache
def _terms() -> frozenset[str]:
    keywords = " ".join(map(keyword_of, all_tags()))
    return _listed("defined_terms.txt") | {word.lower() for word in _CAMEL.findall(keywords)}


_CAMEL: Final = re.compile(r"[A-Z][a-z]+|[A-Z]{2,}(?![a-z])")


@cache
def common_words() -> frozenset[str]:
    """Words that say nothing as a part of a name: anatomy, makers, titles."""
    return _listed("common_words.txt")


def _listed(table: str) -> frozenset[str]:
    """The words of a table of one word a line."""
    with packaged("engine", table) as file:
        lines = file.read().splitlines()
    return frozenset(line.strip() for line in lines if line and not line.startswith("#"))
