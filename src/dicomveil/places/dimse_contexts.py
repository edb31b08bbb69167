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

from dicomveil.dicom.uids import uids_of_type
from dicomveil.places.dimse_association import context

MOST: Final = 128
VERIFICATION: Final = "1.2.840.10008.1.1"
_REFERENCES: Final = ("4.94", "4.95", "4.204", "4.205", "7.1", "7.2", "7.3")  # no pixels in them
SYNTAXES: Final = tuple(
    uid
    for uid in ALL_TRANSFER_SYNTAXES
    if uid.removeprefix("1.2.840.10008.1.2.") not in _REFERENCES
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
    return tuple(sorted(ours | {str(cx.abstract_syntax) for cx in AllStoragePresentationContexts}))


@cache
def acceptable() -> tuple[PresentationContext, ...]:
    """What a receiver of ours takes: an echo, and each storage class in each syntax."""
    classes = storage_classes()
    for number, uid in enumerate(classes):
        if not issubclass(uid_to_service_class(uid), StorageServiceClass):
            register_uid(uid, f"OldStorage{number}", StorageServiceClass)
    return (context(VERIFICATION), *(context(uid, *SYNTAXES) for uid in classes))


def for_fetching(classes: Iterable[str], reserved: int = 1) -> list[Group]:
    """The contexts, by association, in which objects of these classes can come as they are.

    `reserved` contexts are left free in each. Where no class is known every class is proposed,
    each in one context: then the other side chooses the syntax.
    """
    room = MOST - reserved
    known = sorted(set(classes))
    if known:
        at_once = room // len(SYNTAXES)
        parts = [known[i : i + at_once] for i in range(0, len(known), at_once)]
        return [[context(uid, syntax) for uid in part for syntax in SYNTAXES] for part in parts]
    every = storage_classes()
    parts = [list(every[i : i + room]) for i in range(0, len(every), room)]
    return [[context(uid, *SYNTAXES) for uid in part] for part in parts]
