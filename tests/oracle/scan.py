"""What is true of a file's bytes: a strict walk of its own, for the gate's structural reasons.

It is no reader: it looks at headers and lengths only, notes every place where the bytes are not
what PS3.5 §7 and PS3.10 §7 say, and goes on as far as it can. It shares no code with the product.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from pydicom.datadict import get_entry

from tests.oracle.registry import SYNTAX, is_a

ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
UNDEFINED = 0xFFFFFFFF
LONG_VRS = frozenset("OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())
SHORT_VRS = frozenset("AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
DEFLATED = frozenset({"1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.95"})
IMPLICIT = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.20"})
BIG_ENDIAN = "1.2.840.10008.1.2.2"
BOUND = 64  # how deep sequences may nest


class Oddity(StrEnum):
    """A way in which bytes are not what PS3.5 and PS3.10 say."""

    TRUNCATED = "truncated"  # the file, or the holder, ends inside an element
    ODD_LENGTH = "odd length"  # a defined length is odd
    DUPLICATE = "duplicate"  # a tag twice in one data set
    OUT_OF_ORDER = "out of order"  # a tag lower than the one before it
    BAD_VR = "bad VR"  # two bytes where a VR should stand that name none
    STRAY_DELIMITER = "stray delimiter"  # an FFFE tag where an element should stand
    NO_DELIMITER = "no delimiter"  # an undefined length that its holder's end ends
    NOT_AN_ITEM = "not an item"  # something else where an item should start
    TRAILING = "trailing bytes"  # fewer than a header's bytes, or zeros, after the last element
    BROKEN_DEFLATE = "broken deflate stream"
    AFTER_DEFLATE = "bytes after the deflate stream"
    UNKNOWN_SYNTAX = "unknown transfer syntax"
    NO_SYNTAX = "no transfer syntax"  # file meta that does not name one
    OTHER_SYNTAX = "syntax says otherwise"  # explicit VR where it says implicit, or the reverse
    TOO_DEEP = "too deep"  # sequences nested beyond BOUND


@dataclass(frozen=True)
class Found:
    """One oddity and where it is."""

    oddity: Oddity
    path: str
    offset: int


@dataclass
class Facts:
    """What the strict walk saw."""

    part10: bool = False
    meta: bool = False
    syntax: str = ""
    elements: int = 0  # at the root, before anything broke
    found: list[Found] = field(default_factory=list)
    tags: set[int] = field(default_factory=set)  # at the root
    unknown_vr: int = 0  # public elements of VR UN that the dictionary knows
    start: int = 0  # the data set's first byte
    foreign: list[tuple[int, int, int, int]] = field(default_factory=list)  # see _undefined
    disguised: list[str] = field(default_factory=list)  # public elements under another VR

    def oddities(self) -> set[Oddity]:
        """The kinds that were found."""
        return {one.oddity for one in self.found}


class Stop(Exception):
    """The walk cannot go on from here."""


def scan(raw: bytes) -> Facts:
    """Walk a whole file and say what was found; never raises."""
    facts = Facts(part10=raw[128:132] == b"DICM")
    try:
        facts.start = _meta(raw, facts)
        body, form = _body(raw, facts.start, facts)
        for header in _Walk(body, form, facts).dataset(0, len(body), "", 0):
            facts.tags.add(header)
            facts.elements += 1
    except Stop:
        pass
    return facts


@dataclass(frozen=True)
class Form:
    """How elements are written."""

    explicit: bool
    order: str  # of struct: "<" or ">"


def _meta(raw: bytes, facts: Facts) -> int:
    """Where the data set starts, after the file meta when there is one."""
    at = 132 if facts.part10 else 0
    while raw[at : at + 2] == b"\x02\x00" and len(raw) >= at + 8:
        facts.meta = True
        tag, vr, value, length = _header(raw, at, Form(True, "<"))
        if vr not in LONG_VRS | SHORT_VRS:
            tag, vr, value, length = _header(raw, at, Form(False, "<"))
        if length == UNDEFINED or value + length > len(raw):
            facts.found.append(Found(Oddity.TRUNCATED, _text(tag), at))
            raise Stop
        if tag == 0x00020010:
            facts.syntax = raw[value : value + length].decode("ascii", "replace").rstrip("\0 ")
        at = value + length
    return at


def _body(raw: bytes, start: int, facts: Facts) -> tuple[bytes, Form]:
    """The data set's bytes, inflated when they are deflated, and how they are written."""
    if not facts.syntax:
        if facts.part10 or facts.meta:
            facts.found.append(Found(Oddity.NO_SYNTAX, "(0002,0010)", start))
        return raw[start:], _guess(raw[start : start + 8])
    if not is_a(SYNTAX, facts.syntax):
        facts.found.append(Found(Oddity.UNKNOWN_SYNTAX, "(0002,0010)", start))
        return raw[start:], _guess(raw[start : start + 8])
    form = Form(facts.syntax not in IMPLICIT, ">" if facts.syntax == BIG_ENDIAN else "<")
    if facts.syntax in DEFLATED:
        return _inflated(raw[start:], facts), form
    guessed = _guess(raw[start : start + 8])
    if len(raw) >= start + 8 and guessed.explicit != form.explicit:
        facts.found.append(Found(Oddity.OTHER_SYNTAX, "(0002,0010)", start))
        return raw[start:], guessed
    return raw[start:], form


