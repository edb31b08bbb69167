"""What happens to an element that no rule names: its VR decides, and reviewed tables where it can't.

Families of VRs are treated alike. An element whose VR is not of its tag's family in the dictionary
is removed: a name in a field for numbers is still a name. So is one that the dictionary does not
know (PS3.15 E.1.1 Note 4: the standard grows, and new elements identify too).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from dicomveil.dicom.dictionary import vr_of
from dicomveil.policy import tables
from dicomveil.policy.actions import (
    Action,
    Keep,
    KeepIfLegal,
    KeepIfRegistered,
    Recurse,
    Remove,
)
from dicomveil.policy.selectors import Selector, selector

TEXT_TABLE = "reviewed_text.tsv"
BULK_TABLE = "reviewed_bulk.tsv"


class Family(Enum):
    """VRs that are treated alike, and what happens to an element that no rule names."""

    TEXT = "kept only where the reviewed table of texts says so, tag by tag"
    BULK = "kept only where the reviewed table of bulk values says so, tag by tag"
    CODED = "kept when legal for the VR, else removed and counted"
    NUMBERS = "kept"
    UIDS = "kept when an entry of the UID registry, else replaced"
    SEQUENCES = "kept, and each element inside gets its own action"
    IDENTIFYING = "removed"


FAMILIES: Mapping[str, Family] = {
    **dict.fromkeys(("LO", "SH", "ST", "LT", "UT", "UC"), Family.TEXT),
    **dict.fromkeys(("OB", "OW", "OF", "OD", "OL", "OV"), Family.BULK),
    **dict.fromkeys(("CS", "DS", "IS"), Family.CODED),
    **dict.fromkeys(("US", "SS", "UL", "SL", "UV", "SV", "FL", "FD", "AT"), Family.NUMBERS),
    **dict.fromkeys(("PN", "DA", "DT", "TM", "AS", "AE", "UR", "UN"), Family.IDENTIFYING),
    "UI": Family.UIDS,
    "SQ": Family.SEQUENCES,
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of a reviewed table: whether the elements of a tag stay, and why."""

    selector: Selector
    keyword: str
    vr: str
    word: str  # keep or remove
    reason: str


def verdicts(table: str) -> Iterator[Verdict]:
    """The lines of a reviewed table."""
    for tag, keyword, vr, word, reason in tables.read_rows(table):
        yield Verdict(selector(tag), keyword, vr, word, reason)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The tags of a reviewed table that stay."""

    tags: frozenset[int]
    families: tuple[Selector, ...]

    def stays(self, tag: int) -> bool:
        """Whether the review kept it."""
        return tag in self.tags or any(family.matches(tag) for family in self.families)

    def __str__(self) -> str:
        """All that stays, in order."""
        tags = [f"{tag:08X}" for tag in sorted(self.tags)]
        return " ".join((*tags, *(family.text for family in self.families)))


@dataclass(frozen=True, slots=True)
class ByVr:
    """Decides the unlisted by VR; where the VR says too little, by what a review kept."""

    texts: Reviewed
    bulks: Reviewed

    def action(self, tag: int, vr: str) -> Action:  # noqa: C901 - one case for each family
        """What happens to an element of this tag and VR that no rule names."""
        family = FAMILIES.get(vr, Family.IDENTIFYING)
        match family:
            case Family.TEXT:
                return Keep() if self.texts.stays(tag) else Remove()
            case Family.BULK:
                return Keep() if self.bulks.stays(tag) else Remove()
            case Family.IDENTIFYING:
                return Remove()
            case _ if family is not _family_of(tag):
                return Remove()
            case Family.CODED:
                return KeepIfLegal()
            case Family.NUMBERS:
                return Keep()
            case Family.UIDS:
                return KeepIfRegistered()
            case Family.SEQUENCES:
                return Recurse()
            case _:
                assert_never(family)

    def __str__(self) -> str:
        """All that decides, as one text: equal texts decide alike."""
        families = [f"{vr} {family.name}" for vr, family in sorted(FAMILIES.items())]
        return f"{' '.join(families)}; texts {self.texts}; bulks {self.bulks}"


def reviewed_by_vr() -> ByVr:
    """The choice of the Basic Profile here: by VR, with the package's reviewed tables."""
    return ByVr(_reviewed(TEXT_TABLE), _reviewed(BULK_TABLE))


def _reviewed(table: str) -> Reviewed:
    kept = [verdict.selector for verdict in verdicts(table) if verdict.word == "keep"]
    return Reviewed(
        frozenset(one.pattern for one in kept if one.breadth == 1),
        tuple(one for one in kept if one.breadth > 1),
    )


def _family_of(tag: int) -> Family | None:
    vr = vr_of(tag)
    return None if vr is None else FAMILIES.get(vr)
