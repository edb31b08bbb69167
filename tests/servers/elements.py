"""Whether two objects are alike: element by element, whatever either is encoded in."""

from io import BytesIO
from typing import Any

import pydicom
from pydicom.sequence import Sequence

from dicomveil.dicom.part10 import open_part10

Elements = dict[int, Any]


def are_alike(one: bytes, other: bytes) -> bool:
    """Whether the data sets say the same, and have the same bytes of pixels.

    Group lengths and the file meta are the business of who wrote the file.
    """
    return elements(one) == elements(other)


def elements(content: bytes) -> Elements:
    """What a file's data set says, by tag."""
    open_part10(content)  # what we cannot read is no object
    return _elements(pydicom.dcmread(BytesIO(content)))


def _elements(dataset: pydicom.Dataset) -> Elements:
    return {
        int(element.tag): (
            [_elements(item) for item in element.value]
            if isinstance(element.value, Sequence)
            else element.value
        )
        for element in dataset
        if element.tag.element != 0
    }
