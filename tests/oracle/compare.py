"""Where an output is not what was expected: element by element, with the kind of difference."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from tests.oracle.claims import (
    Absent,
    AnyOf,
    Claim,
    Cleaned,
    Codes,
    Dummy,
    DummyItem,
    Expectation,
    Items,
    Same,
    Tells,
    Written,
)
from tests.oracle.legality import FORMS, legal
from tests.oracle.people import People, folded
from tests.oracle.table import dummies, dummy_items
from tests.oracle.tree import Branch, Leaf, Node, Tree, effective_vr, text_of, words


class Kind(StrEnum):
    """How an output differs."""

    MISSING = "missing from the output"
    EXTRA = "should have been removed"
    VALUE = "another value"
    VR = "another VR"
    STRUCTURE = "another structure"


@dataclass(frozen=True)
class Difference:
    """One element that is not as expected."""

    path: str
    kind: Kind
    told: str

    def __str__(self) -> str:
        return f"{self.path}: {self.kind}: {self.told}"


def differences(wanted: Expectation, got: Tree, where: str = "") -> Iterator[Difference]:
    """Every element of one data set or item that is not as expected, in tag order."""
    for tag in sorted(wanted.keys() | got.keys()):
        path = f"{where}({tag >> 16:04X},{tag & 0xFFFF:04X})"
        claim = wanted.get(tag, Absent())
        yield from _of_element(claim, tag, got.get(tag), path)


def _of_element(claim: Claim, tag: int, got: Node | None, path: str) -> Iterator[Difference]:
    match claim, got:
        case AnyOf(), _:
            yield from _of_choices(claim, tag, got, path)
        case Absent(), None:
            return
        case Absent(), _:
            yield Difference(path, Kind.EXTRA, _told(got))
        case _, None:
            yield Difference(path, Kind.MISSING, f"wanted {_short(claim)}")
        case _, Leaf():
            yield from _of_value(claim, tag, got, path)
        case _, Branch():
            yield from _of_sequence(claim, tag, got, path)


def _of_choices(claim: AnyOf, tag: int, got: Node | None, path: str) -> Iterator[Difference]:
    found = [list(_of_element(one, tag, got, path)) for one in claim.choices]
    yield from min(found, key=len)


def _of_value(  # noqa: C901 - one case for each claim
    claim: Claim, tag: int, got: Leaf, path: str
) -> Iterator[Difference]:
    match claim:
        case Same(vr, raw):
            yield from _of_same(raw, {vr, effective_vr(tag, Leaf(vr, raw))}, got, path)
        case Written(raw):
            if got.raw != raw:
                yield Difference(path, Kind.VALUE, f"wanted {raw[:64]!r}, got {got.raw[:64]!r}")
        case Cleaned():
            yield from _of_cleaned(claim, tag, got, path)
        case Dummy(vr, old):
            yield from _of_dummy(vr, old, got, path)
        case Tells(word):
            values = got.raw.decode("ascii", "replace").split("\\")
            if not any(word in one for one in values) or any(len(one) > 64 for one in values):
                yield Difference(path, Kind.VALUE, f"{word} is not told, or at too much length")
        case Items(()) if not got.raw:  # pydicom reads an empty sequence of VR UN as no bytes
            return
        case _:
            yield Difference(path, Kind.STRUCTURE, f"wanted {_short(claim)}, got {_told(got)}")


def _of_same(raw: bytes, vrs: set[str], got: Leaf, path: str) -> Iterator[Difference]:
    if got.raw != raw:
        yield Difference(path, Kind.VALUE, f"{raw[:40]!r} became {got.raw[:40]!r}")
    if got.vr not in vrs:
        yield Difference(path, Kind.VR, f"{' or '.join(sorted(vrs))} became {got.vr}")


def _of_cleaned(claim: Cleaned, tag: int, got: Leaf, path: str) -> Iterator[Difference]:
    """Nobody is named any more, nothing was written, and what names nobody is there."""
    if got.raw == claim.old:
        old = _text(claim.old, claim.charsets)
        yield from _named(claim.people, old, path)
        return
    old, new = (_text(raw, claim.charsets) for raw in (claim.old, got.raw))
    if not claim.people.may_stand_in(old):
        yield Difference(path, Kind.VALUE, f"{old[:60]!r} names nobody, became {new[:60]!r}")
    elif not list(_of_element(claim.lost, tag, got, path)):
        return
    else:
        yield from _named(claim.people, new, path)
        letters = iter(old)
        if not all(letter in letters for letter in new if not letter.isspace()):
            yield Difference(path, Kind.VALUE, f"{new[:60]!r} was not all in {old[:60]!r}")
        words = folded(new)
        for word in claim.people.strangers_in(old):
            if word not in words:
                yield Difference(path, Kind.VALUE, f"{word!r} names nobody, and went")


def _named(people: People, text: str, path: str) -> Iterator[Difference]:
    for one in people.left_in(text):
        yield Difference(path, Kind.VALUE, f"still names {one!r}")


def _text(raw: bytes, charsets: tuple[str, ...]) -> str:
    return text_of({0: Leaf("LT", raw)}, 0, charsets).rstrip("\0 ")


def _of_sequence(claim: Claim, tag: int, got: Branch, path: str) -> Iterator[Difference]:
    match claim:
        case Items(items):
            if len(items) != len(got.items):
                told = f"wanted {len(items)} items, got {len(got.items)}"
                yield Difference(path, Kind.STRUCTURE, told)
                return
            for index, (wanted, item) in enumerate(zip(items, got.items, strict=True)):
                yield from differences(wanted, item, f"{path}[{index}] > ")
        case DummyItem(old):
            yield from _of_dummies(old, tag, got, path)
        case Codes(values, scheme):
            for value in values:
                if not any(_is_code(item, value, scheme) for item in got.items):
                    yield Difference(path, Kind.VALUE, f"no item is {value} of {scheme}")
        case _:
            yield Difference(path, Kind.STRUCTURE, f"a sequence, wanted {_short(claim)}")


def _is_code(item: Tree, value: str, scheme: str) -> bool:
    told = (words(item, 0x00080100), words(item, 0x00080102))
    return told == ([value], [scheme]) and bool(words(item, 0x00080104))


def _of_dummies(old: frozenset[bytes], tag: int, got: Branch, path: str) -> Iterator[Difference]:
    if len(got.items) != 1:
        yield Difference(path, Kind.STRUCTURE, f"{len(got.items)} items, wanted one dummy")
        return
    documented = {way: told for way, told in dummy_items().items() if way[0] == tag}
    constants = {value.encode() for _, value in documented.values()}  # they say nothing of the old
    yield from _leftovers(old - constants, got.items[0], f"{path}[0] > ")
    found = dict(_flat((tag,), got))
    if found.keys() != documented.keys():
        yield Difference(path, Kind.STRUCTURE, "not the elements of the documented dummy")
    for way in found.keys() & documented.keys():
        vr, value = documented[way]
        if vr in _WORDS and found[way].rstrip(b"\0 ") != value.encode():
            told = f"{found[way][:40]!r} is not the documented dummy"
            yield Difference(f"{path} > {way[-1]:08X}", Kind.VALUE, told)


def _flat(way: tuple[int, ...], node: Node) -> Iterator[tuple[tuple[int, ...], bytes]]:
    """Every element of a dummy by its path; a sequence has no bytes of its own."""
    match node:
        case Leaf(raw=raw):
            yield way, raw
        case Branch(items=items):
            yield way, b""
            for item in items:
                for tag, inner in item.items():
                    yield from _flat((*way, tag), inner)


def _leftovers(old: frozenset[bytes], item: Tree, where: str) -> Iterator[Difference]:
    """Old values of more than two bytes in an item of dummies, however deep."""
    for tag, node in item.items():
        path = f"{where}({tag >> 16:04X},{tag & 0xFFFF:04X})"
        match node:
            case Branch(items=items):
                for inner in items:
                    yield from _leftovers(old, inner, f"{path} > ")
            case Leaf(raw=raw):
                if len(raw.rstrip(b"\0 ")) > 2 and raw.rstrip(b"\0 ") in old:
                    yield Difference(path, Kind.VALUE, f"still {raw[:40]!r}")


SHAPES = {
    "DA": rb"\d{8}",
    "TM": rb"\d{2}(\d{2}(\d{2}(\.\d{1,6})?)?)? *",
    "DT": rb"\d{4,14}(\.\d{1,6})?([+-]\d{4})? *",
    "AS": rb"\d{3}[DWMY]",
    "UI": rb"[0-9.]{1,64}\0?",
}
_WORDS = frozenset(("AE", "CS", "DA", "DT", "LO", "PN", "SH", "ST", "TM", "UI", "UT"))
LONGEST = {"AE": 16, "SH": 16, "LO": 64, "ST": 1024, "LT": 10240, "PN": 194}


def _of_dummy(vr: str, old: bytes, got: Leaf, path: str) -> Iterator[Difference]:
    documented = dummies().get(vr, "").encode() if vr in {*SHAPES, *FORMS, *LONGEST} else b""
    if not got.raw.strip(b" "):
        yield Difference(path, Kind.VALUE, "empty, wanted a dummy")
    elif documented:
        if set(got.raw.rstrip(b" ").split(b"\\")) != {documented}:
            yield Difference(path, Kind.VALUE, f"{got.raw[:40]!r} is not the dummy of {vr}")
    elif got.raw.rstrip(b"\0 ") == old.rstrip(b"\0 "):
        yield Difference(path, Kind.VALUE, f"still {old[:40]!r}")
    elif not _legal(vr, got.raw):
        yield Difference(path, Kind.VALUE, f"{got.raw[:40]!r} is not legal for {vr}")


def _legal(vr: str, raw: bytes) -> bool:
    if vr in FORMS:
        return legal(vr, raw)
    if vr in SHAPES:
        return re.fullmatch(SHAPES[vr], raw) is not None
    return len(raw) <= LONGEST.get(vr, len(raw))


def _told(node: Node | None) -> str:
    match node:
        case Leaf(vr, raw):
            return f"{vr} {raw[:40]!r}"
        case Branch(items=items):
            return f"a sequence of {len(items)} items"
        case None:
            return "nothing"


def _short(claim: Claim) -> str:
    return str(claim)[:120]
