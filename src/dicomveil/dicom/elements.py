"""An element says where it lies, not what it says.

Spans make "nothing was touched but this" provable, and keep values out of reprs and errors.
"""

from typing import NamedTuple

from dicomveil.dicom.tags import tag_text


class Element(NamedTuple):
    """One element, or one item of a sequence, as it lies in the bytes: its place, not its content.

    Offsets count from the first byte of what was walked. An item is an element of tag (FFFE,E000)
    whose `holder` is its sequence; an element's `holder` is the item it lies in, or None.
    """

    tag: int
    vr: str  # effective VR: the dictionary's for a known tag that arrives as UN; "" for an item
    start: int  # first byte of the tag
    value: int  # first byte of the value
    stop: int  # after the last byte of the value, before a delimiter
    end: int  # after the last byte of the element, delimiter included
    holder: "Element | None"
    index: int  # an item's number in its sequence, from 0; 0 for elements
    form: int  # how it is written: one of the FORM constants of dicom/forms.py

    @property
    def length(self) -> int:
        """Bytes of the value."""
        return self.stop - self.value

    @property
    def path(self) -> str:
        """Where it is, from the root: `(0008,1140)[2] > (0008,1155)`."""
        steps: list[str] = []
        here: Element | None = self
        while here is not None:
            if here.vr == "":
                sequence = here.holder
                assert sequence is not None  # an item always has its sequence
                steps.append(f"{tag_text(sequence.tag)}[{here.index}]")
                here = sequence.holder
            else:
                steps.append(tag_text(here.tag))
                here = here.holder
        return " > ".join(reversed(steps))
