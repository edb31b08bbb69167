"""What happens to an element that no rule names: its VR decides, or a review of its tag.

Families of VRs are treated alike. An element whose VR is not of its tag's family in the dictionary
is removed: a name in a field for numbers is still a name. So is one that the dictionary does not
know (PS3.15 E.1.1 Note 4: the standard grows, and new elements identify too).
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import NamedTuple, assert_never

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


_DATES = frozenset({"DA", "DT", "TM"})


class Verdict(NamedTuple):
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


class ByVr(NamedTuple):
    """Decides the unlisted by VR; where the VR says too little, by the tags that a review kept.

    Options and presets change what happens to a family; the Basic Profile takes it as it stands.
    """

    texts: frozenset[int]
    bulks: frozenset[int]
    reviewed: Action = Keep()  # texts that the review kept
    unreviewed: Action = Remove()  # texts that it did not
    uids: Action = KeepIfRegistered()
    dates: Action = Remove()  # DA, DT and TM

    def action(self, tag: int, vr: str) -> Action:  # noqa: C901 - a case for each family
        """What happens to an element of this tag and VR that no rule names."""
        family = FAMILIES.get(vr, Family.IDENTIFYING)
        match family:
            case Family.TEXT:
                return self.reviewed if tag in self.texts else self.unreviewed_text(tag)
            case Family.BULK:
                return Keep() if tag in self.bulks else Remove()
            case Family.IDENTIFYING:
                return self.dates if vr in _DATES and vr_of(tag) == vr else Remove()
            case _ if family is not _family_of(tag):
                return Remove()
            case Family.CODED:
                return KeepIfLegal()
            case Family.NUMBERS:
                return Keep()
            case Family.UIDS:
                return self.uids
            case Family.SEQUENCES:
                return Recurse()
            case _:
                assert_never(family)

    def __str__(self) -> str:
        """All that decides, as one text: equal texts decide alike."""
        families = [f"{vr} {family.name}" for vr, family in sorted(FAMILIES.items())]
        texts, bulks = ([f"{tag:08X}" for tag in sorted(t)] for t in (self.texts, self.bulks))
        said = (self.reviewed, self.unreviewed, self.uids, self.dates)
        return " ".join((*families, "texts", *texts, "bulks", *bulks, *map(str, said)))

    def unreviewed_text(self, tag: int) -> Action:
        """What happens to a text that the review did not keep; one of no known tag goes."""
        return self.unreviewed if _family_of(tag) is Family.TEXT else Remove()


def reviewed_by_vr() -> ByVr:
    """The choice of the Basic Profile here: by VR, with the package's reviewed tables."""
    return ByVr(_kept(TEXT_TABLE), _kept(BULK_TABLE))


def _kept(table: str) -> frozenset[int]:
    rows = tables.read_rows(table)
    return frozenset(selector(tag).pattern for tag, _, _, word, _ in rows if word == "keep")


def _family_of(tag: int) -> Family | None:
    vr = vr_of(tag)
    return None if vr is None else FAMILIES.get(vr)
