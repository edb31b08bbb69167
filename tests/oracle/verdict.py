"""Which files may not leave, and why: the gate as the prose tells it.

Each rule is a sentence about facts of the file, with the codes a human would accept for it. A MUST
rule means that delivering the file is wrong; a MAY rule means that both are right, because the
prose leaves it open or the fact is not in the file's bytes alone.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

from tests.oracle.overlays import groups_in_pixels, without_overlays
from tests.oracle.registry import CLASS, is_a, name_of
from tests.oracle.scan import Facts, Oddity
from tests.oracle.tree import Branch, Leaf, Read, Tree, words

PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
DIRECTORY = "1.2.840.10008.1.3.10"
SPECTRA = 0x56000020  # Spectroscopy Data, of which Rows counts too (PS3.3 C.8.14.4)
DOCUMENT, SOP_CLASS, ROWS = 0x00420011, 0x00080016, 0x00280010
IMAGE_TYPE, CONVERSION, BURNED_IN, MODALITY = 0x00080008, 0x00080064, 0x00280301, 0x00080060
LABEL_IN_IMAGE = 0x00480010  # Specimen Label in Image
# Defined Terms of Modality (PS3.3 C.7.3.1.1.1) for the pictures that the prose names, and OT.
PICTURES = frozenset({"US", "IVUS", "BDUS", "ES", "XC", "GM", "OP", "DMS", "OT"})


class Force(Enum):
    """How much a reason weighs."""

    MUST = auto()
    MAY = auto()


class Pixels(Enum):
    """Whether somebody answers for what the pixels show."""

    UNPROVEN = auto()
    ACCEPTED = auto()


@dataclass(frozen=True)
class Reason:
    """Why a file is not delivered, and the codes that say so."""

    why: str
    codes: frozenset[str]


@dataclass(frozen=True)
class Source:
    """One file, as bytes, as facts of its bytes, and as read."""

    raw: bytes
    facts: Facts
    read: Read

    @property
    def body(self) -> Tree:
        """The data set."""
        return self.read.body

    @property
    def sop_class(self) -> str:
        """The SOP Class of the data set, or of the file meta where that has none."""
        own = words(self.body, SOP_CLASS) or words(self.read.meta, 0x00020002)
        return own[0] if own else ""

    @property
    def burned_in(self) -> str:
        """What Burned In Annotation says."""
        return "".join(words(self.body, BURNED_IN)).upper()


@dataclass(frozen=True)
class Rule:
    """A fact of a file, its weight, and what a quarantine for it is called."""

    force: Force
    codes: str
    why: str
    holds: Callable[[Source], bool]


def must(source: Source, pixels: Pixels) -> tuple[Reason, ...]:
    """Why the file must not be delivered; () when it may."""
    if _nothing_says_dicom(source.facts):
        return (Reason("nothing says DICOM", frozenset({"not-dicom"})),)
    return _structural(source.facts, BROKEN) + _reasons(source, Force.MUST, pixels)


def tolerated(source: Source, pixels: Pixels) -> tuple[Reason, ...]:
    """Why the file may be kept back although the prose does not ask for it."""
    if _nothing_says_dicom(source.facts):
        return ()
    return _structural(source.facts, IRREGULAR) + _reasons(source, Force.MAY, pixels)


def unreadable(facts: Facts) -> tuple[Reason, ...]:
    """Why a file that pydicom cannot read must not be delivered."""
    if _nothing_says_dicom(facts):
        return (Reason("nothing says DICOM", frozenset({"not-dicom"})),)
    broken = _structural(facts, BROKEN) + _structural(facts, IRREGULAR)
    return broken or (Reason("pydicom cannot read it", _FORM),)


def _nothing_says_dicom(facts: Facts) -> bool:
    return not facts.part10 and not facts.meta and facts.elements == 0


def _reasons(source: Source, force: Force, pixels: Pixels) -> tuple[Reason, ...]:
    excused = "pixels-unproven" if pixels is Pixels.ACCEPTED else ""
    asked = (rule for rule in RULES if rule.force is force and rule.codes != excused)
    ruled = (rule for rule in asked if rule.holds(source))
    return tuple(Reason(rule.why, frozenset(rule.codes.split())) for rule in ruled)


def _structural(facts: Facts, codes: dict[Oddity, frozenset[str]]) -> tuple[Reason, ...]:
    found = {one.oddity: one for one in reversed(facts.found) if one.oddity in codes}
    return tuple(Reason(str(oddity), codes[oddity]) for oddity in found)


_CUT = frozenset({"truncated", "malformed", "swallowed"})
_FORM = frozenset({"malformed", "truncated", "swallowed", "bad-value", "unknown-syntax"})
BROKEN: dict[Oddity, frozenset[str]] = {
    Oddity.TRUNCATED: _CUT,
    Oddity.BAD_VR: _FORM,
    Oddity.STRAY_DELIMITER: _FORM,
    Oddity.NOT_AN_ITEM: _FORM,
    Oddity.NO_DELIMITER: _CUT,
    Oddity.BROKEN_DEFLATE: _CUT,
    Oddity.DUPLICATE: frozenset({"malformed"}),
    Oddity.UNKNOWN_SYNTAX: frozenset({"unknown-syntax"}),
    Oddity.TOO_DEEP: frozenset({"too-deep"}),
}
IRREGULAR: dict[Oddity, frozenset[str]] = {
    Oddity.ODD_LENGTH: frozenset({"malformed"}),
    Oddity.OUT_OF_ORDER: frozenset({"malformed"}),
    Oddity.NO_SYNTAX: frozenset({"malformed", "unknown-syntax"}),
    Oddity.OTHER_SYNTAX: frozenset({"malformed", "unknown-syntax"}),
    Oddity.AFTER_DEFLATE: frozenset({"malformed"}),
}


def _has_pixels(source: Source) -> bool:
    return bool(PIXELS & source.body.keys())


def _named(*parts: str) -> Callable[[Source], bool]:
    """The registry's name of the SOP Class has one of these words, and no one says NO."""

    def holds(source: Source) -> bool:
        name = name_of(source.sop_class)
        return any(part in name for part in parts) and _unless_no(source)

    return holds


