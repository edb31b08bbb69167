"""What a preset must make of one file: the oracle.

Written from Table E.1-1, the prose of the capability and docs/pseudonyms.md, with pydicom's data
sets; it shares no code with the product, so that a mistake would have to be made twice.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tests.oracle import presets
from tests.oracle.about import About
from tests.oracle.claims import (
    EMPTY,
    Absent,
    AnyOf,
    Claim,
    Codes,
    Dummy,
    DummyItem,
    Expectation,
    Items,
    Same,
    Tells,
    Written,
)
from tests.oracle.optioned import (
    by_options,
    creator_of,
    deleted_inside,
    filled,
    if_legal,
    is_creator,
    private_sequence_stays,
    private_value,
)
from tests.oracle.overlays import PIXELS, without_overlays
from tests.oracle.people import people_of
from tests.oracle.presets import Preset
from tests.oracle.privates import step
from tests.oracle.pseudonyms import (
    PATIENT_ID,
    normal,
    own_patient,
    padded,
    patient_of,
    registered_or_new,
    uids,
    word,
)
from tests.oracle.scan import scan
from tests.oracle.table import Fate, fate, own_dummies
from tests.oracle.tree import (
    Branch,
    Leaf,
    Node,
    Tree,
    Unreadable,
    charsets_of,
    effective_vr,
    read,
    text_of,
)
from tests.oracle.types import asks
from tests.oracle.verdict import (
    Pixels,
    Reason,
    Source,
    is_native,
    must,
    tolerated,
    unreadable,
)

PATIENT_NAME, ACCESSION, STUDY_ID = 0x00100010, 0x00080050, 0x00200010
DECLARATIONS = 0x00080300
SAFE_PRIVATE = "retain-safe-private"
OF_TEXT = {ACCESSION: "accession", STUDY_ID: "study-id"}
INSERTED: Expectation = {
    0x00120062: Written(b"YES "),
    0x00120063: Tells("dicomveil"),
    0x00120064: Codes(("113100",), "DCM"),
    0x00280303: Written(b"REMOVED "),
}


@dataclass(frozen=True)
class Expected:
    """The file is delivered with this content; or quarantined, where a reason allows that."""

    meta: Expectation
    body: Expectation
    tolerated: tuple[Reason, ...]


@dataclass(frozen=True)
class Quarantined:
    """The file must not be delivered; one of these reasons says why."""

    reasons: tuple[Reason, ...]


def expected(
    path: Path, key: bytes, pixels: Pixels = Pixels.UNPROVEN, preset: Preset = Preset.BASIC
) -> Expected | Quarantined:
    """What must become of a file under a preset."""
    raw = path.read_bytes()
    facts = scan(raw)
    try:
        source = Source(raw, facts, read(path))
    except Unreadable:
        return Quarantined(unreadable(facts))
    reasons = must(source, pixels)
    if reasons:
        return Quarantined(reasons + tolerated(source, pixels))
    body = expected_body(
        source.read.body, key, _sop_class(source), preset, big=not source.read.little
    )
    masked = without_overlays(
        source.read.body, native=is_native(source), big=not source.read.little
    )
    if masked is not None and PIXELS in body:
        body = {**body, PIXELS: Written(masked)}
    return Expected(expected_meta(source), body, tolerated(source, pixels))


def expected_body(
    tree: Tree,
    key: bytes,
    sop_class: str = "",
    preset: Preset = Preset.BASIC,
    *,
    big: bool = False,
) -> Expectation:
    """What must become of a whole data set."""
    charsets = charsets_of(tree, ())
    about = About(
        key,
        patient_of(tree, charsets),
        charsets,
        asks(sop_class, frozenset(tree)),
        preset=preset,
        people=people_of(tree),
        declared=DECLARATIONS in tree,
        big=big,
    )
    return {**_claims(tree, about), **_patient_id(tree, about), **INSERTED, **_of_options(preset)}


def _of_options(preset: Preset) -> Expectation:
    """What is written of the options that were carried out."""
    return {
        0x00120064: Codes(preset.codes, "DCM"),
        0x00280303: Written(preset.longitudinal),
    }


def _sop_class(source: Source) -> str:
    """The SOP Class as the data set says it, or the file meta."""
    for tree, tag in ((source.read.body, 0x00080016), (source.read.meta, 0x00020002)):
        node = tree.get(tag)
        value = node.raw.decode("latin-1").rstrip("\0 ") if isinstance(node, Leaf) else ""
        if re.fullmatch(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*", value):
            return value
    return ""


def expected_meta(source: Source) -> Expectation:
    """What the prose says of the file meta; the UID in step is the comparison's to see."""
    kept = (0x00020002, 0x00020010)
    meta = source.read.meta
    return {tag: Same(node.vr, node.raw) for tag in kept if isinstance(node := meta.get(tag), Leaf)}


def _patient_id(tree: Tree, about: About) -> Expectation:
    """Of the data set itself: a name of its own even where the ID is empty or absent."""
    if about.patient.message is not None:
        return {PATIENT_ID: Written(padded(word(about.key, "patient-id", about.patient.message)))}
    return {PATIENT_ID: EMPTY} if PATIENT_ID in tree else {}


def _claims(tree: Tree, about: About) -> dict[int, Claim]:
    made = {tag: _claim(tag, node, tree, about) for tag, node in tree.items()}
    if SAFE_PRIVATE in about.preset.options:
        made |= _creators(made, tree)
    return {tag: claim for tag, claim in made.items() if not isinstance(claim, Absent)}


