"""The DICOM header that every generated file carries, written from `ct_header.txt`.

Explicit VR little endian, by a small encoder of its own: a benchmark whose input came from the
code that it measures would prove nothing, and pydicom writes a thousand headers in three seconds.
"""

import re
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Values = Mapping[str, str]

_LONG = frozenset({"OB", "OW", "SQ", "UN", "UT", "UC", "UR"})  # PS3.5 7.1.2: 4-byte length
_NUMBERS = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d"}
_UNDEFINED = 0xFFFFFFFF
_FIELD = re.compile(r"\{(\w+)\}")
_RECIPE = Path(__file__).with_name("ct_header.txt")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One element whose value is a text with {fields} in it."""

    tag: str
    vr: str
    text: str

    def fields(self) -> set[str]:
        """The names that have to be filled in."""
        return set(_FIELD.findall(self.text))

    def encode(self, values: Values) -> bytes:
        """The element as it lies in the file."""
        return element(self.tag, self.vr, _value(self.vr, self.text.format_map(values)))


@dataclass(frozen=True, slots=True)
class Nest:
    """One sequence and the elements of its items."""

    tag: str
    undefined: bool
    items: tuple[tuple["Node", ...], ...]

    def fields(self) -> set[str]:
        """The names that have to be filled in, at any depth."""
        return {name for item in self.items for node in item for name in node.fields()}

    def encode(self, values: Values) -> bytes:
        """The sequence as it lies in the file, its items' lengths written as its own is."""
        bodies = [b"".join(node.encode(values) for node in item) for item in self.items]
        if not self.undefined:
            return element(self.tag, "SQ", b"".join(_item(len(body)) + body for body in bodies))
        ended = b"".join(_item(_UNDEFINED) + body + _mark("FFFE,E00D") for body in bodies)
        return _head(self.tag, "SQ", _UNDEFINED) + ended + _mark("FFFE,E0DD")


Node = Leaf | Nest


def recipe(*, extra: str = "") -> tuple[Node, ...]:
    """The elements of `ct_header.txt`, with the lines of `extra` in their places."""
    lines = [*_RECIPE.read_text("ascii").splitlines(), *extra.splitlines()]
    nodes = _parse([line for line in lines if line and not line.startswith("#")])
    return tuple(sorted(nodes, key=lambda node: node.tag))


def settled(nodes: Iterable[Node], values: Values) -> list[bytes | Node]:
    """The header with all that `values` decide already written, runs of it as one piece."""
    pieces: list[bytes | Node] = []
    for node in nodes:
        if not node.fields() <= values.keys():
            pieces.append(node)
        elif pieces and isinstance(pieces[-1], bytes):
            pieces[-1] += node.encode(values)
        else:
            pieces.append(node.encode(values))
    return pieces


def written(pieces: Iterable[bytes | Node], values: Values) -> bytes:
    """The header in full."""
    return b"".join(p if isinstance(p, bytes) else p.encode(values) for p in pieces)


def file_meta(sop_class: str, sop_uid: str) -> bytes:
    """Preamble, prefix and file meta (PS3.10 7.1), with the AE title a real archive leaves."""
    body = element("0002,0001", "OB", b"\x00\x01") + b"".join(
        element(tag, vr, _value(vr, text))
        for tag, vr, text in (
            ("0002,0002", "UI", sop_class),
            ("0002,0003", "UI", sop_uid),
            ("0002,0010", "UI", "1.2.840.10008.1.2.1"),
            ("0002,0012", "UI", "1.2.826.0.1.3680043.10.1.1"),
            ("0002,0013", "SH", "PLANTED_1"),
            ("0002,0016", "AE", "PLANTEDCT1"),
        )
    )
    length = element("0002,0000", "UL", struct.pack("<I", len(body)))
    return bytes(128) + b"DICM" + length + body


def element(tag: str, vr: str, value: bytes) -> bytes:
    """One element of explicit VR little endian."""
    return _head(tag, vr, len(value)) + value


def pixel_head(length: int) -> bytes:
    """The tag, VR and length of native pixel data of `length` bytes."""
    return _head("7FE0,0010", "OW", length)


def _head(tag: str, vr: str, length: int) -> bytes:
    form, pad = ("<HH2sHI", (0,)) if vr in _LONG else ("<HH2sH", ())
    return struct.pack(form, *_numbers(tag), vr.encode(), *pad, length)


def _item(length: int) -> bytes:
    return struct.pack("<HHI", 0xFFFE, 0xE000, length)


def _mark(tag: str) -> bytes:
    return struct.pack("<HHI", *_numbers(tag), 0)


def _numbers(tag: str) -> tuple[int, int]:
    return int(tag[:4], 16), int(tag[5:], 16)


def _value(vr: str, text: str) -> bytes:
    if vr in _NUMBERS:
        kind = float if vr in {"FL", "FD"} else int
        numbers = [kind(part) for part in text.split("\\")]
        return struct.pack(f"<{len(numbers)}{_NUMBERS[vr]}", *numbers)
    if vr in {"OB", "UN"}:
        return bytes.fromhex(text)
    value = text.encode("latin-1")
    return value + (b"\x00" if vr == "UI" else b" ") * (len(value) % 2)


def _parse(lines: Sequence[str]) -> list[Node]:
    nodes: list[Node] = []
    at = 0
    while at < len(lines):
        tag, vr, text = lines[at].split(" ", 2)
        at += 1
        if vr != "SQ":
            nodes.append(Leaf(tag, vr, text))
            continue
        inner = []
        while at < len(lines) and lines[at].startswith(">"):
            inner.append(lines[at][1:].lstrip(" "))
            at += 1
        nodes.append(Nest(tag, text == "undefined", _items(inner)))
    return nodes


def _items(lines: Sequence[str]) -> tuple[tuple[Node, ...], ...]:
    starts = [at for at, line in enumerate(lines) if line == "item"]
    ends = [*starts[1:], len(lines)]
    return tuple(
        tuple(_parse(lines[start + 1 : end])) for start, end in zip(starts, ends, strict=True)
    )
