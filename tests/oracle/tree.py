"""A DICOM file as pydicom reads it, with the bytes of each value left as they are."""

import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
from pydicom.charset import convert_encodings, decode_bytes
from pydicom.datadict import get_entry
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.valuerep import TEXT_VR_DELIMS
from pydicom.values import convert_SQ

from tests.oracle.scan import scan

CHARSET = 0x00080005


@dataclass(frozen=True)
class Leaf:
    """An element that is no sequence."""

    vr: str
    raw: bytes


@dataclass(frozen=True)
class Branch:
    """A sequence and its items."""

    vr: str
    items: "tuple[Tree, ...]"


Node = Leaf | Branch
Tree = dict[int, Node]


@dataclass(frozen=True)
class Read:
    """A whole file: preamble, file meta, data set, and how its elements are written."""

    preamble: bytes
    meta: Tree
    body: Tree
    implicit: bool
    little: bool


class Unreadable(Exception):
    """pydicom cannot read the file."""


def read(source: Path | bytes) -> Read:
    """Everything in a file; Unreadable whatever it is that pydicom trips over."""
    raw = source if isinstance(source, bytes) else source.read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return _read(raw)
        except Exception as error:  # pydicom raises whatever its parts raise
            raise Unreadable(type(error).__name__) from error


def _read(raw: bytes) -> Read:
    native, foreign = _apart(raw)
    whole = pydicom.dcmread(BytesIO(native), force=True)
    implicit, little = whole.original_encoding
    body = {**_tree(whole), **foreign}
    return Read(whole.preamble or b"", _tree(whole.file_meta), body, bool(implicit), bool(little))


def _apart(raw: bytes) -> tuple[bytes, Tree]:
    """The file without its little-endian sequences among big-endian elements, and those.

    PS3.5 §6.2.2 has what is inside a UN element little-endian; pydicom 3.0.2 overlooks that.
    """
    facts = scan(raw)
    trees: Tree = {}
    for tag, start, value, end in reversed(facts.foreign):
        items = convert_SQ(raw[facts.start + value : facts.start + end], True, True)
        trees[tag] = Branch("UN", tuple(_tree(item) for item in items))
        raw = raw[: facts.start + start] + raw[facts.start + end :]
    return raw, trees


def vr_in_dictionary(tag: int) -> str:
    """The first VR the dictionary has for a public tag, "" when it knows none."""
    try:
        return "" if tag & 0x10000 else str(get_entry(tag)[0]).split(" ", 1)[0]
    except KeyError:
        return ""


def effective_vr(tag: int, node: Node) -> str:
    """The VR that decides: the file's, or the dictionary's where the file says UN or nothing."""
    if isinstance(node, Branch):
        return "SQ"
    written = node.vr.split(" ", 1)[0]
    return (vr_in_dictionary(tag) or written) if written in {"UN", ""} else written


def charsets_of(tree: Tree, inherited: tuple[str, ...]) -> tuple[str, ...]:
    """Python's names of the character sets of one data set or item."""
    node = tree.get(CHARSET)
    if not isinstance(node, Leaf) or not node.raw.strip(b"\0 "):
        return inherited
    values = node.raw.decode("latin-1").rstrip("\0 ").split("\\")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tuple(convert_encodings([one.strip() for one in values]))


def text_of(tree: Tree, tag: int, charsets: tuple[str, ...]) -> str:
    """The text of one element, decoded by pydicom; "" when it is absent."""
    node = tree.get(tag)
    if not isinstance(node, Leaf):
        return ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return str(decode_bytes(node.raw, list(charsets) or ["iso8859"], TEXT_VR_DELIMS))


def words(tree: Tree, tag: int) -> list[str]:
    """The values of an element of plain ASCII letters, [] when it is absent or empty."""
    text = text_of(tree, tag, ()).strip("\0 ")
    return [one.strip("\0 ") for one in text.split("\\")] if text else []


def number(tree: Tree, tag: int) -> int | None:
    """The first unsigned short of an element, None when it is absent or empty."""
    node = tree.get(tag)
    if not isinstance(node, Leaf) or len(node.raw) < 2:
        return None
    return int.from_bytes(node.raw[:2], "little")


def _tree(dataset: Dataset) -> Tree:
    # All are taken before the first sequence is read: pydicom then converts Pixel Representation.
    elements = {int(tag): dataset.get_item(tag) for tag in dataset.keys()}  # noqa: SIM118 raw
    return {tag: _node(dataset, tag, element) for tag, element in elements.items()}


def _node(dataset: Dataset, tag: int, element: Any) -> Node:
    if not isinstance(element, RawDataElement):
        return _converted(element)
    vr = str(element.VR or vr_in_dictionary(tag))
    if vr == "SQ":
        return _converted(dataset[tag], vr)
    if vr == "UN" and vr_in_dictionary(tag) == "SQ" and element.value:
        return Branch("UN", tuple(_tree(item) for item in convert_SQ(element.value, True, True)))
    return Leaf(vr, bytes(element.value or b""))


def _converted(element: Any, vr: str = "") -> Node:
    if element.VR == "SQ":
        return Branch(vr or "SQ", tuple(_tree(item) for item in element.value))
    value = element.value
    if isinstance(value, bytes):
        return Leaf(str(element.VR), value)
    values = value if isinstance(value, MultiValue) else [value or ""]
    text = "\\".join(str(one) for one in values)  # the character set, which pydicom looks up
    return Leaf(str(element.VR), (text + " " * (len(text) % 2)).encode())
