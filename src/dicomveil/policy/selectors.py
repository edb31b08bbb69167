"""Which tags a rule speaks of: one tag, a repeating group, a whole group, all private ones.

A selector is a pattern of bits and a mask of the bits that matter, so every family of the standard
is the same kind of thing, and how general it is can be counted.
"""

from typing import NamedTuple

_ALL = 0xFFFFFFFF
_EVEN_GROUP = 0x00010000


class Selector(NamedTuple):
    """The tags that equal `pattern` in the bits of `mask`."""

    pattern: int
    mask: int
    text: str  # as the standard writes it: (50xx,xxxx)

    @property
    def breadth(self) -> int:
        """How many tags it speaks of; the narrower of two rules wins."""
        return 1 << (32 - self.mask.bit_count())

    def matches(self, tag: int) -> bool:
        """Whether `tag` is one of them."""
        return tag & self.mask == self.pattern

    def overlaps(self, other: "Selector") -> bool:
        """Whether some tag is matched by both."""
        return not (self.pattern ^ other.pattern) & self.mask & other.mask


PRIVATE = Selector(_EVEN_GROUP, _EVEN_GROUP, "(gggg,eeee) where gggg is odd")
GROUP_LENGTHS = Selector(0, _EVEN_GROUP | 0xFFFF, "(gggg,0000) where gggg is even")


def whole_group(number: int) -> Selector:
    """All elements of one group."""
    return Selector(number << 16, 0xFFFF0000, f"({number:04X},eeee)")


def selector(text: str) -> Selector:
    """The selector that the standard writes `text`: a tag, or one with `x` for any digit.

    A repeating group such as `60xx` speaks of even groups only (PS3.5 7.6): odd ones are private.
    Raises ValueError for anything else.
    """
    if text == PRIVATE.text:
        return PRIVATE
    digits = text.removeprefix("(").removesuffix(")").replace(",", "")
    if len(digits) != len("ggggeeee"):
        raise ValueError("a tag is written (gggg,eeee)")
    if "x" not in digits:
        return Selector(int(digits, 16), _ALL, text)
    mask = int("".join("0" if digit == "x" else "F" for digit in digits), 16)
    pattern = int(digits.replace("x", "0"), 16)
    return Selector(pattern, mask if mask == _ALL else mask | _EVEN_GROUP, text)
