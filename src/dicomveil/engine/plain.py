"""A value as one line of plain text, whatever its VR: decoded, shortened, with nothing hidden.

A value may hold what a terminal obeys, or what turns a line of text around. Every character that
does not print is written as its escape, so that a value is only ever seen.
"""

from struct import Struct
from typing import Final

from dicomveil.dicom.elements import Element
from dicomveil.dicom.tags import tag_text
from dicomveil.dicom.values import TEXT_VRS
from dicomveil.engine.scene import Scene
from dicomveil.errors import BadValue

LONGEST: Final = 64  # characters of a text that are shown
_MOST_NUMBERS: Final = 8
_MOST_BYTES: Final = 16
_MOST_DECODED: Final = 1 << 16  # a longer text is no line: it is shown as bytes
_MORE: Final = "…"
_LETTERS: Final = "AT=HH FD=d FL=f OD=d OF=f OL=L OV=Q SL=l SS=h SV=q UL=L US=H UV=Q"
_NUMBERS: Final = dict(pair.split("=") for pair in _LETTERS.split())


def plain(scene: Scene, element: Element) -> str:
    """The element's value in one line; "" for a sequence, an item, or when there is none."""
    if element.vr in {"", "SQ"} or element.length <= 0:
        return ""
    if element.vr in TEXT_VRS and element.length <= _MOST_DECODED:
        return _text(scene, element)
    layout = _NUMBERS.get(element.vr)
    if layout is not None:
        packed = Struct(element.form.order + layout)
        if element.length % packed.size == 0:
            return _numbers(_first(scene, element, _MOST_NUMBERS * packed.size), element, packed)
    return _bytes(scene, element)


def printable(text: str) -> str:
    r"""The text with each character that does not print as an escape, such as `\x1b`."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _text(scene: Scene, element: Element) -> str:
    try:
        text = scene.text(element)
    except BadValue:  # each byte that is not ASCII is an escape then
        text = scene.raw(element).rstrip(b"\0 ").decode("ascii", "backslashreplace")
    shown = printable(text[:LONGEST])
    return shown + _MORE if len(text) > LONGEST else shown


def _numbers(value: bytes, element: Element, packed: Struct) -> str:
    found = packed.iter_unpack(value)
    if element.vr == "AT":
        shown = [tag_text(group << 16 | number) for group, number in found]
    else:
        shown = [f"{n:.9g}" if isinstance(n, float) else str(n) for (n,) in found]
    return "\\".join(shown) + (_MORE if len(value) < element.length else "")


def _bytes(scene: Scene, element: Element) -> str:
    """The first bytes: as text when all of them print, as most private values do, else as hex."""
    value = _first(scene, element, LONGEST)
    text = value.rstrip(b"\0 ").decode("latin-1")
    if text and text.isascii() and text.isprintable():
        return text + (_MORE if element.length > LONGEST else "")
    more = _MORE if element.length > _MOST_BYTES else ""
    return value[:_MOST_BYTES].hex(" ") + more


def _first(scene: Scene, element: Element, most: int) -> bytes:
    return bytes(scene.data[element.value : min(element.stop, element.value + most)])