def _inflated(packed: bytes, facts: Facts) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        body = inflater.decompress(packed) + inflater.flush()
    except zlib.error:
        facts.found.append(Found(Oddity.BROKEN_DEFLATE, "", 0))
        raise Stop from None
    if not inflater.eof:
        facts.found.append(Found(Oddity.BROKEN_DEFLATE, "", len(packed)))
    if inflater.unused_data.strip(b"\0"):
        facts.found.append(Found(Oddity.AFTER_DEFLATE, "", len(packed)))
    return body


def _guess(first: bytes) -> Form:
    """How the first element is written, by its VR's two letters and its group's byte order."""
    letters = first[4:6].decode("latin-1")
    explicit = letters in LONG_VRS | SHORT_VRS
    big = len(first) >= 2 and first[0] == 0 and first[1] != 0
    return Form(explicit, ">" if big else "<")


def _header(raw: bytes, at: int, form: Form) -> tuple[int, str, int, int]:
    """Tag, VR ("" when implicit or an item), first byte of the value, and length."""
    group, element = struct.unpack_from(form.order + "HH", raw, at)
    tag = group << 16 | element
    if not form.explicit or group == 0xFFFE:
        return tag, "", at + 8, struct.unpack_from(form.order + "I", raw, at + 4)[0]
    vr = raw[at + 4 : at + 6].decode("latin-1")
    if vr not in LONG_VRS:
        return tag, vr, at + 8, struct.unpack_from(form.order + "H", raw, at + 6)[0]
    if at + 12 > len(raw):
        return tag, vr, at + 12, 0
    return tag, vr, at + 12, struct.unpack_from(form.order + "I", raw, at + 8)[0]


def _text(tag: int) -> str:
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def _known_vr(tag: int) -> str:
    """The dictionary's VR of a public tag, "" when it knows none."""
    try:
        return "" if tag & 0x10000 else str(get_entry(tag)[0])
    except KeyError:
        return ""


