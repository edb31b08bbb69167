"""Tags as numbers: (gggg,eeee) is 0xGGGGEEEE."""

Tag = int

ITEM = 0xFFFEE000
ITEM_END = 0xFFFEE00D
SEQUENCE_END = 0xFFFEE0DD
PIXEL_DATA = 0x7FE00010
PIXEL_TAGS = frozenset({0x7FE00008, 0x7FE00009, PIXEL_DATA})


def tag_text(tag: Tag) -> str:
    """`(0008,0018)`: the tag as the standard prints it."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def parse_tag(text: str) -> Tag:
    """The number of `(0008,0018)`, `0008,0018` or `00080018`; ValueError on anything else."""
    digits = text.strip().removeprefix("(").removesuffix(")").replace(",", "")
    if len(digits) != 8:
        raise ValueError("a tag is written (gggg,eeee)")
    return int(digits, 16)


def is_private(tag: Tag) -> bool:
    """Whether the group is odd (PS3.5 §7.8)."""
    return bool(tag & 0x10000)


def is_private_creator(tag: Tag) -> bool:
    """Whether the element names the owner of a private block: (gggg,0010-00FF), odd group."""
    return bool(tag & 0x10000) and 0x10 <= tag & 0xFFFF <= 0xFF


def is_group_length(tag: Tag) -> bool:
    """Whether the element number is 0000 (PS3.5 §7.2)."""
    return tag & 0xFFFF == 0
