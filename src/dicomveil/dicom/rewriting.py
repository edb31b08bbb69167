"""Write an element as explicit VR little endian, however it lies: for data sets of parts of others.

What lies in a sequence comes with it, in items of defined length. Bytes of no known VR stay as
they are, as UN.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from dicomveil.dicom.elements import Element
from dicomveil.dicom.forms import Form, encode_element, encode_item
from dicomveil.dicom.multiplicity import SIZES
from dicomveil.dicom.walk import Bytes

_FORM: Final = Form.EXPLICIT_LE
_PAIRED: Final = {"AT": 2, "OW": 2, "OF": 4, "OL": 4, "OD": 8, "OV": 8}


class Rewriter:
    """The elements of one data set as they would be written elsewhere."""

    def __init__(self, data: Bytes, elements: Sequence[Element]) -> None:
        """Take the walk of `data`."""
        self._data = data
        self._inside: dict[int, list[Element]] = {}
        for element in elements:
            self._inside.setdefault(id(element.holder), []).append(element)
        self.roots: Mapping[int, Element] = {e.tag: e for e in self._inside.get(id(None), ())}

    def element(self, element: Element) -> bytes:
        """The element, whole; raises TooLarge when a value does not fit its new length field."""
        return encode_element(_FORM, element.tag, element.vr, self._value(element))

    def raw(self, tag: int) -> bytes:
        """The value of a top-level element as it lies, b"" when it is absent."""
        element = self.roots.get(tag)
        return bytes(self._data[element.value : element.stop]) if element else b""

    def _value(self, element: Element) -> bytes:
        if element.vr == "SQ":
            items = self._inside.get(id(element), ())
            return b"".join(encode_item(_FORM, self._item(item)) for item in items)
        value = bytes(self._data[element.value : element.stop])
        unit = _PAIRED.get(element.vr) or SIZES.get(element.vr, 1)
        if element.form is not Form.EXPLICIT_BE or unit == 1:
            return value
        return b"".join(value[at : at + unit][::-1] for at in range(0, len(value), unit))

    def _item(self, item: Element) -> bytes:
        return b"".join(map(self.element, self._inside.get(id(item), ())))
