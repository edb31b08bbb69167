"""What the tables of private elements say of one, read anew from their lines."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

SAFE, KNOWN, VRS = "private_safe.tsv", "private_tcia.tsv", "private_vrs.tsv"
TABLES = files("dicomveil") / "policy" / "tables"
TEXTS = frozenset("LO LT SH ST UC UT".split())
CODED = frozenset("AS CS DS IS".split())
BYTES = frozenset("OB OD OF OL OV OW UN".split())
SIZES = {"US": 2, "SS": 2, "UL": 4, "SL": 4, "FL": 4, "AT": 4, "FD": 8, "SV": 8, "UV": 8}

Way = tuple[str, ...]
"""The sequences around an element and itself, as the tables write them."""


def step(tag: int, creator: str) -> str:
    """An element as the tables write it."""
    if creator:
        return f"({tag >> 16:04X},{creator},{tag & 0xFF:02X})"
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def said(table: str, way: Way, vr: str) -> str | None:
    """The word of a table for an element read with this VR."""
    place = way[-1:] if table == SAFE else way
    found = _words(table).get((place, vr))
    if found is None and _words(VRS).get((way[-1:], vr)):
        return _words(table).get((place, "UN"))
    return found


def vr_of(way: Way, raw: bytes) -> str:
    """The VR that a table knows and that the bytes can be of."""
    known = [vr for (place, vr) in _places(VRS).get(way[-1:], ()) if _can_be(raw, vr)]
    return known[0] if known else "UN"


def known_to_be(way: Way) -> str:
    """The VR that a table knows of the element, whatever its bytes are; "" for none."""
    return next((vr for _, vr in _places(VRS).get(way[-1:], ())), "")


def _can_be(raw: bytes, vr: str) -> bool:
    if vr in SIZES:
        return len(raw) % SIZES[vr] == 0
    texts = TEXTS | CODED | {"DA", "DT", "TM", "UI", "PN", "AE", "UR"}
    return vr in texts and not any(byte < 32 and byte not in b"\t\n\f\r\x1b" for byte in raw[:-1])


@cache
def _places(table: str) -> Mapping[Way, tuple[tuple[Way, str], ...]]:
    found: dict[Way, tuple[tuple[Way, str], ...]] = {}
    for way, vr in _words(table):
        found[way] = (*found.get(way, ()), (way, vr))
    return found


@cache
def _words(table: str) -> Mapping[tuple[Way, str], str]:
    lines = (TABLES / table).read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    found: dict[tuple[Way, str], str] = {}
    for above, group, creator, word, elements in rows:
        for element in elements.split("; "):
            number, vrs = element.split(" ")
            tag = int(group, 16) << 16 | int(number, 16)
            way = (*filter(None, above.split(" > ")), step(tag, creator))
            found |= {(way, vr): word for vr in vrs.split(",")}
    return found