def _creators(made: Mapping[int, Claim], tree: Tree) -> dict[int, Claim]:
    """A creator stays with the last element of its block."""
    told: dict[int, Claim] = {}
    for tag, node in tree.items():
        if is_creator(tag) and isinstance(node, Leaf):
            block = (tag & 0xFFFF0000) + ((tag & 0xFF) << 8)
            inside = [made[one] for one in made if one & ~0xFF == block]
            same = Same(node.vr, node.raw)
            staying = [one for one in inside if not isinstance(one, Absent)]
            doubtful = bool(staying) and all(isinstance(one, AnyOf) for one in staying)
            told[tag] = AnyOf((same, Absent())) if doubtful else same if staying else Absent()
    return told


def _claim(tag: int, node: Node, tree: Tree, about: About) -> Claim:
    if tag & 0x10000 and SAFE_PRIVATE in about.preset.options:
        return _of_private(tag, node, tree, about)
    if deleted_inside(tag, node, about):
        return Absent()
    if isinstance(node, Branch):
        return _of_sequence(tag, node, about)
    if tag in {PATIENT_ID, PATIENT_NAME, ACCESSION, STUDY_ID}:
        return filled(tag, node, _pseudonym(tag, node, tree, about), about)
    basic = _of_value(tag, node, about)
    way = presets.way(tag, effective_vr(tag, node), about.preset)
    chosen = by_options(way, tag, tree, about, basic) if way else basic
    return filled(tag, node, chosen, about)


def _of_private(tag: int, node: Node, tree: Tree, about: About) -> Claim:
    if is_creator(tag):
        return Absent()  # until its block is known
    if isinstance(node, Leaf):
        return private_value(tag, node, tree, about)
    if not private_sequence_stays(tag, tree, about):
        return Absent()
    around = step(tag, creator_of(tag, tree))
    return Items(tuple(_claims(item, _inside(tag, item, about, around)) for item in node.items))


def _of_sequence(tag: int, node: Branch, about: About) -> Claim:
    if presets.way(tag, "SQ", about.preset) is presets.Way.RECURSED:
        return Items(tuple(_claims(item, _inside(tag, item, about)) for item in node.items))
    match fate(tag, "SQ", about.type_of(tag)):
        case Fate.REMOVED:
            return Absent()
        case Fate.EMPTIED:
            return Items(())
        case Fate.DUMMY:
            return DummyItem(frozenset(_values(node)))
        case Fate.RECURSED:
            return Items(tuple(_claims(item, _inside(tag, item, about)) for item in node.items))
        case other:
            raise AssertionError(f"no rule makes a sequence {other}")


def _inside(tag: int, item: Tree, about: About, around: str = "") -> About:
    """Who an item is about: its own patient where it names one, else the data set's."""
    charsets = charsets_of(item, about.charsets)
    return replace(
        about,
        patient=own_patient(item, charsets) or about.patient,
        charsets=charsets,
        path=(*about.path, tag),
        way=(*about.way, around or step(tag, "")),
    )


def _of_value(tag: int, node: Leaf, about: About) -> Claim:
    key = about.key
    vr, same = effective_vr(tag, node), Same(node.vr, node.raw)
    match fate(tag, vr, about.type_of(tag)):
        case Fate.DUMMY if (tag, vr) in own_dummies():
            return Written(own_dummies()[tag, vr])
        case Fate.DUMMY:
            return Dummy(vr, node.raw)
        case Fate.NEW_UID:
            return Written(uids(key, node.raw))
        case Fate.UNLESS_REGISTERED:
            return registered_or_new(key, node.vr, node.raw)
        case Fate.IF_LEGAL:
            return if_legal(vr, same, _lost(tag, vr, node, about))
        case plain:
            plainly: dict[Fate, Claim] = {
                Fate.KEPT: same,
                Fate.EMPTIED: EMPTY,
                Fate.REMOVED: Absent(),
                Fate.RECURSED: Absent(),  # bytes where a sequence should be: nothing to recurse
                Fate.EITHER: AnyOf((same, Absent())),
            }
            return plainly[plain]


def _lost(tag: int, vr: str, node: Leaf, about: About) -> Claim:
    """What is left of a value that may not stay: nothing, or what the IOD asks for."""
    match about.type_of(tag):
        case "1" | "1C":
            own = own_dummies().get((tag, vr))
            return Dummy(vr, node.raw) if own is None else Written(own)
        case "2" | "2C":
            return EMPTY
        case _:
            return Absent()


def _pseudonym(tag: int, node: Leaf, tree: Tree, about: About) -> Claim:
    text = normal(text_of(tree, tag, about.charsets))
    if not text:
        return EMPTY
    if tag in OF_TEXT:
        return Written(padded(word(about.key, OF_TEXT[tag], text.encode())))
    if about.patient.message is None:  # the document is silent on a name without ID or study
        return AnyOf((EMPTY, Dummy("PN", node.raw)))
    kind = "patient-id" if tag == PATIENT_ID else "patient-name"
    return Written(padded(word(about.key, kind, about.patient.message)))


def _values(node: Node) -> list[bytes]:
    """Every value that lies anywhere in an element."""
    if isinstance(node, Leaf):
        return [node.raw.rstrip(b"\0 ")]
    return [value for item in node.items for inner in item.values() for value in _values(inner)]
