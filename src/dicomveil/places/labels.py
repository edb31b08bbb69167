"""What an object says it is: the identifiers in its first groups, read without pixels.

They are compared with what was asked for, and with nothing else in mind: no name of a file or of a
folder is made of them.
"""

import os
from pathlib import Path
from typing import Final, NamedTuple

from dicomveil.dicom.charsets import Charset
from dicomveil.dicom.elements import Element
from dicomveil.dicom.forms import Form
from dicomveil.dicom.part10 import inflate, open_part10
from dicomveil.dicom.tags import Tag
from dicomveil.dicom.values import decode, split_values
from dicomveil.dicom.walk import Bytes, walk_element
from dicomveil.errors import BadValue, Truncated
from dicomveil.places.original import FileOriginal

CHARACTER_SET: Final = 0x00080005
SOP_CLASS: Final = 0x00080016
SOP_INSTANCE: Final = 0x00080018
STUDY_DATE: Final = 0x00080020
ACCESSION: Final = 0x00080050
MODALITY: Final = 0x00080060
STUDY_DESCRIPTION: Final = 0x00081030
SERIES_DESCRIPTION: Final = 0x0008103E
PATIENT_NAME: Final = 0x00100010
PATIENT: Final = 0x00100020
STUDY: Final = 0x0020000D
SERIES: Final = 0x0020000E
UNREADABLE: Final = "\ufffd"
READ: Final = frozenset(
    {
        CHARACTER_SET,
        SOP_CLASS,
        SOP_INSTANCE,
        STUDY_DATE,
        ACCESSION,
        MODALITY,
        STUDY_DESCRIPTION,
        SERIES_DESCRIPTION,
        PATIENT_NAME,
        PATIENT,
        STUDY,
        SERIES,
    }
)


class Label(NamedTuple):
    """What an object says of itself; "" where it does not say."""

    sop_class: str
    sop_instance: str
    study: str
    series: str
    accession_number: str
    patient_id: str
    modality: str
    series_description: str
    patient_name: str
    study_date: str
    study_description: str
    syntax: str  # the transfer syntax of its file

    def __repr__(self) -> str:
        """Nothing that identifies."""
        return "<Label>"


def label_of(path: Path) -> Label:
    """The label of the object in a file.

    Raises InvalidDicom when the file is none or is cut before the label ends, and OSError when it
    cannot be read. A text that its character set does not have equals nothing.
    """
    with FileOriginal(os.fsencode(path)) as original:
        try:
            return read_label(original.head, original.size)
        except Truncated:
            if len(original.head) == original.size:
                raise
            return read_label(original.view(), original.size)


def read_label(head: Bytes, size: int) -> Label:
    """The label of the object of `size` bytes that begins with `head`.

    Raises Truncated when `head` does not reach, and else as `label_of`.
    """
    framed = open_part10(head, size)
    if framed.syntax.deflated:
        if len(head) < size:
            raise Truncated("a deflated object is read whole", offset=len(head))
        data: Bytes = inflate(head[framed.start :])
        found = _first_groups(data, framed.syntax.form, 0)
    else:
        data = head
        found = _first_groups(data, framed.syntax.form, framed.start)
    terms = _bytes(data, found.get(CHARACTER_SET))

    def text(tag: Tag) -> str:
        element = found.get(tag)
        return "" if element is None else _text(_bytes(data, element), element.vr, terms)

    return Label(
        text(SOP_CLASS),
        text(SOP_INSTANCE),
        text(STUDY),
        text(SERIES),
        text(ACCESSION),
        text(PATIENT),
        text(MODALITY),
        text(SERIES_DESCRIPTION),
        text(PATIENT_NAME),
        text(STUDY_DATE),
        text(STUDY_DESCRIPTION),
        framed.syntax.uid,
    )


def _text(value: bytes, vr: str, terms: bytes) -> str:
    """The text of a value, or what equals nothing that can be asked for."""
    try:
        charset = Charset.of([term.decode("ascii") for term in split_values(terms, "CS")])
        return decode(value, vr, charset)
    except (BadValue, UnicodeDecodeError):
        return UNREADABLE


def _first_groups(data: Bytes, form: Form, at: int) -> dict[Tag, Element]:
    """The elements of the label, as far as there are any before what follows the last of them."""
    found: dict[Tag, Element] = {}
    while at < len(data):
        element = walk_element(data, at, form)[0]
        if element.tag > SERIES:
            break
        if element.tag in READ:
            found[element.tag] = element
        at = element.end
    return found


def _bytes(data: Bytes, element: Element | None) -> bytes:
    return b"" if element is None else bytes(data[element.value : element.stop])
