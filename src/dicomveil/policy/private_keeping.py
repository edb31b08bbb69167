"""Which actions the look-ups of private.py become: what an option lets stay of private elements."""

from typing import NamedTuple, assert_never

from dicomveil.dicom.tags import is_private
from dicomveil.policy.actions import (
    Action,
    CapAge,
    Clean,
    CleanStrict,
    Dummy,
    Empty,
    Keep,
    KeepIfLegal,
    KeepScanned,
    NewUid,
    Recurse,
    Remove,
    ShiftDate,
    ShiftEpoch,
    UidsInText,
)
from dicomveil.policy.characteristics import NOTHING_DECLARED, Declared
from dicomveil.policy.private import is_deleted_inside, judge
from dicomveil.policy.private_tables import (
    Disposition,
    Path,
    Source,
    Step,
    deleted_inside,
    vr_of,
)
from dicomveil.policy.selectors_placed import Place

_TEXTS = frozenset({"LO", "LT", "SH", "ST", "UC", "UT"})
_FORMED = frozenset({"CS", "DS", "IS"})


class Keeping(NamedTuple):
    """How private elements stay: known to which tables, with dates and texts as the profile has."""

    sources: tuple[Source, ...]
    dates: ShiftDate | Remove
    texts: Clean | CleanStrict | Keep

    def action(self, place: Place, declared: Declared = NOTHING_DECLARED) -> Action:
        """What happens to a private element that lies there; Remove when nothing knows it."""
        path = path_of(place)
        if path is None:
            return Remove()
        found = judge(path, place.vr, self.sources, declared)
        if found.disposition is Disposition.KEEP_SCANNED:
            return KeepScanned(declared.vr(path[-1]) or vr_of(path[-1]) or "")
        return self._carried_out(found.disposition, place.vr)

    def may_delete(self, tag: int) -> bool:
        """Whether a table deletes standard elements of this tag inside private sequences."""
        return any(tag in deleted_inside(source) for source in self.sources)

    def deletes(self, place: Place) -> bool:
        """Whether a table deletes the standard element that lies there in a private sequence."""
        if is_private(place.tag) or not any(is_private(tag) for tag, _ in place.above):
            return False
        path = path_of(place)
        return path is not None and is_deleted_inside(path, place.vr, self.sources)

    def origin(self, place: Place, declared: Declared = NOTHING_DECLARED) -> str:
        """Who says so."""
        path = path_of(place)
        return judge(path, place.vr, self.sources, declared).origin if path else "an orphan block"

    def _carried_out(self, disposition: Disposition, vr: str) -> Action:  # noqa: C901, PLR0912 - one case each
        match disposition:
            case Disposition.KEEP if vr in _TEXTS:
                return self.texts
            case Disposition.KEEP if vr == "AS":
                return CapAge()
            case Disposition.KEEP:
                return KeepIfLegal() if vr in _FORMED else Keep()
            case Disposition.KEEP_SCANNED | Disposition.DELETE:
                return Remove()
            case Disposition.EMPTY:
                return Empty()
            case Disposition.DUMMY:
                return Dummy()
            case Disposition.HASH_UID if vr == "UI":
                return NewUid()
            case Disposition.HASH_UID:
                return UidsInText(self.texts) if vr in _TEXTS else Remove()
            case Disposition.SHIFT_DATE:
                return self.dates
            case Disposition.EPOCH_DATE:
                dates = self.dates
                if isinstance(dates, Remove):
                    return dates
                return ShiftEpoch(dates.least, dates.most)
            case Disposition.CONTAINER:
                return Recurse()
            case _:
                assert_never(disposition)


def path_of(place: Place) -> Path | None:
    """The steps to a place; None where a private one of them has no owner."""
    steps = [_step(tag, creator) for tag, creator in (*place.above, (place.tag, place.creator))]
    known = tuple(step for step in steps if step is not None)
    return known if len(known) == len(steps) else None


def _step(tag: int, creator: str) -> Step | None:
    if not is_private(tag):
        return Step.standard(tag)
    return Step.private(tag, creator) if creator else None
