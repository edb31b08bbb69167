"""What options make of a value: moved, cleaned, kept, hashed, or as the Basic Profile has it."""

import re
import struct

from tests.oracle.about import About
from tests.oracle.claims import EMPTY, Absent, AnyOf, Claim, Cleaned, Dummy, Same, Written
from tests.oracle.dates import days, moved, moved_count
from tests.oracle.legality import FORMS, legal
from tests.oracle.presets import TIMEZONE, Preset, Way
from tests.oracle.privates import (
    BYTES,
    CODED,
    KNOWN,
    SAFE,
    SIZES,
    TEXTS,
    known_to_be,
    said,
    step,
    vr_of,
)
from tests.oracle.pseudonyms import normal, padded, uids, uids_in_text, word
from tests.oracle.table import own_dummies
from tests.oracle.tree import Leaf, Node, Tree, effective_vr, text_of

SHAPES = {
    "DA": rb"((\d{8}|\d{4}\.\d\d\.\d\d)?[ \0]*)",
    "TM": rb"(([01]\d|2[0-3])([0-5]\d([0-5]\d(\.\d{1,6})?)?)?)?[ \0]*",
    "DT": rb"(\d{4}(\d\d){0,5}(\.\d{1,6})?([+-]\d{4})?)?[ \0]*",
    "AS": rb"\d{3}[DWMY]",
    "UI": rb"((0|[1-9]\d*)(\.(0|[1-9]\d*))*)?",
}


TEXTS_CLEANED = "clean-descriptors"
DATED = {"retain-full-dates", "retain-modified-dates"}


def by_options(  # noqa: C901 - one case for each way
    way: Way, tag: int, tree: Tree, about: About, basic: Claim
) -> Claim:
    """What becomes of a public value that goes this way."""
    node = tree[tag]
    assert isinstance(node, Leaf)
    vr, same = effective_vr(tag, node), Same(node.vr, node.raw)
    match way:
        case Way.KEPT:
            return same
        case Way.IF_LEGAL if vr == "AS":
            rare = re.sub(rb"(0[9]|[1-9]\d)\dY", b"090Y", node.raw)
            return if_legal(vr, same, basic) if rare == node.raw else Written(rare)
        case Way.IF_LEGAL:
            return if_legal(vr, same, basic)
        case Way.OWN_UID:
            return if_legal(vr, same, AnyOf((Absent(), EMPTY, basic)))
        case Way.MOVED | Way.TRUE:
            return _moved(tag, vr, same, about, basic)
        case Way.CLEANED | Way.SPARED:
            return _cleaned(tag, vr, node, about)
        case Way.HASHED:
            text = normal(text_of(tree, tag, about.charsets))
            return Written(padded(word(about.key, "value", text.encode()))) if text else same
        case Way.RECURSED:  # bytes where a sequence should be
            return Absent()


def if_legal(vr: str, same: Same, lost: Claim) -> Claim:
    """Kept when legal for the VR; zeros after a legal value leave the choice."""
    if _legal(vr, same.raw):
        return same
    zero_padded = _legal(vr, same.raw.rstrip(b"\0"))  # of that the prose does not speak
    return AnyOf((same, lost)) if zero_padded else lost


def _legal(vr: str, raw: bytes) -> bool:
    if vr in FORMS:
        return legal(vr, raw)
    return all(re.fullmatch(SHAPES[vr], one.rstrip(b"\0 ")) for one in raw.split(b"\\") if one)


def filled(tag: int, node: Leaf, claim: Claim, about: About) -> Claim:
    """What arrives empty although it is of Type 1 gets a dummy in the archive's preset."""
    vr = effective_vr(tag, node)
    if about.preset is not Preset.TCIA or about.type_of(tag) != "1" or vr in {"UI", "UN", "SQ"}:
        return claim
    if node.raw.strip(b" ") or isinstance(claim, Absent):
        return claim
    own = own_dummies().get((tag, vr))
    return Dummy(vr, node.raw) if own is None else Written(own)


def _moved(tag: int, vr: str, same: Same, about: About, basic: Claim) -> Claim:
    if tag == TIMEZONE:
        return same if re.fullmatch(rb"([+-]\d{4})? *", same.raw) else basic
    shift = days(about.key, about.patient.message or b"")
    if about.preset.longitudinal == b"UNMODIFIED":
        shift = 0
    new = moved(vr, same.raw, shift)
    if new is None:
        return basic
    return same if new == same.raw else Written(new)


def _cleaned(tag: int, vr: str, node: Leaf, about: About) -> Claim:
    lost = Dummy(vr, node.raw) if about.type_of(tag) in {"1", "1C"} else EMPTY
    return Cleaned(node.vr, node.raw, about.charsets, about.people, lost)


def word_of_tables(vr: str, way: tuple[str, ...], preset: Preset) -> str | None:
    """What is to become of a private element, by the tables that the preset asks."""
    tables = (KNOWN, SAFE) if preset is Preset.TCIA else (SAFE,)
    return next((word for table in tables if (word := said(table, way, vr))), None)


