"""Overlays in the unused bits of the pixels (PS3.5 8.1.2, retired): which bits they are.

Only what is certain is told: native pixel data of whole words, and bits that lie outside of those
that are stored. Everything else has no mask, and its object is kept back.
"""

import struct
from collections.abc import Sequence
from typing import Final

from dicomveil.dicom.elements import Element
from dicomveil.dicom.forms import Form
from dicomveil.dicom.tags import Tag
from dicomveil.engine.scene import Scene

_PIXEL_DATA: Final = 0x7FE00010
_ALLOCATED: Final = 0x00280100
_STORED: Final = 0x00280101
_HIGH_BIT: Final = 0x00280102
_BIT_POSITION: Final = 0x0102
_WORDS: Final = {8: "B", 16: "H", 32: "L"}


def mask_without(groups: Sequence[Tag], scene: Scene) -> bytes:
    """The bits of a stored pixel but for those of these overlays, as they lie; b"" if unsure."""
    pixels = scene.roots.get(_PIXEL_DATA)
    allocated, stored, high = (_number(scene, tag) for tag in (_ALLOCATED, _STORED, _HIGH_BIT))
    if pixels is None or allocated is None or stored is None or high is None:
        return b""
    if allocated not in _WORDS or not _is_native(pixels, allocated):
        return b""
    if not 0 < stored <= high + 1 <= allocated:
        return b""
    mask = (1 << allocated) - 1
    for group in groups:
        position = _number(scene, group | _BIT_POSITION)
        if position is None or position >= allocated or high - stored < position <= high:
            return b""
        mask &= ~(1 << position)
    return struct.pack(pixels.form.order + _WORDS[allocated], mask)


def _is_native(pixels: Element, allocated: int) -> bool:
    """Whether the pixels are whole words, not compressed, in the byte order of the data set."""
    if pixels.undefined or not pixels.length or pixels.length % (allocated // 8):
        return False
    if allocated == 8:  # pairs of bytes are swapped in big endian, which changes nothing here
        return pixels.vr in ("OB", "OW")
    return pixels.vr == "OW" or (pixels.vr == "OB" and pixels.form is not Form.EXPLICIT_BE)


def _number(scene: Scene, tag: Tag) -> int | None:
    """The one value of a US; None where it is something else."""
    element = scene.roots.get(tag)
    if element is None or element.vr != "US" or element.length != 2:
        return None
    return int.from_bytes(
        scene.raw(element), "big" if element.form is Form.EXPLICIT_BE else "little"
    )
