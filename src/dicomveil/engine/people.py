"""Which elements tell who an object is about, and how their values come apart.

One place for two readers: the leak scan (identity.py) looks for these values in outputs as bytes,
the text cleaner (cleaning.py) removes them from descriptions as text. The cleaner knows more of
them, because removing a word too many costs a word, and finding one too many costs the object.
"""

import re
from enum import Enum
from functools import cache
from typing import Final, NamedTuple

from dicomveil.dicom.packaged import packaged
from dicomveil.dicom.tags import Tag


class Kind(Enum):
    """What a telling text is, which decides how it comes apart and how it is looked for."""

    NAME = "a person's name, in DICOM's spelling"
    NUMBER = "an identifier: of a patient, an order, a visit, a device"
    DATE = "a date as DICOM writes it"
    PHONE = "a telephone number"
    ADDRESS = "the lines of an address"
    PLACE = "an institution, a ward, a station: known as a whole"


class Told(NamedTuple):
    """One text that tells who somebody is: all values of an element, backslashes between them."""

    kind: Kind
    text: str

    def __repr__(self) -> str:
        """The kind, never the text."""
        return f"<Told: {self.kind.name}>"


NUMBERS: Final[frozenset[Tag]] = frozenset(
    {
        0x00080050,  # Accession Number
        0x00100020,  # Patient ID
        0x00101000,  # Other Patient IDs
        0x00101090,  # Medical Record Locator
        0x00380010,  # Admission ID
        0x00380060,  # Service Episode ID
        0x00402016,  # Placer Order Number
        0x00402017,  # Filler Order Number
    }
)
BIRTH_DATES: Final[frozenset[Tag]] = frozenset({0x00100030, 0x00100033})
PLACES: Final[frozenset[Tag]] = frozenset({0x00101040, 0x00102154})

_ALSO: Final[dict[Kind, frozenset[Tag]]] = {
    Kind.NUMBER: frozenset(
        {
            0x00081010,  # Station Name
            0x00100028,  # Other Patient IDs of old
            0x00181000,  # Device Serial Number
            0x00200010,  # Study ID
            0x00400009,  # Scheduled Procedure Step ID
            0x00400253,  # Performed Procedure Step ID
            0x00401001,  # Requested Procedure ID
            0x00402006,  # Placer Order Number of old
            0x00402007,  # Filler Order Number of old
        }
    ),
    Kind.DATE: frozenset(
        {
            0x00080020,  # Study Date
            0x00080021,  # Series Date
            0x00380020,  # Admitting Date
            0x00400002,  # Scheduled Procedure Step Start Date
            0x00400244,  # Performed Procedure Step Start Date
            0x00402004,  # Issue Date of Imaging Service Request
        }
    ),
    Kind.PHONE: frozenset(
        {
            0x00080094,  # Referring Physician's Telephone Numbers
            0x00102154,  # Patient's Telephone Numbers
            0x00102155,  # Patient's Telecom Information
            0x00401103,  # Person's Telephone Numbers
            0x00402010,  # Order Callback Phone Number
        }
    ),
    Kind.ADDRESS: frozenset(
        {
            0x00080081,  # Institution Address
            0x00080092,  # Referring Physician's Address
            0x00101040,  # Patient's Address
            0x00102152,  # Region of Residence
            0x00401102,  # Person's Address
        }
    ),
    Kind.PLACE: frozenset(
        {
            0x00080080,  # Institution Name
            0x00081040,  # Institutional Department Name
            0x00102299,  # Responsible Organization
            0x00380300,  # Current Patient Location
            0x00380400,  # Patient's Institution Residence
        }
    ),
}

NAME_BREAKS: Final = re.compile(r"[\^=\s,;.()\[\]/\\]+")
_DATE: Final = re.compile(r"(\d{4})\.?(\d\d)\.?(\d\d)(?:\d{2,6}(?:\.\d{1,6})?)?(?:[+-]\d{4})?")


def kind_of(tag: Tag, vr: str) -> Kind | None:
    """What the element's text tells of somebody, for the cleaner; None when it tells nothing.

    Every PN does, wherever it stands. Dates are those of the patient and of the whole study: a
    date of one image is not worth a matcher of its own, and the patterns find it.
    """
    if vr == "PN":
        return Kind.NAME
    return _kinds().get(tag)


@cache
def _kinds() -> dict[Tag, Kind]:
    kinds = dict.fromkeys(NUMBERS, Kind.NUMBER) | dict.fromkeys(BIRTH_DATES, Kind.DATE)
    return kinds | {tag: kind for kind, tags in _ALSO.items() for tag in tags}


def date_parts(text: str) -> tuple[str, str, str] | None:
    """Year, month and day of a DA or a DT, or of ACR-NEMA's spelling; None for anything else."""
    found = _DATE.fullmatch(text.strip())
    return (found[1], found[2], found[3]) if found else None


def date_spellings(year: str, month: str, day: str) -> tuple[str, ...]:
    """A whole date as people write it in figures."""
    return (
        f"{year}{month}{day}",
        *(f"{year}{mark}{month}{mark}{day}" for mark in "-/."),
        *(f"{day}{mark}{month}{mark}{year}" for mark in "-/."),
        *(f"{month}{mark}{day}{mark}{year}" for mark in "-/."),
    )


def listed(table: str) -> frozenset[str]:
    """The words of a table of this room, one a line."""
    with packaged("engine", table) as file:
        lines = file.read().splitlines()
    return frozenset(line.strip() for line in lines if line and not line.startswith("#"))
