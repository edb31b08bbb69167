"""What a SRC of the command line names that is no path: a place, a share, a store, an archive.

pacs:NAME?accession=1234&modality=CT      a configured place, and what is asked of it
smb://server/share/folder                 a folder of a share that some place lists
s3://bucket/prefix                        a prefix of a store
study.zip                                 an archive, which is opened
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import unquote

from dicomveil.errors import BadIdentifier, PlaceRefuses, Unusable
from dicomveil.places.archives import Archive, is_archive
from dicomveil.places.asking import checked
from dicomveil.places.configured import Places, opened
from dicomveil.places.place import Asked, Source
from dicomveil.places.smb_paths import Share, listed, share_of

_KEYS: Final = {
    "accession": "accession_number",
    "study": "study_instance_uid",
    "series": "series_instance_uid",
    "patient": "patient_id",
    "below": "below",
    "modality": "modality",
    "sop-class": "sop_class",
    "series-description": "series_description",
    "date": "study_date",
}
_STORES: Final = ("s3://", "gs://", "az://")
_ARCHIVE: Final = "archive"
_SHARE: Final = "share"


class Elsewhere(NamedTuple):
    """A SRC that is fetched before it is de-identified."""

    place: str  # the configured one; "" for a store that is not
    asked: Asked
    archive: Path | None = None
    store: str = ""  # the address of a store that no place covers

    def __repr__(self) -> str:
        """The place alone: what is asked for is identity."""
        return f"<Elsewhere: {self.place}>"


def read_source(text: str, places: Places) -> Elsewhere:
    """What the SRC says; BadIdentifier, Unusable and PlaceRefuses for what it cannot say.

    No message repeats it, and nothing is asked or resolved.
    """
    if text.startswith(("pacs:", "place:")):
        return _placed(text.partition(":")[2], places)
    if text.startswith(("\\\\", "smb://")):
        return _shared(text, places)
    if text.startswith(_STORES):
        return _stored(text, places)
    if is_archive(text):
        return Elsewhere("", Asked(below="."), archive=Path(text))
    raise BadIdentifier("this SRC is neither a place nor an archive that is there")


@contextmanager
def source_of(
    wanted: Elsewhere, places: Places, environment: Mapping[str, str]
) -> Iterator[Source]:
    """What the SRC is fetched from."""
    if wanted.archive is not None:
        yield Archive(_ARCHIVE, wanted.archive)
    elif wanted.store:
        from dicomveil.places.manners import Manners
        from dicomveil.places.stores import Store

        yield Store("store", wanted.store, Manners("store"))
    else:
        with opened(wanted.place, places, environment) as built:
            yield built


def _placed(rest: str, places: Places) -> Elsewhere:
    name, _, query = rest.partition("?")
    if name not in places:
        raise Unusable("no place of that name is configured: see dicomveil place list")
    given: dict[str, str] = {}
    for pair in filter(None, query.split("&")):
        key, _, value = pair.partition("=")
        if key not in _KEYS or _KEYS[key] in given:
            raise BadIdentifier(f"what is asked is written {', '.join(_KEYS)}, each once")
        given[_KEYS[key]] = unquote(value)  # a + stays one: it occurs in accession numbers
    return Elsewhere(name, checked(Asked(**given)))


def _shared(text: str, places: Places) -> Elsewhere:
    """The first place that lists the share."""
    name = covering(text, places)
    if name:
        return Elsewhere(name, checked(Asked(below=text)))
    raise PlaceRefuses(_SHARE, "no configured place lists it: see dicomveil place add")


def covering(text: str, places: Places) -> str:
    """The first place that lists the share, "" for none; compared before a name is resolved."""
    wanted = share_of(_SHARE, text)
    for name, configured in places.items():
        if configured.kind != "smb":
            continue
        addresses = (configured.address, *configured.several("shares"))
        shares = [share_of(name, address) for address in addresses]
        if _is_listed(wanted, shares):
            return name
    return ""


def _is_listed(wanted: Share, shares: list[Share]) -> bool:
    try:
        listed(_SHARE, wanted, shares)
    except PlaceRefuses:
        return False
    return True


def _stored(text: str, places: Places) -> Elsewhere:
    """The place whose address covers it; none is needed where the machine has credentials."""
    asked = checked(Asked(below=text))
    for name, configured in places.items():
        if (text + "/").startswith(configured.address.rstrip("/") + "/"):
            return Elsewhere(name, asked)
    return Elsewhere("", Asked(below="."), store=text)