def creator_of(tag: int, tree: Tree) -> str:
    """Who has reserved the block that a private element is in; "" for an orphan."""
    node = tree.get(tag & 0xFFFF0000 | (tag & 0xFFFF) >> 8)
    if tag & 0xFFFF < 0x1000 or not isinstance(node, Leaf):
        return ""
    return node.raw.decode("latin-1").strip("\0 ").upper()


def is_creator(tag: int) -> bool:
    """Whether the element reserves a private block."""
    return bool(tag & 0x10000) and 0x10 <= tag & 0xFFFF <= 0xFF


def deleted_inside(tag: int, node: Node, about: About) -> bool:
    """Whether the archive deletes a standard element in this private sequence."""
    if about.preset is not Preset.TCIA or not any(one.count(",") > 1 for one in about.way):
        return False
    return said(KNOWN, (*about.way, step(tag, "")), effective_vr(tag, node)) == "delete"


def private_sequence_stays(tag: int, tree: Tree, about: About) -> bool:
    """Whether a private sequence is looked into."""
    creator = creator_of(tag, tree)
    way = (*about.way, step(tag, creator))
    word = word_of_tables("SQ", way, about.preset) if creator else None
    return word in {"keep", "container"} and about.owned


def private_value(tag: int, node: Leaf, tree: Tree, about: About) -> Claim:
    """What becomes of a private value."""
    creator = creator_of(tag, tree)
    if not creator or not about.owned:
        return Absent()
    way = (*about.way, step(tag, creator))
    vr = vr_of(way, node.raw) if node.vr in {"UN", ""} else node.vr
    word = word_of_tables(vr, way, about.preset)
    if word == "keep" and vr in BYTES:
        claim = _bytes(known_to_be(way), node)
    else:
        claim = _by_word(word, vr, tag, node, about) if word else Absent()
    return AnyOf((claim, Absent(), Same(node.vr, node.raw))) if about.declared else claim


def _by_word(word: str, vr: str, tag: int, node: Leaf, about: About) -> Claim:
    same = Same(node.vr, node.raw)
    match word:
        case "keep" if vr == "UI":
            return Written(uids(about.key, node.raw))
        case "keep" if vr in TEXTS and TEXTS_CLEANED not in about.preset.options:
            return same
        case "keep" if vr in TEXTS:
            return Cleaned(node.vr, node.raw, about.charsets, about.people, EMPTY)
        case "keep" if vr in CODED:
            return if_legal(vr, same, Absent())
        case "keep" if vr in SIZES:
            return same
        case "keep" | "shift-date" | "epoch-date" if not DATED & set(about.preset.options):
            return Absent()
        case "keep" | "shift-date" if vr in {"DA", "DT", "TM"}:
            return _moved(tag, vr, same, about, Absent())
        case _:
            return _marked(word, vr, tag, node, about)


def _bytes(known: str, node: Leaf) -> Claim:
    """Bytes stay where they are the known number; what is neither text nor framed goes."""
    same, raw = Same(node.vr, node.raw), node.raw
    if known in SIZES:
        whole = len(raw) % SIZES[known] == 0
        return (
            same if whole and len(raw) <= 8 else AnyOf((same, Absent()) if whole else (Absent(),))
        )
    framed = raw.startswith((b"SV10", b"\xfe\xff\0\xe0"))
    controls = any(byte < 32 and byte not in b"\t\n\f\r\x1b" for byte in raw.rstrip(b"\0 "))
    return Absent() if controls and not framed else AnyOf((same, Absent()))


def _marked(word: str, vr: str, tag: int, node: Leaf, about: About) -> Claim:
    """What the archive knows to be a date or a UID in another VR."""
    same = Same(node.vr, node.raw)
    match word:
        case "shift-date" if vr not in BYTES:
            return _moved(tag, vr, same, about, Absent())
        case "hash-uid" if vr == "UI":
            return Written(uids(about.key, node.raw))
        case "hash-uid" if vr in TEXTS:
            new = uids_in_text(about.key, node.raw)
            left = Cleaned(node.vr, new, about.charsets, about.people, EMPTY)
            return Absent() if new == node.raw else AnyOf((left, Absent()))
        case "epoch-date":
            return _epoch(vr, same, about)
        case _:
            return Absent()


def _epoch(vr: str, same: Same, about: About) -> Claim:
    """A number that counts from 1970; of one in a text only that it is not the old one."""
    shift = days(about.key, about.patient.message or b"")
    if vr not in _COUNTS:
        return AnyOf((Absent(), Dummy(vr, same.raw)))
    form = struct.Struct((">" if about.big else "<") + _COUNTS[vr])
    if len(same.raw) != form.size:
        return Absent()
    (value,) = form.unpack(same.raw)
    try:
        new = form.pack(moved_count(value, shift))
    except struct.error:
        return Absent()
    return same if new == same.raw else Written(new)


_COUNTS = {"SL": "i", "UL": "I", "SV": "q", "UV": "Q", "FD": "d"}
