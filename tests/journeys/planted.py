"""Data sets with the identifiers of one made-up patient in places of all kinds.

The patient is told at the root, as in every real object; the same words then stand in elements of
any tag, VR, nesting and encoding. None of them may come out.
"""

from typing import NamedTuple

from hypothesis import strategies as st

from dicomveil.dicom.dictionary import all_tags, vr_of
from dicomveil.dicom.forms import LONG_VRS, SHORT_VRS
from tests.builders import (
    BIG_ENDIAN,
    CT,
    DEFLATED,
    EXPLICIT,
    IMPLICIT,
    JPEG,
    El,
    Ends,
    Item,
    meta,
    part10,
    with_elements,
)

ROOT_UID = "1.2.826.0.1.3680043.9.77"
UIDS = tuple(f"{ROOT_UID}.{number}" for number in (101, 202, 303, 404, 505))
NUMBERS = ("MRN77312345", "ACCQ8823177", "19530417")
ASCII_NAME = "Zaphodbeeble^Trillianx"


class Writing(NamedTuple):
    """A character set: its terms, Python's codec for it, and a name that it can write."""

    terms: str
    codec: str
    name: str


WRITINGS = (
    Writing("", "ascii", ASCII_NAME),
    Writing("ISO_IR 100", "latin-1", "Müllerßon^Jürgenä"),
    Writing("ISO_IR 144", "iso8859_5", "Люкceмбypг^Иванов"),
    Writing("ISO_IR 192", "utf-8", "Wang王^小东=王^小东"),
    Writing("GB18030", "gb18030", "Wangxiao^Dongdong=王小^东东"),
    Writing("\\ISO 2022 IR 87", "iso2022_jp", "Yamadaxyz^Tarouxyz=山田川本^太郎次郎"),
    Writing("\\ISO 2022 IR 149", "euc_kr", "Hongxyz^Gildongx=\x1b$)C홍길^\x1b$)C길동"),
)


class Planted(NamedTuple):
    """A file, and the words that must not come out of it."""

    data: bytes
    words: tuple[str, ...]

    def spellings(self) -> set[bytes]:
        """Every word in every encoding that could write it, in lower case."""
        found = set()
        for word in self.words:
            for writing in WRITINGS:
                try:
                    found.add(word.encode(writing.codec).lower())
                except UnicodeEncodeError:
                    continue
        return {spelling for spelling in found if len(spelling) >= 4}


def _name_words(name: str) -> list[str]:
    return [part for group in name.split("=") for part in group.replace("\x1b$)C", "").split("^")]


def patient(writing: Writing) -> list[El]:
    """The elements that tell who the object is about."""
    name = writing.name.encode(writing.codec) if "\x1b" not in writing.name else _korean(writing)
    told = [
        El(0x00080016, "UI", CT),
        El(0x00080018, "UI", UIDS[0]),
        El(0x00080050, "SH", NUMBERS[1]),
        El(0x00080060, "CS", "CT"),
        El(0x00100010, "PN", name),
        El(0x00100020, "LO", NUMBERS[0]),
        El(0x00100030, "DA", NUMBERS[2]),
        El(0x0020000D, "UI", UIDS[1]),
        El(0x0020000E, "UI", UIDS[2]),
        El(0x00200052, "UI", UIDS[3]),
        El(0x00081195, "UI", UIDS[4]),
    ]
    return with_elements(told, El(0x00080005, "CS", writing.terms)) if writing.terms else told


def _korean(writing: Writing) -> bytes:
    """The name with its escapes, which the codec does not write."""
    parts = writing.name.split("\x1b$)C")
    return b"\x1b$)C".join(part.encode(writing.codec) for part in parts)


