"""The registry of UIDs, PS3.6 Annex A: which UIDs are the standard's own and mean no one.

A UID is in the registry only when the whole of it is an entry. That it begins with the standard's
root proves nothing: anyone can append to it.
"""

from functools import cache
from typing import NamedTuple

from dicomveil.dicom.packaged import packaged

_TABLE = "uids.tsv"


class Registered(NamedTuple):
    """One entry of the registry."""

    name: str
    type: str  # "SOP Class", "Transfer Syntax", "Well-known frame of reference", ...


def is_registered(uid: str) -> bool:
    """Whether the UID, without padding, is exactly an entry of the registry, retired or not."""
    return uid in _registry()


def uid_name(uid: str) -> str | None:
    """The entry's name, such as `CT Image Storage`; None for a UID that is not registered."""
    entry = _registry().get(uid)
    return None if entry is None else entry.name


def uid_type(uid: str) -> str | None:
    """The entry's type, such as `SOP Class`; None for a UID that is not registered."""
    entry = _registry().get(uid)
    return None if entry is None else entry.type


@cache
def _registry() -> dict[str, Registered]:
    # 0.4 ms for 482 entries.
    with packaged("dicom", _TABLE) as file:
        rows = (line.split("\t") for line in file if not line.startswith("#"))
        return {uid: Registered(name, kind) for uid, name, kind, *_ in rows}