def _unless_no(source: Source) -> bool:
    return _has_pixels(source) and source.burned_in != "NO"


def _photograph(source: Source) -> bool:
    name = name_of(source.sop_class)
    taken = (name.startswith("VL ") and "Whole Slide" not in name) or "Photograph" in name
    return taken and _unless_no(source)


def _slide_label(source: Source) -> bool:
    kinds = set(words(source.body, IMAGE_TYPE)) & {"LABEL", "OVERVIEW", "THUMBNAIL"}
    return bool(kinds) and "Whole Slide" in name_of(source.sop_class) and _unless_no(source)


def _specimen_label(source: Source) -> bool:
    said = words(source.body, LABEL_IN_IMAGE)
    return said == ["YES"] and _has_pixels(source)


def _video_syntax(source: Source) -> bool:
    name = name_of(source.facts.syntax)
    return any(part in name for part in ("MPEG", "HEVC")) and _unless_no(source)


def _screen_save(source: Source) -> bool:
    return "SCREEN SAVE" in words(source.body, IMAGE_TYPE) and _has_pixels(source)


def _overlay_in_pixels(source: Source) -> bool:
    """Bits that are certain are masked; the prose keeps back what is not."""
    big = not source.read.little
    bare = (
        g for g in groups_in_pixels(source.body, big=big) if g << 16 | 0x3000 not in source.body
    )
    said = _has_pixels(source) and any(g << 16 | 0x0010 in source.body for g in bare)
    return said and _cannot_be_masked(source)


def _overlay_elsewhere(source: Source) -> bool:
    big = not source.read.little
    return bool(groups_in_pixels(source.body, big=big)) and _cannot_be_masked(source)


def _cannot_be_masked(source: Source) -> bool:
    big, native = not source.read.little, is_native(source)
    return without_overlays(source.body, native=native, big=big) is None


def is_native(source: Source) -> bool:
    """Whether the transfer syntax is one of those that compress no pixels."""
    return source.facts.syntax in {f"1.2.840.10008.1.2{end}" for end in ("", ".1", ".1.99", ".2")}


def _private_class(source: Source) -> bool:
    return bool(source.sop_class) and not source.sop_class.startswith("1.2.840.10008.")


def _unknown_class(source: Source) -> bool:
    return not is_a(CLASS, source.sop_class)


def _recording(source: Source) -> bool:
    return "Audio Waveform" in name_of(source.sop_class)


def _directory(source: Source) -> bool:
    records = any(tag >> 16 == 4 for tag in source.body)
    return records or source.sop_class == DIRECTORY