KNOWN = sorted(tag for tag in all_tags() if 0x00080000 < tag < 0x7FE00000 and tag >> 16 != 0x0004)
FRAMES = (0x00080005, 0x00080016, 0x00080018, 0x00280010, 0x00420011, 0x00041220)
tags = st.one_of(
    st.sampled_from(KNOWN),
    st.sampled_from(KNOWN),
    st.builds(lambda g, e: (g | 1) << 16 | e, st.integers(9, 0x70), st.integers(0x10, 0x11FF)),
    st.builds(lambda g, e: 0x60000000 | g << 17 | e, st.integers(0, 15), st.integers(0x10, 0x4000)),
    st.builds(lambda g, e: g << 17 | e, st.integers(4, 0x3000), st.integers(0, 0xFFFF)),
).filter(lambda tag: tag not in FRAMES and not tag & 0xFFFF == 0)


@st.composite
def values(draw: st.DrawFn, vr: str, writing: Writing) -> bytes:
    """A value that holds one of the words, or several, as careless people write them."""
    words = [*UIDS, *NUMBERS, *_name_words(writing.name), writing.name.replace("\x1b$)C", "")]
    word = draw(st.sampled_from(words))
    spelled = draw(st.sampled_from([str, str.upper, str.lower]))(word)
    codec = draw(st.sampled_from([writing.codec, "utf-8"]))
    before = draw(st.sampled_from(["", "", "seen by ", "a\\", "1\\", "("]))
    after = draw(st.sampled_from(["", "", " today", "\\b", "\\2", ".", ")"]))
    text = (before + spelled + after).encode(codec, "replace")
    size = {"US": 2, "SS": 2, "AT": 4, "FL": 4, "UL": 4, "SL": 4, "OF": 4, "OL": 4}.get(vr, 2)
    size = 8 if vr in ("FD", "OD", "OV", "UV", "SV") else size
    return text + b" " * (-len(text) % size)


@st.composite
def elements(draw: st.DrawFn, writing: Writing, depth: int) -> El:
    """An element of any tag and VR, with a word in it somewhere."""
    tag = draw(tags)
    natural = vr_of(tag) or "UN"
    vr = draw(st.sampled_from([natural, natural, natural, *sorted(LONG_VRS | SHORT_VRS)]))
    if vr != "SQ" and depth > 0 and draw(st.integers(0, 3)) == 0:
        vr = "SQ"
    if vr != "SQ":
        wire = draw(st.sampled_from(["", "", "", "UN"]))
        return El(tag, vr, draw(values(vr, writing)), wire=wire)
    items = [
        Item(tuple(draw(data_sets(writing, depth - 1))), draw(st.sampled_from(Ends)))
        for _ in range(draw(st.integers(0, 2)) if depth > 0 else 0)
    ]
    return El(tag, "SQ", items, draw(st.sampled_from(Ends)), draw(st.sampled_from(["", "", "UN"])))


@st.composite
def data_sets(draw: st.DrawFn, writing: Writing, depth: int) -> list[El]:
    """A few elements in order."""
    return with_elements([], *draw(st.lists(elements(writing, depth), max_size=6)))


@st.composite
def files(draw: st.DrawFn) -> Planted:
    """A whole file about the patient."""
    writing = draw(st.sampled_from(WRITINGS))
    told = patient(writing)
    more = [e for e in draw(data_sets(writing, 3)) if e.tag not in {t.tag for t in told}]
    syntax = draw(st.sampled_from([EXPLICIT, IMPLICIT, BIG_ENDIAN, DEFLATED, JPEG]))
    private = El(0x00020102, "OB", ASCII_NAME.encode())
    extra = draw(st.sampled_from([(), (El(0x00020016, "AE", NUMBERS[0]),), (private,)]))
    data = part10(with_elements(told, *more), syntax)
    if extra:
        head = bytes(128) + b"DICM" + meta(UIDS[0], syntax)
        data = (
            b"\0".join([ASCII_NAME.encode(), b""]).ljust(128, b"\0")
            + data[128:132]
            + meta(UIDS[0], syntax, extra=extra)
            + data[len(head) :]
        )
    words = (*UIDS, *NUMBERS, *_name_words(writing.name), *_name_words(ASCII_NAME))
    return Planted(data, tuple(word for word in words if word))
