"""Clean bytes of which nobody says how they are written: values of UN and of private elements.

Read as the data set's character set, as UTF-8 or as Latin-1, whichever first makes text of them,
they are cleaned as text. What is no text, with its counts and offsets, keeps its length: known
values are overwritten with spaces where they stand, in ASCII and in the bytes of the character set.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from dicomveil.dicom.charsets import DEFAULT, Charset
from dicomveil.engine.cleaning import Known, Wording
from dicomveil.engine.cleaning_cuts import merged
from dicomveil.engine.cleaning_finds import SHORT_CODE, SHORT_NAME, View, finds
from dicomveil.engine.cleaning_folds import folded
from dicomveil.engine.cleaning_needles import Law, Needle
from dicomveil.errors import BadValue

_NO_TEXT: Final = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f-\x9f]")
_ESCAPES: Final = re.compile(rb"\x1b[\x20-\x2f]{0,3}[\x30-\x7e]")
_LEAST_BYTES: Final = 3
_UTF_8: Final = Charset("utf-8")
_LATIN_1: Final = Charset("latin-1")


class CleanBytes(NamedTuple):
    """Bytes as they may leave, of any length: the caller pads. Counted as CleanText counts."""

    value: bytes
    known: int = 0
    shapes: int = 0
    emptied: bool = False

    def __repr__(self) -> str:
        """The counts, never the bytes."""
        return f"<CleanBytes: {self.known} known, {self.shapes} shapes>"


def clean_bytes(
    value: bytes, known: Known, charset: Charset = DEFAULT, wording: Wording = Wording.KEPT
) -> CleanBytes:
    """The bytes without what is known of the people, and as text without identifying shapes.

    What is no text is emptied by `STRICT`, for nobody can explain it; so is a text that cannot be
    written again after something was cut from it.
    """
    for reading in (charset, _UTF_8, _LATIN_1):
        text = _text(value, reading)
        if text is not None:
            return _as_text(value, text, reading, known, wording)
    if wording is Wording.STRICT:
        return CleanBytes(b"", emptied=True)
    spans = merged((*_ascii_spans(value, known), *_encoded_spans(value, known, charset)))
    return CleanBytes(_blanked(value, spans), known=len(spans))


def _text(value: bytes, reading: Charset) -> str | None:
    """The text of the bytes in this character set; None when they are none."""
    try:
        text = reading.decode(value.rstrip(b"\0 "), b"\\\r\n")
    except BadValue:
        return None
    return None if _NO_TEXT.search(text) else text


def _as_text(
    value: bytes, text: str, reading: Charset, known: Known, wording: Wording
) -> CleanBytes:
    clean = known.clean(text, wording)
    if clean.text == text:
        return CleanBytes(value, clean.known, clean.shapes, clean.emptied)
    try:
        written = reading.encode(clean.text, "\\\r\n")
    except BadValue:
        return CleanBytes(b"", clean.known, clean.shapes, emptied=True)
    return CleanBytes(written, clean.known, clean.shapes, clean.emptied)


def _ascii_spans(value: bytes, known: Known) -> list[tuple[int, int]]:
    """Where known values stand in ASCII or Latin-1; two or three letters are chance in bytes."""
    view = View(folded(value.decode("latin-1")))
    found = finds(view, filter(_is_no_chance, known.needles), known.names)
    return [view.folded.span(*span) for span in found]


def _is_no_chance(needle: Needle) -> bool:
    least = SHORT_NAME if needle.law in (Law.NAME, Law.WORD) else SHORT_CODE
    return needle.law is not Law.CUED and len(needle.text) >= least


def _encoded_spans(value: bytes, known: Known, charset: Charset) -> Iterator[tuple[int, int]]:
    """Where names that are not ASCII stand in the codecs of the character set, or in UTF-8."""
    announced = charset.extended.announced if charset.extended else ()
    codecs = {charset.codec, *(one.codec for one in announced), "utf-8", "utf-16-le", "utf-16-be"}
    for text in known.spelled:
        for codec in codecs:
            yield from _places(value, _bytes_of(text, codec))


def _bytes_of(text: str, codec: str) -> bytes:
    """The text in this codec without escape sequences; b"" when the codec has not its letters."""
    try:
        return _ESCAPES.sub(b"", text.encode(codec))
    except (UnicodeEncodeError, LookupError):
        return b""


def _places(value: bytes, needle: bytes) -> Iterator[tuple[int, int]]:
    at = value.find(needle) if len(needle) >= _LEAST_BYTES else -1
    while at >= 0:
        yield at, at + len(needle)
        at = value.find(needle, at + len(needle))


def _blanked(value: bytes, spans: list[tuple[int, int]]) -> bytes:
    """The bytes with spaces in place of the spans."""
    blanked = bytearray(value)
    for start, stop in spans:
        blanked[start:stop] = b" " * (stop - start)
    return bytes(blanked)