def _cut_before_pixels(source: Source) -> bool:
    """A URL of pixels elsewhere does not help: the profile removes it."""
    return ROWS in source.body and not (PIXELS | {SPECTRA}) & source.body.keys()


def _no_byte_of_pixels(source: Source) -> bool:
    """Type 1 elements are not empty (PS3.5 §7.4.1), but the prose speaks of absent ones alone."""
    data = [source.body[tag] for tag in PIXELS if tag in source.body]
    return ROWS in source.body and all(isinstance(one, Leaf) and not one.raw for one in data)


def _uid_missing(source: Source) -> bool:
    needed = (0x00080018, 0x0020000D, 0x0020000E, SOP_CLASS)
    values = ["\\".join(words(source.body, tag)) for tag in needed]
    return any(len(one) > 64 or not _UID.fullmatch(one) for one in values)


def _control_characters(source: Source) -> bool:
    """Whether some text holds what no text may: a value may have swallowed its neighbour."""
    return any(_unprintable(node.raw) for node in _leaves(source.body) if node.vr in _TEXTS)


_UID = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+")
_TEXTS = frozenset("AE AS CS DA DS DT IS LO LT PN SH ST TM UC UI UR UT".split())


def _unprintable(raw: bytes) -> bool:
    return any(byte < 32 and byte not in b"\t\n\f\r\x1b" for byte in raw.rstrip(b"\0 "))


def _leaves(tree: Tree) -> list[Leaf]:
    found: list[Leaf] = []
    for node in tree.values():
        match node:
            case Leaf():
                found.append(node)
            case Branch(items=items):
                found.extend(leaf for item in items for leaf in _leaves(item))
    return found


RULES = (
    Rule(Force.MUST, "dicomdir", "it is, or holds, directory records", _directory),
    Rule(Force.MUST, "private-sop-class", "its SOP Class is private", _private_class),
    Rule(
        Force.MUST,
        "encapsulated-document",
        "it holds a document",
        lambda source: DOCUMENT in source.body,
    ),
    Rule(Force.MAY, "audio", "it is a recording, and a voice may say a name", _recording),
    Rule(Force.MUST, "pixels-missing", "Rows, but no Pixel Data", _cut_before_pixels),
    Rule(Force.MAY, "pixels-missing", "Rows, but Pixel Data is empty", _no_byte_of_pixels),
    Rule(
        Force.MUST,
        "pixels-unproven",
        "Burned In Annotation says YES",
        lambda source: source.burned_in == "YES",
    ),
    Rule(Force.MUST, "pixels-unproven", "ultrasound", _named("Ultrasound")),
    Rule(Force.MUST, "pixels-unproven", "secondary capture", _named("Secondary Capture")),
    Rule(Force.MUST, "pixels-unproven", "video", _named("Video")),
    Rule(Force.MUST, "pixels-unproven", "video transfer syntax", _video_syntax),
    Rule(Force.MUST, "pixels-unproven", "a photograph", _photograph),
    Rule(Force.MUST, "pixels-unproven", "a slide's label or overview", _slide_label),
    Rule(Force.MAY, "pixels-unproven", "a slide says that its label is seen", _specimen_label),
    Rule(Force.MUST, "pixels-unproven", "Image Type says SCREEN SAVE", _screen_save),
    Rule(
        Force.MUST,
        "pixels-unproven",
        "it has a Conversion Type",
        lambda source: bool(words(source.body, CONVERSION)) and _has_pixels(source),
    ),
    Rule(Force.MUST, "pixels-unproven", "an overlay lies in Pixel Data", _overlay_in_pixels),
    Rule(Force.MAY, "pixels-unproven", "an overlay's bit position is not 0", _overlay_elsewhere),
    Rule(
        Force.MAY,
        "pixels-unproven",
        "an empty Conversion Type, or one without pixels",
        lambda source: CONVERSION in source.body,
    ),
    Rule(
        Force.MAY,
        "pixels-unproven",
        "Modality says ultrasound, endoscopy, photography or other",
        lambda source: bool(set(words(source.body, MODALITY)) & PICTURES),
    ),
    Rule(Force.MAY, "private-sop-class uid-missing", "no registered SOP Class", _unknown_class),
    Rule(Force.MAY, "uid-missing", "a needed UID is absent or not legal", _uid_missing),
    Rule(Force.MAY, "swallowed bad-value", "text holds control characters", _control_characters),
)
