"""Objects are delivered by C-STORE (PS3.4 Annex B): as their files are, never re-encoded."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pynetdicom.association import Association

from dicomveil.dicom.part10 import open_part10
from dicomveil.errors import PlaceBusy, PlaceRefuses
from dicomveil.places.dimse_association import Proposal, context, opened
from dicomveil.places.dimse_contexts import MOST
from dicomveil.places.dimse_peer import Peer
from dicomveil.places.dimse_status import DUPLICATE, Meaning, meaning_of, trouble
from dicomveil.places.original import FileOriginal
from dicomveil.places.place import Arrival


class Parcel(NamedTuple):
    """A file to be delivered, and the context it needs."""

    name: str
    path: Path
    kind: tuple[str, str]  # SOP class and transfer syntax


def deliver(peer: Peer, root: Path, names: Iterable[str]) -> Iterator[tuple[str, Arrival]]:
    """Send the files in order; see `place.Destination`."""
    parcels = [_parcel(root, name) for name in names]
    at = 0
    while at < len(parcels):
        kinds = _fitting(parcels[at:])
        association = opened(peer, Proposal([context(*kind) for kind in kinds]))
        try:
            while at < len(parcels) and parcels[at].kind in kinds:
                yield parcels[at].name, _sent(peer, association, parcels[at])
                at += 1
        except BaseException:
            association.abort()
            raise
        association.release()


def _parcel(root: Path, name: str) -> Parcel:
    path = root / name
    with FileOriginal(os.fsencode(path)) as original:
        framed = open_part10(original.head, original.size)
    return Parcel(name, path, (framed.media_sop_class, framed.syntax.uid))


def _fitting(parcels: Sequence[Parcel]) -> list[tuple[str, str]]:
    """The kinds of the next parcels, as many as one association has contexts for."""
    kinds = list(dict.fromkeys(parcel.kind for parcel in parcels))
    return kinds[:MOST]


def _sent(peer: Peer, association: Association, parcel: Parcel) -> Arrival:
    try:
        said = association.send_c_store(parcel.path)
    except ValueError:  # no context was accepted for it
        problem = "it does not take the SOP class, or the transfer syntax, of an object"
        raise PlaceRefuses(peer.name, problem) from None
    except RuntimeError:
        raise PlaceBusy(peer.name, "it broke off the association") from None
    if "Status" not in said:
        raise PlaceBusy(peer.name, "it broke off, or said nothing, after an object was sent")
    if said.Status == DUPLICATE:
        return Arrival.ALREADY_THERE
    if meaning_of(said.Status) is Meaning.FAILED:
        raise trouble(peer.name, "storing an object", said.Status)
    return Arrival.DELIVERED