@dataclass
class _Walk:
    raw: bytes
    form: Form
    facts: Facts

    def note(self, oddity: Oddity, path: str, at: int) -> None:
        self.facts.found.append(Found(oddity, path, at))

    def dataset(self, at: int, stop: int, where: str, depth: int) -> Iterator[int]:
        """Yield the tags of one data set that ends at `stop`."""
        last, seen = -1, set[int]()
        while at < stop:
            if not self.raw[at:stop].strip(b"\0"):
                self.note(Oddity.TRAILING, where, at)
                return
            if stop - at < 8:
                self.note(Oddity.TRUNCATED, where, at)
                raise Stop
            tag, vr, value, length = _header(self.raw, at, self.form)
            path = where + _text(tag)
            self._order(tag, last, seen, path, at)
            last = tag
            seen.add(tag)
            at = self.element((tag, vr, value, length), (at, stop), path, depth)
            yield tag

    def _order(self, tag: int, last: int, seen: set[int], path: str, at: int) -> None:
        if tag >> 16 == 0xFFFE:
            self.note(Oddity.STRAY_DELIMITER, path, at)
            raise Stop
        if tag in seen:
            self.note(Oddity.DUPLICATE, path, at)
        elif tag < last:
            self.note(Oddity.OUT_OF_ORDER, path, at)

    def element(
        self, header: tuple[int, str, int, int], span: tuple[int, int], path: str, depth: int
    ) -> int:
        """Look at one element and say where the next one starts."""
        tag, vr, value, length = header
        at, stop = span
        if self.form.explicit and vr not in LONG_VRS | SHORT_VRS:
            self.note(Oddity.BAD_VR, path, at)
            raise Stop
        known = _known_vr(tag)
        self._disguise(vr, known, path)
        if length == UNDEFINED:
            return self._undefined(header, span, path, depth)
        if length % 2:
            self.note(Oddity.ODD_LENGTH, path, at)
        if value + length > stop:
            self.note(Oddity.TRUNCATED, path, at)
            raise Stop
        if "SQ" in (vr or known, known if vr == "UN" else ""):
            self._as_written(vr).items(value, value + length, path, depth)
        return value + length

    def _disguise(self, vr: str, known: str, path: str) -> None:
        if vr == "UN" and known:
            self.facts.unknown_vr += 1
        elif vr and known and vr not in known.split(" or "):
            self.facts.disguised.append(f"{path} {known} as {vr}")

    def _as_written(self, vr: str) -> "_Walk":
        """PS3.5 §6.2.2: what is inside a UN element is implicit VR little endian."""
        return _Walk(self.raw, Form(False, "<"), self.facts) if vr == "UN" else self

    def _undefined(
        self, header: tuple[int, str, int, int], span: tuple[int, int], path: str, depth: int
    ) -> int:
        """A big-endian file's little-endian sequences are foreign: tag, start, value, end."""
        tag, vr, value, _ = header
        if tag == 0x7FE00010 and vr != "SQ":
            return self._fragments(value, span[1], path)
        end = self._as_written(vr).items(value, span[1], path, depth, bounded=False)
        if vr == "UN" and self.form.order == ">" and depth == 0:
            self.facts.foreign.append((tag, span[0], value, end))
        return end

    def _fragments(self, at: int, stop: int, path: str) -> int:
        while at + 8 <= stop:
            tag, _, value, length = _header(self.raw, at, self.form)
            if tag == SEQUENCE_END:
                return value
            if tag != ITEM or value + length > stop:
                self.note(Oddity.NOT_AN_ITEM if tag != ITEM else Oddity.TRUNCATED, path, at)
                raise Stop
            if length % 2:
                self.note(Oddity.ODD_LENGTH, path + "[fragment]", at)
            at = value + length
        self.note(Oddity.TRUNCATED, path, at)
        raise Stop

    def items(self, at: int, stop: int, path: str, depth: int, bounded: bool = True) -> int:
        """Walk the items of a sequence and say where it ends."""
        if depth >= BOUND:
            self.note(Oddity.TOO_DEEP, path, at)
            raise Stop
        index = 0
        while at + 8 <= stop:
            tag, _, value, length = _header(self.raw, at, self.form)
            if tag == SEQUENCE_END:
                return value
            if tag != ITEM:
                self.note(Oddity.NOT_AN_ITEM, path, at)
                raise Stop
            at = self._item(value, length, stop, f"{path}[{index}] > ", depth)
            index += 1
        if at != stop:
            self.note(Oddity.TRUNCATED, path, at)
            raise Stop
        if not bounded:
            self.note(Oddity.NO_DELIMITER, path, at)
        return at

    def _item(self, value: int, length: int, stop: int, where: str, depth: int) -> int:
        if length != UNDEFINED:
            if value + length > stop:
                self.note(Oddity.TRUNCATED, where, value)
                raise Stop
            for _ in self.dataset(value, value + length, where, depth + 1):
                pass
            return value + length
        return self._open_item(value, stop, where, depth)

    def _open_item(self, at: int, stop: int, where: str, depth: int) -> int:
        last, seen = -1, set[int]()
        while at + 8 <= stop:
            tag, vr, value, length = _header(self.raw, at, self.form)
            if tag == ITEM_END:
                return value
            path = where + _text(tag)
            self._order(tag, last, seen, path, at)
            last = tag
            seen.add(tag)
            at = self.element((tag, vr, value, length), (at, stop), path, depth + 1)
        self.note(Oddity.NO_DELIMITER, where, at)
        raise Stop
