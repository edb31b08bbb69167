"""Look for the people of the original in the output, with fresh eyes.

The output is walked again from its bytes, as if nobody had known how it was made. Every value of
every VR is searched, file meta included, but for pixel data, which pixel engines look at. A hit is
a place, never a value.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from dicomveil.dicom.elements import Element
from dicomveil.dicom.forms import Form
from dicomveil.dicom.part10 import inflate, open_part10
from dicomveil.dicom.tags import PIXEL_TAGS
from dicomveil.dicom.walk import Bytes, walk
from dicomveil.engine.identity import SHORTEST_UID, Identity, is_term

_STEM: Final = 7
NUMERIC_TEXT: Final = frozenset({"DS", "IS", "TM"})
_DATES: Final = frozenset({"DA", "DT", "AS"})
_LONG_ENOUGH_ANYWHERE: Final = 6
LONGEST_CHANCE: Final = 7
LONGEST_RUN: Final = 64  # letters; a longer run is no word of any vocabulary


class Hit(NamedTuple):
    """A value that holds something identifying: its element's path and its first byte."""

    path: str
    offset: int


class Leaks(NamedTuple):
    """The hits of one output, in order; false when there is none."""

    hits: tuple[Hit, ...]

    def __bool__(self) -> bool:
        """Whether anything was found."""
        return bool(self.hits)


def verify(output: bytes, identity: Identity) -> Leaks:
    """Where `output`, a whole file, still holds something of `identity`.

    Raises InvalidDicom when the output does not walk: it is then unfit to be delivered.
    """
    part10 = open_part10(output)
    hits = _hits(output, part10.meta, identity)
    data, start = (output, part10.start)
    if part10.syntax.deflated:
        data, start = inflate(output[part10.start :]), 0
    return Leaks(tuple(hits + _hits(data, walk(data, part10.syntax.form, start), identity)))


def verify_run(data: bytes, form: Form, identity: Identity) -> Leaks:
    """Where a run of whole top-level elements still holds something of `identity`."""
    elements = walk(data, form)
    lowered = as_text(data)
    if not any(stem in lowered for stem in stems(identity.needles)):
        return Leaks(())
    return Leaks(tuple(_hits(data, elements, identity)))


def stems(needles: Iterable[bytes]) -> tuple[str, ...]:
    """The beginnings of the needles: where none of these is, no needle is, and they are fewer.

    The UIDs of a file share a root, so a quick look asks for one stem in place of thirty UIDs.
    """
    return tuple(sorted({as_text(needle[:_STEM]) for needle in needles}))


def as_text(data: bytes) -> str:
    """The bytes lower-cased and one character each: Python finds in text 7 times as fast."""
    return data.lower().decode("latin-1")


class Stems(NamedTuple):
    """What must not be left in values that a template lets stay."""

    words: Sequence[str]
    numbers: Sequence[str]  # in decimal text alone, where short numbers identify nobody

    def left_in(self, kept: bytes, decimals: bytes, uids: Iterable[bytes]) -> bool:
        """Whether one of them is in these values, or one of the file's own UIDs."""
        words, numbers = as_text(kept), as_text(decimals)
        for stem in self.words:
            if stem in words:
                return True
        for stem in self.numbers:
            if stem in numbers:
                return True
        both = words + "\0" + numbers
        for uid in as_text(b"\0".join(uids)).split("\0"):
            if uid in both and len(uid) >= SHORTEST_UID:
                return True
        return False


def _hits(data: Bytes, elements: Sequence[Element], identity: Identity) -> list[Hit]:
    return [
        Hit(element.path, element.value)
        for element in elements
        if element.vr not in ("SQ", "")
        and element.tag not in PIXEL_TAGS
        and holds(bytes(data[element.value : element.stop]).lower(), element.vr, identity)
    ]


def holds(value: bytes, vr: str, identity: Identity) -> bool:
    """Whether a lower-cased value of this VR holds a word, a number or a UID of the identity.

    Words and numbers are not looked for in UIDs, which are registered ones or keyed pseudonyms;
    short numbers not in decimal text, where chance writes them; words of the standard itself not
    in coded elements: a patient called Text does not make TEXT a leak.
    """
    if any(_holds_uid(value, uid) for uid in identity.uids):
        return True
    if vr == "UI":
        return False
    if vr in _DATES:
        if identity.dates_stay and vr != "AS":
            return False
        return any(_stands_in(value, number) for number in identity.numbers)
    if vr in NUMERIC_TEXT:
        return any(
            len(number) > LONGEST_CHANCE and _stands_in(value, number)
            for number in identity.numbers
        )
    if any(letters in value for letters in identity.letters):
        return True
    if any(_stands_in(value, number) for number in identity.numbers):
        return True
    found = (word for word in identity.words if _names(value, word))
    return any(vr != "CS" or not is_term(word) for word in found)


def _holds_uid(value: bytes, uid: bytes) -> bool:
    """Whether `uid` is in `value`, and not as the middle of a longer UID."""
    at = value.find(uid)
    while at >= 0:
        rest = value[at + len(uid) : at + len(uid) + 2]
        goes_on = rest[:1].isdigit() or (rest[:1] == b"." and rest[1:].isdigit())
        begins_before = at > 0 and (value[at - 1 : at].isdigit() or value[at - 1 : at] == b".")
        if not goes_on and not begins_before:
            return True
        at = value.find(uid, at + 1)
    return False


def _stands_in(value: bytes, needle: bytes) -> bool:
    """Whether `needle` is in `value`; a short one only with no letter or digit next to it."""
    return next(_places(value, needle), None) is not None


def _names(value: bytes, word: bytes) -> bool:
    """Whether `word` stands in `value`, and not only inside words of the vocabulary.

    A patient Corona is in "Corona", "CORONA2" and "MrCorona", but not in "coronal": what the text
    cleaner leaves for the same reason is no leak. In whatever is no such word, a name counts.
    """
    return any(not _is_in_a_word(value, at, word) for at in _places(value, word))


def _places(value: bytes, needle: bytes) -> Iterator[int]:
    at = value.find(needle)
    free = len(needle) >= _LONG_ENOUGH_ANYWHERE
    while at >= 0:
        after = at + len(needle)
        before = value[at - 1 : at] if at else b""
        if free or not (before.isalnum() or value[after : after + 1].isalnum()):
            yield at
        at = value.find(needle, at + 1)


def _is_in_a_word(value: bytes, at: int, name: bytes) -> bool:
    """Whether the letters around a name are, with it, one longer word of the vocabulary.

    Bytes that are not ASCII count as letters: no word of the vocabulary has them.
    """
    from dicomveil.policy.vocabulary import vocabulary  # most runs find nobody

    start, stop = at, at + len(name)
    if stop - start > LONGEST_RUN or not name.isalpha():
        return False
    while start > 0 and stop - start <= LONGEST_RUN and _is_letter(value[start - 1]):
        start -= 1
    while stop < len(value) and stop - start <= LONGEST_RUN and _is_letter(value[stop]):
        stop += 1
    return stop - start > len(name) and value[start:stop].decode("latin-1") in vocabulary()


def _is_letter(byte: int) -> bool:
    return 0x61 <= byte <= 0x7A or byte > 0x7F  # the value is in lower case
