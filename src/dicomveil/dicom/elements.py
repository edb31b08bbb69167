"""An element says where it lies, not what it says.

Spans make "nothing was touched but this" provable, and keep values out of reprs and errors.
"""

from dataclasses import dataclass

from dicomveil.dicom.forms import Form
from dicomveil.dicom.tags import Tag, tag_text


@dataclass(slots=True, eq=False, repr=False)
class Element:
    """One element, or one item of a sequence, as it lies in the bytes: its place, not its content.

    Offsets count from the first byte of what was walked. An item is an element of tag (FFFE,E000)
    with VR "" whose `holder` is its sequence; an element's `holder` is the item it lies in.
    The walk alone writes here, and only until it hands the element out: a sequence of undefined
    length learns where it ends after its items are read.
    """

    tag: Tag
    vr: str  # the effective VR: the dictionary's for a known tag that arrives as UN; "" for an item
    start: int  # first byte of the tag
    value: int  # first byte of the value
    stop: int  # after the last byte of the value, before a delimiter
    end: int  # after the last byte of the element, delimiter included
    holder: "Element | None"
    form: Form  # how its header is written
    index: int = 0  # an item's number in its sequence, from 0

    @property
    def length(self) -> int:
        """Bytes of the value."""
        return self.stop - self.value

    @property
    def undefined(self) -> bool:
        """Whether it ends at a delimiter (PS3.5 §7.5.2) and not by its length."""
        return self.end != self.stop

    @property
    def path(self) -> str:
        """Where it is, from the root: `(0008,1140)[2] > (0008,1155)`, items numbered from 0."""
        return path_of(self)

    def __repr__(self) -> str:
        """Its path and span: never a value."""
        return f"<{self.path or tag_text(self.tag)} {self.vr} {self.start}:{self.end}>"


def path_of(element: Element) -> str:
    """The path of an element or item from the root of its data set."""
    steps: list[str] = []
    here: Element | None = element
    while here is not None:
        item, here = (here, here.holder) if not here.vr else (None, here)
        if here is None:
            break
        number = "" if item is None else f"[{item.index}]"
        steps.append(tag_text(here.tag) + number)
        here = here.holder
    return " > ".join(reversed(steps))
