"""The gate: which objects do not leave whatever is done to their attributes, and why.

The pixels count: the object says afterwards that the patient's identity is removed, and nothing
here looks at pictures yet. So what may show a name or a face stays, unless the user answers for it
(`PixelTrust.ACCEPTED`). Documents, recorded voices, private classes and directories stay in any
case. An object's own word that nothing is burned in counts where the class alone is the suspicion;
it does not outweigh a sign in the object that says otherwise.
"""

from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import NamedTuple, assert_never

from dicomveil.dicom.packaged import packaged
from dicomveil.errors import Refused

SOP_CLASS = "(0008,0016)"
IMAGE_TYPE = "(0008,0008)"
CONVERSION_TYPE = "(0008,0064)"
BURNED_IN = "(0028,0301)"
ROWS = "(0028,0010)"
OVERLAY = "(60xx,0102)"
LABEL_IN_IMAGE = "(0048,0010)"
SYNTAX = "(0002,0010)"
DOCUMENT = "(0042,0011)"
DIRECTORY = "(0004,1220)"

_CLASSES = "sop_classes.tsv"
# PS3.3 C.8.12.4.1.1, Image Type value 3: pictures that may show the slide's label.
_SLIDE_LABELS = frozenset({"LABEL", "OVERVIEW", "THUMBNAIL"})
_SCREEN_SAVE = "SCREENSAVE"
# MPEG-2, MPEG-4 and HEVC (PS3.5 §8.2.5 to §8.2.8), each as one fragment or as several.
_VIDEO_SYNTAXES = frozenset(
    f"1.2.840.10008.1.2.4.{number}{fragments}"
    for number in range(100, 109)
    for fragments in ("", ".1")
)
_SPACING = str.maketrans("", "", " _-")


class PixelTrust(Enum):
    """Who answers for what the pixels show."""

    UNPROVEN = "nobody: objects whose pixels may identify are refused"
    ACCEPTED = "the user, in so many words: such objects pass"


class Content(Enum):
    """What the objects of a SOP Class may show of the patient outside their attributes."""

    ULTRASOUND = "ultrasound"
    CAPTURE = "capture"
    VIDEO = "video"
    PHOTOGRAPH = "photograph"
    SLIDE = "slide"
    DOCUMENT = "document"
    AUDIO = "audio"
    DIRECTORY = "directory"
    PLAIN = "plain"


# PS3.3 C.7.3.1.1.1: an object of another class may still be a picture of these kinds.
_PICTURES: Mapping[str, Content] = {
    "US": Content.ULTRASOUND,
    "IVUS": Content.ULTRASOUND,
    "BDUS": Content.ULTRASOUND,
    "ES": Content.PHOTOGRAPH,
    "GM": Content.PHOTOGRAPH,
    "XC": Content.PHOTOGRAPH,
    "OP": Content.PHOTOGRAPH,
    "DMS": Content.PHOTOGRAPH,
}


class Facts(NamedTuple):
    """What the gate needs to know of an object; texts are its own words, "" where it has none."""

    sop_class: str
    syntax: str  # the UID of the transfer syntax
    burned_in: str
    label_in_image: str  # what a slide says of its own label
    image_type: tuple[str, ...]
    conversion_type: str
    modality: str
    overlay_in_pixels: bool  # an overlay in unused bits of Pixel Data (PS3.5 8.1.2, retired)
    has_rows: bool
    has_pixels: bool  # integer, float or double float, or the spectra that Rows counts too
    has_directory: bool  # a Directory Record Sequence
    has_document: bool  # an Encapsulated Document
    document_replaced: bool = False  # another stands in for it, of the kind that its class holds


def admit(facts: Facts, pixels: PixelTrust) -> None:
    """Let the object pass; raises Refused with the code and the element that decided.

    `PixelTrust.ACCEPTED` lets pass what would be refused as `pixels-unproven`, and nothing else.
    """
    _refuse_what_cannot_be_cleaned(facts)
    if pixels is PixelTrust.UNPROVEN:
        sign = _sign_in_pixels(facts)
        if sign:
            raise Refused("pixels-unproven", path=sign)


def content_of(sop_class: str) -> Content | None:
    """What objects of the class hold; None when it is no storage SOP Class of the registry."""
    return _contents().get(sop_class)


def _refuse_what_cannot_be_cleaned(facts: Facts) -> None:
    content = content_of(facts.sop_class)
    if facts.has_directory or content is Content.DIRECTORY:
        raise Refused("dicomdir", path=DIRECTORY if facts.has_directory else SOP_CLASS)
    if not facts.sop_class:
        raise Refused("uid-missing", path=SOP_CLASS)
    if content is None:
        raise Refused("private-sop-class", path=SOP_CLASS)
    kept = facts.has_document or content is Content.DOCUMENT
    if kept and not facts.document_replaced:
        raise Refused("encapsulated-document", path=DOCUMENT if facts.has_document else SOP_CLASS)
    if content is Content.AUDIO:
        raise Refused("audio", path=SOP_CLASS)
    if facts.has_rows and not facts.has_pixels:
        raise Refused("pixels-missing", path=ROWS)


def _sign_in_pixels(facts: Facts) -> str:
    """The element that makes the pixels suspect, "" when none does."""
    burned_in = _word(facts.burned_in)
    if facts.document_replaced and not facts.has_pixels:
        return ""  # what was burned in was the document
    if burned_in == "YES":
        return BURNED_IN
    if not facts.has_pixels:
        return ""
    if any(_SCREEN_SAVE in _word(value).translate(_SPACING) for value in facts.image_type):
        return IMAGE_TYPE
    if facts.conversion_type.strip():
        return CONVERSION_TYPE
    if facts.overlay_in_pixels:
        return OVERLAY
    if _word(facts.label_in_image) == "YES":
        return LABEL_IN_IMAGE
    return "" if burned_in == "NO" else _suspicion_of_kind(facts)


def _suspicion_of_kind(facts: Facts) -> str:
    """The element by which the object is of a kind that often carries text; "" when it is not."""
    if facts.syntax in _VIDEO_SYNTAXES:
        return SYNTAX
    content = content_of(facts.sop_class)
    if content is Content.PLAIN:
        content = _PICTURES.get(_word(facts.modality), content)
    match content:
        case Content.ULTRASOUND | Content.CAPTURE | Content.VIDEO | Content.PHOTOGRAPH:
            return SOP_CLASS
        case Content.SLIDE:
            third = _word(facts.image_type[2]) if len(facts.image_type) > 2 else ""
            return IMAGE_TYPE if third in _SLIDE_LABELS else ""
        case Content.DOCUMENT | Content.AUDIO | Content.DIRECTORY | Content.PLAIN | None:
            return ""
        case _:
            assert_never(content)


def _word(text: str) -> str:
    return text.strip(" \0").upper()


@cache
def _contents() -> dict[str, Content]:
    with packaged("engine", _CLASSES) as file:
        rows = [line.split("\t") for line in file.read().splitlines()]
    return {row[0]: Content(row[1]) for row in rows if not row[0].startswith("#")}
