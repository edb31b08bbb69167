"""Overlays in unused bits of Pixel Data: which bits, and the pixels without them."""

import struct

from tests.oracle.tree import Leaf, Tree

PIXELS = 0x7FE00010
ALLOCATED, STORED, HIGH = 0x00280100, 0x00280101, 0x00280102
TYPES = {8: "B", 16: "H", 32: "L"}


def groups_in_pixels(tree: Tree, *, big: bool = False) -> list[int]:
    """The groups of overlays that have no data of their own, or say a position that is not 0."""
    groups = {tag >> 16 for tag in tree if tag >> 24 == 0x60 and not tag & 0x10000}
    return [
        group
        for group in sorted(groups)
        if _number(tree, group << 16 | 0x0102, big)
        or (
            group << 16 | 0x3000 not in tree
            and {group << 16 | 0x0010, group << 16 | 0x0102} & tree.keys()
        )
    ]


def without_overlays(tree: Tree, *, native: bool, big: bool) -> bytes | None:
    """The pixels without the bits of overlays; None where there are none, or it is not certain."""
    groups = groups_in_pixels(tree, big=big)
    pixels = tree.get(PIXELS)
    sizes = [_number(tree, tag, big) for tag in (ALLOCATED, STORED, HIGH)]
    if not groups or not native or not isinstance(pixels, Leaf) or None in sizes:
        return None
    allocated, stored, high = (size or 0 for size in sizes)
    if allocated not in TYPES or len(pixels.raw) % (allocated // 8) or not pixels.raw:
        return None
    used = range(high - stored + 1, high + 1)
    bits = [_number(tree, group << 16 | 0x0102, big) for group in groups]
    unused = set(range(allocated)) - set(used)
    if not used or used[0] < 0 or used[-1] >= allocated or not set(bits) <= unused:
        return None
    count = len(pixels.raw) // (allocated // 8)
    words = struct.Struct(f"{'>' if big else '<'}{count}{TYPES[allocated]}")
    lost = sum(1 << bit for bit in bits if bit is not None)
    return words.pack(*(word - (word & lost) for word in words.unpack(pixels.raw)))


def _number(tree: Tree, tag: int, big: bool) -> int | None:
    node = tree.get(tag)
    if not isinstance(node, Leaf) or len(node.raw) != 2:
        return None
    return int.from_bytes(node.raw, "big" if big else "little")
