"""Text that changes its character set midway by escape sequences (PS3.5 §6.1.2.5, ISO 2022).

Two sets are at hand at any moment: G0 for bytes below 0x80, G1 for those from 0x80. An escape
replaces one of them; a delimiter brings back those that the value began with.

Why not pydicom's charset module: it has no strict mode but a global one, reads bytes after
`ESC ( B` as Latin-1 whatever G1 is, leaves the escapes of ISO 2022 IR 58 in the text, and does not
know ISO 2022 IR 203. The tests hold this file to it where it is right. The codecs are Python's.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from dicomveil.errors import BadValue

ESC = b"\x1b"
_TO_ASCII = b"\x1b(B"

_TOKEN = re.compile(
    rb"(?P<escape>\x1b[\x20-\x2f]*[\x30-\x7e]?)"
    rb"|(?P<g1>[\x80-\xff]+)"
    rb"|(?P<reset>[\t\n\f\r])"  # PS3.5 §6.1.2.5.3; the delimiters differ by VR
    rb"|(?P<g0>[^\x1b\t\n\f\r\x80-\xff]+)"
)


class CodeSet(NamedTuple):
    """A character set as one escape sequence announces it."""

    codec: str
    escape: bytes

    @property
    def is_g1(self) -> bool:
        """Whether it is for bytes from 0x80: `ESC - F`, `ESC ) I`, `ESC $ ) C`."""
        return self.escape[-2:-1] in (b"-", b")")

    @property
    def is_wide(self) -> bool:
        """Whether a character has several bytes."""
        return self.escape[1:2] == b"$"


ASCII = CodeSet("ascii", _TO_ASCII)


class Repertoire(NamedTuple):
    """The sets that a value begins with, and those that its escapes may bring."""

    g0: CodeSet
    g1: CodeSet | None
    announced: Sequence[CodeSet]


def decode(value: bytes, sets: Repertoire, delimiters: bytes) -> str:
    """The text of the bytes; TAB, LF, FF, CR and each of `delimiters` bring back the first sets.

    Raises BadValue for an escape that was not announced and for a byte that its set does not have.
    """
    g0, g1 = sets.g0, sets.g1
    text: list[str] = []
    for token in _TOKEN.finditer(value):
        run = token[0]
        match token.lastgroup:
            case "escape":
                g0, g1 = _switched(_announced(run, sets), g0, g1)
            case "g1":
                text.append(_characters(run, g1))
            case "g0":
                text.append(_characters(run, g0))
                if not g0.is_wide and not set(delimiters).isdisjoint(run):
                    g1 = sets.g1
            case _:
                text.append(run.decode("ascii"))
                g0, g1 = sets.g0, sets.g1
    return "".join(text)


def encode(text: str, sets: Repertoire, delimiters: str) -> bytes:
    """The bytes of the text, each piece between delimiters beginning and ending in the first sets.

    Raises BadValue for a character that none of the sets has.
    """
    pieces = re.split(f"([\t\n\f\r{re.escape(delimiters)}])", text)
    return b"".join(_encode_piece(piece, sets) for piece in pieces)


def _encode_piece(piece: str, sets: Repertoire) -> bytes:
    g0, g1 = sets.g0, sets.g1
    out: list[bytes] = []
    for character in piece:
        a_set, code = _coded(character, (g0, g1, sets.g0, *sets.announced))
        if a_set not in (g0, g1):
            out.append(a_set.escape)
            g0, g1 = _switched(a_set, g0, g1)
        out.append(code)
    if g0.is_wide:
        out.append(sets.g0.escape)
    return b"".join(out)


def _coded(character: str, choices: Sequence[CodeSet | None]) -> tuple[CodeSet, bytes]:
    """The first of the sets that has the character, and the character's bytes in it."""
    for a_set in choices:
        code = b"" if a_set is None else _code(character, a_set)
        if a_set is not None and code:
            return a_set, code
    raise BadValue("a character that the character set does not have")


def _announced(escape: bytes, sets: Repertoire) -> CodeSet:
    for a_set in (ASCII, sets.g0, *sets.announced):
        if a_set.escape == escape:
            return a_set
    raise BadValue("an escape sequence that the character set does not announce")


def _switched(a_set: CodeSet, g0: CodeSet, g1: CodeSet | None) -> tuple[CodeSet, CodeSet | None]:
    return (g0, a_set) if a_set.is_g1 else (a_set, g1)


def _characters(run: bytes, a_set: CodeSet | None) -> str:
    if a_set is not None:
        coded = run if a_set.is_g1 or not a_set.is_wide else a_set.escape + run
        try:
            text = coded.decode(a_set.codec)
        except UnicodeError:
            text = ""
        # JIS X 0201 is one byte a character; its codec knows pairs of bytes too.
        if text and (a_set.codec != "shift_jis" or len(text) == len(run)):
            return text
    raise BadValue("a byte that the character set does not have")


def _code(character: str, a_set: CodeSet) -> bytes:
    """The bytes of one character without escapes; empty when the set does not have it."""
    try:
        coded = character.encode(a_set.codec)
    except UnicodeError:
        return b""
    if a_set.is_wide and not a_set.is_g1:
        return coded[len(a_set.escape) : -len(_TO_ASCII)] if coded.startswith(a_set.escape) else b""
    if a_set.codec == "shift_jis" and len(coded) > 1:
        return b""
    return coded if (coded[0] >= 0x80) == a_set.is_g1 else b""
