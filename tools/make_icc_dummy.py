"""Print the colour profile that stands where one is required and the old one may not stay.

    python tools/make_icc_dummy.py

The hexadecimal digits are the value of (0028,2000) in policy/tables/dummies_by_tag.tsv: an input
profile (PS3.3 C.11.15) with the primaries of sRGB and a gamma of 2.2, which is what a reader takes
for images without a profile. It is made here from the numbers of ICC.1:2001-04 and IEC 61966-2-1,
so that nobody's name, device or date is in it.
"""

import struct
from collections.abc import Mapping
from itertools import accumulate

HEADER_SIZE = 128
WHITE = (0.9642, 1.0, 0.8249)  # D50, the white of the connection space
PRIMARIES = {
    b"rXYZ": (0.43607, 0.22249, 0.01392),
    b"gXYZ": (0.38515, 0.71687, 0.09708),
    b"bXYZ": (0.14307, 0.06061, 0.71410),
}


def profile() -> bytes:
    """The whole profile: header, table of tags, and their values, on multiples of 4 bytes."""
    values = {
        b"desc": _described(b"sRGB primaries"),
        b"cprt": b"text\0\0\0\0none\0\0\0\0",
        b"wtpt": _xyz(WHITE),
        **{tag: _xyz(colour) for tag, colour in PRIMARIES.items()},
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _gamma(2.2)),
    }
    table = _table(values)
    body = table + b"".join(values.values())
    return _header(HEADER_SIZE + len(body)) + body


def _table(values: Mapping[bytes, bytes]) -> bytes:
    start = HEADER_SIZE + 4 + 12 * len(values)
    starts = accumulate((len(value) for value in values.values()), initial=start)
    rows = (
        struct.pack(">4sLL", tag, at, len(value))
        for (tag, value), at in zip(values.items(), starts, strict=False)
    )
    return struct.pack(">L", len(values)) + b"".join(rows)


def _header(size: int) -> bytes:
    """ICC.1:2001-04 §6.1: version 2.1, an input device, RGB to XYZ, made at the start of 2000."""
    kind = struct.pack(">L4sL4s4s4s", size, b"", 0x02100000, b"scnr", b"RGB ", b"XYZ ")
    made = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
    rest = b"acsp" + bytes(28) + _fixed(WHITE) + bytes(48)
    return kind + made + rest


def _described(text: bytes) -> bytes:
    """ICC.1:2001-04 §6.5.17: the text in ASCII, and none in Unicode and ScriptCode."""
    ascii_text = text + b"\0"
    value = b"desc\0\0\0\0" + struct.pack(">L", len(ascii_text)) + ascii_text + bytes(4 + 4 + 70)
    return value + bytes(-len(value) % 4)


def _xyz(colour: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(colour)


def _gamma(exponent: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">LHH", 1, round(exponent * 256), 0)


def _fixed(numbers: tuple[float, float, float]) -> bytes:
    """Each as a signed number with 16 bits after the point."""
    return struct.pack(">3l", *(round(number * 65_536) for number in numbers))


if __name__ == "__main__":
    print(profile().hex())
