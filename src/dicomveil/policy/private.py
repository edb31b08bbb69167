"""What becomes of a private element: it stays only where a table or its maker knows it.

A look-up never outranks what the profile says of a VR: UIDs are replaced, names and application
entities go, dates move with all others; and bytes that nothing has parsed and scanned do not stay.
What is not known is deleted (PS3.15 E.3.10).
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from dicomveil.policy.characteristics import NOTHING_DECLARED, Declared
from dicomveil.policy.private_tables import Disposition, Path, Source, listed, vr_of

_TEXTS: Final = frozenset("CS DS IS LO LT SH ST UC UT".split())
_DATES: Final = frozenset({"DA", "DT", "TM"})
_MOMENTS: Final = _TEXTS | {"SL", "UL", "SV", "UV", "FD"}
# Bytes of any meaning. PS3.15 E.3.10: these may hold whole headers of their own.
_BYTES: Final = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})

# What becomes of an element that may stay, where its VR has a rule of its own.
_KEPT: Final = {
    "UI": Disposition.HASH_UID,
    "PN": Disposition.DELETE,
    "AE": Disposition.DELETE,
    "UR": Disposition.DELETE,
    "SQ": Disposition.CONTAINER,
    **dict.fromkeys(_DATES, Disposition.SHIFT_DATE),
    **dict.fromkeys(_BYTES, Disposition.KEEP_SCANNED),
}
# The VRs in which a disposition can be carried out.
_POSSIBLE: Final = {
    Disposition.CONTAINER: frozenset({"SQ"}),
    Disposition.HASH_UID: _TEXTS | {"UI"},
    Disposition.SHIFT_DATE: _TEXTS | _DATES,
    Disposition.EPOCH_DATE: _MOMENTS,
}


class Judgement(NamedTuple):
    """What becomes of a private element, and who says so."""

    disposition: Disposition
    origin: str


UNKNOWN: Final = Judgement(Disposition.DELETE, "PS3.15 E.3.10: no table knows the element")


def judge(
    path: Path, vr: str, sources: Sequence[Source], declared: Declared = NOTHING_DECLARED
) -> Judgement:
    """What becomes of the private element at the end of `path`, read with this VR.

    What the object itself declares of its blocks decides before the tables, and the first of the
    tables that knows the element before the others.
    """
    said = declared.disposition(path[-1])
    if said is not None:
        return Judgement(fitted(said, vr), "(0008,0300)")
    for source in sources:
        known = _known(source, path, vr)
        if known is not None:
            return Judgement(fitted(known, vr), source.origin)
    return UNKNOWN


def is_deleted_inside(path: Path, vr: str, sources: Sequence[Source]) -> bool:
    """Whether a table deletes the standard element at the end of `path`, in a private sequence.

    Whatever else a table says of it, the profile's rules for the element decide.
    """
    return any(listed(source, path, vr) is Disposition.DELETE for source in sources)


def fitted(disposition: Disposition, vr: str) -> Disposition:
    """The disposition as the rules for the VR let it be; what cannot be carried out is deleted."""
    if disposition is Disposition.KEEP:
        return _KEPT.get(vr, Disposition.KEEP)
    possible = _POSSIBLE.get(disposition)
    return disposition if possible is None or vr in possible else Disposition.DELETE


def _known(source: Source, path: Path, vr: str) -> Disposition | None:
    """What the table says; a row of VR UN speaks of the same element where its VR is known."""
    known = listed(source, path, vr)
    if known is None and vr_of(path[-1]) == vr:
        return listed(source, path, "UN")
    return known
