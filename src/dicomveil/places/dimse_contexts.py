"""Which presentation contexts are proposed, so that objects travel as they are stored.

One context for each SOP class and transfer syntax: in one context with several syntaxes the other
side may choose another than the stored one, and re-encode. An association has 128 contexts
(PS3.8 §9.3.2.2), so several may be needed.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

from pynetdicom import ALL_TRANSFER_SYNTAXES, AllStoragePresentationContexts
from pynetdicom.presentation import PresentationContext
from pynetdicom.service_class import StorageServiceClass
from pynetdicom.sop_class import register_uid, uid_to_service_class

from dicomveil.dicom.uids import uid_name, uids_of_type
from dicomveil.places.dimse_association import context

MOST: Final = 128
VERIFICATION: Final = "1.2.840.10008.1.1"
_ROOT: Final = "1.2.840.10008.1.2"
_REFERENCES: Final = ("4.94", "4.95", "4.204", "4.205", "7.1", "7.2", "7.3")  # no pixels in them
_NEWER: Final = (f"{_ROOT}.1.98", f"{_ROOT}.8.1")  # than what pynetdicom knows
NATIVE: Final = (f"{_ROOT}.1", _ROOT, f"{_ROOT}.1.99", f"{_ROOT}.2")
SYNTAXES: Final = tuple(
    dict.fromkeys(
        uid
        for uid in (*NATIVE, *ALL_TRANSFER_SYNTAXES, *_NEWER)
        if uid.removeprefix(f"{_ROOT}.") not in _REFERENCES
    )
)
# Of one name with the class that replaced it: the registry by names has the newer alone.
_RETIRED: Final = tuple(f"1.2.840.10008.5.1.4.1.1.{end}" for end in ("3", "5", "6", "12.3"))
# What has no pixels is stored in none of the syntaxes that compress them.
_WITHOUT_PIXELS: Final = (
    " SR ",
    "Plan ",
    "Structure Set",
    "Presentation State",
    "Waveform",
    "Encapsulated",
    "Key Object",
    "Annotation",
    "Registration",
    "Fiducials",
    "Record",
    "Report",
    "Measurements",
)
Group = Sequence[PresentationContext]


@cache
def storage_classes() -> tuple[str, ...]:
    """Every storage SOP class of the standard, retired ones among them."""
    ours = {
        uid
        for name, uid in uids_of_type("SOP Class").items()
        if " Storage" in name and "Storage Commitment" not in name and "Media" not in name
    }
    theirs = {str(cx.abstract_syntax) for cx in AllStoragePresentationContexts}
    return tuple(sorted({*ours, *theirs, *_RETIRED}))


@cache
def acceptable(further: frozenset[str] = frozenset()) -> tuple[PresentationContext, ...]:
    """What a receiver of ours takes: an echo, each storage class and each further one, as it is."""
    classes = sorted({*storage_classes(), *further})
    make_known(classes)
    return (context(VERIFICATION), *(context(uid, *SYNTAXES) for uid in classes))


def make_known(classes: Iterable[str]) -> None:
    """Have pynetdicom take these for storage classes: of old and private ones it has not heard."""
    for uid in classes:
        if not issubclass(uid_to_service_class(uid), StorageServiceClass):
            register_uid(uid, f"Storage{uid.replace('.', '_')}", StorageServiceClass)


def for_fetching(classes: Iterable[str], reserved: int = 1) -> list[Group]:
    """The contexts, by association, in which objects of these classes can come as they are.

    `reserved` contexts are left free in each. Where no class is known every class is proposed,
    each in one context: then the other side chooses the syntax.
    """
    known = sorted(set(classes))
    if not known:
        return [in_one_context_each(part) for part in _parts(storage_classes(), MOST - reserved)]
    groups: list[list[PresentationContext]] = [[]]
    for uid in known:
        needed = [context(uid, syntax) for syntax in _syntaxes_of(uid)]
        if len(groups[-1]) + len(needed) > MOST - reserved:
            groups.append([])
        groups[-1] += needed
    return list(groups)


def in_one_context_each(classes: Iterable[str]) -> Group:
    """One context for each class, of which the other side chooses the syntax."""
    return [context(uid, *SYNTAXES) for uid in classes]


def _syntaxes_of(sop_class: str) -> tuple[str, ...]:
    name = uid_name(sop_class) or ""
    return NATIVE if any(word in name for word in _WITHOUT_PIXELS) else SYNTAXES


def _parts(classes: Sequence[str], room: int) -> list[Sequence[str]]:
    return [classes[at : at + room] for at in range(0, len(classes), room)]
