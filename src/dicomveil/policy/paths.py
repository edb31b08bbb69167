"""Keys beyond keywords: tags as numbers, private elements by their creator, and items' elements.

- `(0010,0020)`: an element of the data set;
- `(0009,[GEMS_IDEN_01]01)`: one of a private block, by its owner;
- `RequestAttributesSequence > ScheduledProcedureStepID`: in every item of a sequence;
- `(0040,0275)[0] > (0040,0009)`: in its first item.
"""

import re
from typing import Final, NamedTuple

from dicomveil.dicom.dictionary import keyword_of, tag_of
from dicomveil.dicom.tags import Tag, is_private, tag_text
from dicomveil.errors import StructureError
from dicomveil.policy.templates import nearest

_PLAIN: Final = re.compile(r"\(?([0-9A-Fa-f]{4}),?([0-9A-Fa-f]{4})\)?")
_OWNED: Final = re.compile(r"\(?([0-9A-Fa-f]{4}),?\[([^\]]+)\]([0-9A-Fa-f]{2})\)?")
_INDEXED: Final = re.compile(r"(.*?)(?:\[([0-9]+)\])?", re.DOTALL)


class Step(NamedTuple):
    """One element on the way: its tag, for a private block's only the byte within the block."""

    tag: Tag
    creator: str = ""
    item: int | None = None  # which item to go on in; None for all

    @property
    def name(self) -> str:
        """What `#tag` stands for: the keyword, or the tag as the standard prints it."""
        if self.creator:
            return f"({self.tag >> 16:04X},[{self.creator}]{self.tag & 0xFF:02X})"
        return keyword_of(self.tag) or tag_text(self.tag)


Path = tuple[Step, ...]


def is_path(key: str) -> bool:
    """Whether the key is written as a tag or a path, and not as a keyword."""
    return ">" in key or bool(_PLAIN.fullmatch(key.strip()) or _OWNED.fullmatch(key.strip()))


def parse_path(key: str) -> Path:
    """The steps that the key says; StructureError when it cannot be read."""
    *through, last = key.split(">")
    steps = [_through(part.strip()) for part in through]
    return (*steps, _step(last.strip()))


def _through(text: str) -> Step:
    """A step into a sequence: an element, and perhaps the number of one item."""
    found = _INDEXED.fullmatch(text)
    assert found is not None  # the pattern matches any text
    item = int(found[2]) if found[2] else None
    return _step(found[1])._replace(item=item)


def _step(text: str) -> Step:
    owned = _OWNED.fullmatch(text)
    if owned is not None:
        group = int(owned[1], 16)
        if not group & 1:
            raise StructureError(f"{text}: only private elements, of an odd group, have an owner")
        return Step(group << 16 | int(owned[3], 16), owned[2].strip())
    plain = _PLAIN.fullmatch(text)
    if plain is not None:
        return Step(int(plain[1] + plain[2], 16))
    tag = tag_of(text)
    if tag is None:
        raise StructureError(f'"{text}" is no keyword of PS3.6{nearest(text)}')
    return Step(tag)


def is_plain(path: Path) -> bool:
    """Whether it is one public element of the data set itself."""
    return len(path) == 1 and not is_private(path[0].tag)
