"""The character set of a data set's text, from its Specific Character Set (0008,0005).

The defined terms of PS3.3 C.12.1.1.2 lie in a table made by tools/make_dictionary.py. What is
not among them, and combinations that the section does not allow, are refused, never guessed at.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from dicomveil.dicom import iso2022
from dicomveil.dicom.iso2022 import ASCII, ESC, CodeSet, Repertoire
from dicomveil.dicom.packaged import packaged
from dicomveil.errors import BadValue

_TABLE = "character_sets.tsv"

# Sets whose characters may hold 0x5C as a later byte; they know no escapes.
_PAIRED = frozenset({"GB18030", "GBK"})
_ONE_BYTE_JIS = re.compile(rb"[\x00-\x7f\xa1-\xdf]*")
_EXTENSIBLE = "ISO 2022 "


class Charset(NamedTuple):
    """How text is written: one codec, or several that escape sequences switch between."""

    codec: str
    extended: Repertoire | None = None

    @staticmethod
    def of(terms: Sequence[str]) -> "Charset":
        """The character set that the values of (0008,0005) name; ASCII when there are none.

        Raises BadValue for a term that is not defined, and for several terms of which one
        cannot be used with others (PS3.3 C.12.1.1.2).
        """
        return _of(tuple(term.strip(" ") for term in terms))

    @property
    def is_paired(self) -> bool:
        """Whether a backslash may be the second byte of a character (GB18030, GBK)."""
        return self.codec in _PAIRED

    def decode(self, value: bytes, delimiters: bytes) -> str:
        """The text of the bytes; `delimiters` end the reach of an escape (PS3.5 §6.1.2.5.3).

        Raises BadValue for a byte or an escape sequence that the character set does not have.
        """
        if ESC in value:
            if self.extended is None:
                raise BadValue("an escape sequence in a character set without any")
            return iso2022.decode(value, self.extended, delimiters)
        if self.codec != "shift_jis" or _ONE_BYTE_JIS.fullmatch(value):
            try:
                return value.decode(self.codec)
            except UnicodeError:
                pass
        # Raised outside the handler: the codec's error holds the bytes.
        raise BadValue("a byte that the character set does not have")

    def encode(self, text: str, delimiters: str) -> bytes:
        """The bytes of the text; BadValue for a character that the character set does not have."""
        if "\x1b" in text:
            raise BadValue("an escape character in a text")
        try:
            value = text.encode(self.codec)
        except UnicodeError:
            value = None
        if value is not None and (self.codec != "shift_jis" or _ONE_BYTE_JIS.fullmatch(value)):
            return value
        if self.extended is not None:
            return iso2022.encode(text, self.extended, delimiters)
        raise BadValue("a character that the character set does not have")


DEFAULT = Charset("ascii")


@lru_cache(maxsize=256)
def _of(terms: tuple[str, ...]) -> Charset:
    if not any(terms):
        return DEFAULT
    if len(terms) == 1:
        return _single(terms[0])
    first = _single(terms[0] or "ISO 2022 IR 6")
    if first.extended is None or not all(term.startswith(_EXTENSIBLE) for term in terms[1:]):
        raise BadValue("character sets that cannot be used together")
    announced = [a_set for term in terms for a_set in _sets(term)]
    return first._replace(extended=first.extended._replace(announced=tuple(announced)))


def _single(term: str) -> Charset:
    """The character set of a first or only term."""
    sets = _sets(term)
    if any(a_set.is_wide for a_set in sets):
        raise BadValue("a multi-byte character set as the first one")
    codec = _terms()[term][0]
    if not term.startswith(_EXTENSIBLE):
        return Charset(codec)
    g0 = next((a_set for a_set in sets if not a_set.is_g1), ASCII)
    g1 = next((a_set for a_set in sets if a_set.is_g1), None)
    return Charset(codec, Repertoire(g0, g1, sets))


def _sets(term: str) -> tuple[CodeSet, ...]:
    if not term:
        return ()
    if term not in _terms():
        raise BadValue("a character set that is not a defined term of PS3.3 C.12.1.1.2")
    codec, escapes = _terms()[term]
    return tuple(CodeSet(codec, escape) for escape in escapes)


@cache
def _terms() -> dict[str, tuple[str, tuple[bytes, ...]]]:
    with packaged("dicom", _TABLE) as file:
        rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith("#")]
    return {
        term: (codec, tuple(bytes.fromhex(escape) for escape in escapes.split(",") if escape))
        for term, codec, escapes in rows
    }
