"""pydicom applying dicomveil's default policy: `peer_pydicom.py TABLE SRC DST`.

The loop that a careful programmer writes: dcmread, one look-up of Table E.1-1 per element, what
the table does not list by its VR, private elements out, UIDs and identifiers by keyed hash,
save_as under the new UIDs. Nothing is slow on purpose: actions are looked up in a dict, a UID is
hashed once, a folder is made once, and elements that are only removed are never decoded.
"""

import hashlib
import json
import os
import re
import sys
from base64 import b32encode
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pydicom
from pydicom._uid_dict import UID_dictionary
from pydicom.datadict import dictionary_has_tag
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag

KEY = bytes(range(32))
PSEUDONYMS = {0x00100010: "name", 0x00100020: "id", 0x00080050: "accession", 0x00200010: "study"}
OUT = frozenset({"PN", "DA", "DT", "TM", "AS", "AE", "UR", "UN", "OB", "OW"})
TEXT = frozenset({"LO", "SH", "ST", "LT", "UT", "UC"})
CODES = frozenset({0x00080100, 0x00080102, 0x00080103, 0x00080104, 0x00181210})
PICTURE = frozenset({0x7FE00010, 0x00281201, 0x00281202, 0x00281203, 0x00283006, 0x54001010})
LEGAL = {
    "CS": re.compile(r"[A-Z0-9 _]{0,16}"),
    "DS": re.compile(r" *[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)? *|"),
    "IS": re.compile(r" *[+-]?\d{1,12} *|"),
}
DUMMY = {"DA": "19000101", "TM": "000000", "DT": "19000101000000", "AS": "000Y", "PN": "REMOVED"}
NUMBERS = frozenset({"US", "SS", "UL", "SL", "FL", "FD", "DS", "IS"})

uids: dict[str, str] = {}


class Policy(NamedTuple):
    """What the tables say."""

    actions: dict[int, str]
    reviewed: frozenset[int]


def table(path: str) -> dict[int, str]:
    """Table E.1-1's Basic Profile: the first letter of each concrete tag's action."""
    contents = json.loads(Path(path).read_text("utf-8"))
    at, code = (contents["columns"].index(column) for column in ("tag", "basic"))
    tags = ((re.sub(r"[(),]", "", row[at]), row[code]) for row in contents["rows"])
    return {int(tag, 16): _usable(code) for tag, code in tags if re.fullmatch("[0-9A-F]{8}", tag)}


def reviewed(path: str) -> frozenset[int]:
    """The unlisted tags that the reviewed tables beside Table E.1-1 keep, of texts and of bulk."""
    lines = [
        line
        for found in Path(path).parent.glob("reviewed_*.tsv")
        for line in found.read_text("utf-8").splitlines()
    ]
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    tags = [re.sub(r"[(),]", "", row[0]) for row in rows if row[3] == "keep"]
    return frozenset(int(tag, 16) for tag in tags if re.fullmatch("[0-9A-F]{8}", tag))


def clean(ds: Dataset, policy: Policy) -> None:
    """Apply the policy to one data set and, by way of its sequences, to its items."""
    for tag in list(ds.keys()):
        vr = ds.get_item(tag).VR
        action = decide(ds, tag, vr, policy)
        if action == "X":
            del ds[tag]
        elif action == "SQ":
            for item in ds[tag].value:
                clean(item, policy)
        elif action != "K":
            ds[tag].value = replacement(action, ds[tag], vr)


def replacement(action: str, element: DataElement, vr: str | None) -> object:
    """The new value of an element that stays with another value."""
    if action == "Z":
        return Sequence() if vr == "SQ" else None
    if action == "P":
        return pseudonym(PSEUDONYMS[element.tag], str(element.value))
    if action == "D":
        return dummy(vr)
    many = isinstance(element.value, MultiValue)
    return [uid(value) for value in element.value] if many else uid(element.value)


def decide(ds: Dataset, tag: BaseTag, vr: str | None, policy: Policy) -> str:
    """X, Z, D, U, K, P (a pseudonym) or SQ (look inside) for one element."""
    if tag.is_private or tag.elem == 0 or tag.group in (0x0000, 0x0004, 0xFFFA, 0xFFFC):
        return "X"
    if tag in PSEUDONYMS:
        return "P"
    action = policy.actions.get(tag)
    if action == "U" and vr == "SQ":  # references stay, with new UIDs in them
        return "SQ"
    if action == "U" or (action is None and vr == "UI"):
        return "K" if not action and all(v in UID_dictionary for v in texts(ds, tag)) else "U"
    if action and action != "K":
        return action
    return "SQ" if vr == "SQ" else action or unlisted(ds, tag, vr, policy)


def unlisted(ds: Dataset, tag: BaseTag, vr: str | None, policy: Policy) -> str:
    """K or X for what the table does not name, by its VR."""
    if tag in policy.reviewed or tag in PICTURE or tag in CODES:
        return "K"
    if vr is None or vr in OUT or vr in TEXT or tag.group >> 8 in (0x50, 0x60):
        return "X"
    if not dictionary_has_tag(tag):
        return "X"
    if vr in LEGAL:
        return "K" if all(LEGAL[vr].fullmatch(v) for v in texts(ds, tag)) else "X"
    return "K"


def texts(ds: Dataset, tag: BaseTag) -> list[str]:
    """The values of a CS, DS, IS or UI element as they are written."""
    raw = ds.get_item(tag).value
    if not isinstance(raw, bytes):
        return [str(value) for value in ([raw] if isinstance(raw, str) else raw or [])]
    return raw.decode("latin-1").rstrip("\0 ").split("\\")


def dummy(vr: str | None) -> object:
    """A value for an element that must have one."""
    if vr == "SQ":
        return Sequence([Dataset()])
    return 0 if vr in NUMBERS else DUMMY.get(vr or "", "REMOVED")


def pseudonym(kind: str, text: str) -> str:
    """16 letters for an identifier, the same for the same one."""
    digest = hashlib.blake2b(text.encode(), key=KEY, person=kind.encode(), digest_size=10)
    return b32encode(digest.digest()).decode()


def uid(old: str) -> str:
    """The UID that stands for `old` everywhere."""
    if old not in uids:
        digest = hashlib.blake2b(old.encode(), key=KEY, digest_size=16).digest()
        uids[old] = f"2.25.{int.from_bytes(digest) | 1 << 127}"
    return uids[old]


def mark(ds: Dataset) -> None:
    """Say what was done (PS3.15 E.3) and bring the file meta in step."""
    ds.PatientIdentityRemoved = "YES"
    ds.DeidentificationMethod = "PS3.15 Basic Profile"
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator = "113100", "DCM"
    code.CodeMeaning = "Basic Application Confidentiality Profile"
    ds.DeidentificationMethodCodeSequence = [code]
    ds.LongitudinalTemporalInformationModified = "REMOVED"
    syntax = ds.file_meta.TransferSyntaxUID
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = syntax
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.preamble = bytes(128)


def files(top: str) -> Iterator[str]:
    """Every file under `top`."""
    for folder, _, names in os.walk(top):
        yield from (os.path.join(folder, name) for name in names)  # noqa: PTH118 - the fast way


def main(where: str, source: str, target: str) -> None:
    """De-identify the tree."""
    policy = Policy(table(where), reviewed(where))
    made: set[str] = set()
    for path in files(source):
        ds = pydicom.dcmread(path)
        clean(ds, policy)
        mark(ds)
        folder = f"{target}/{ds.PatientID}/{ds.StudyInstanceUID}/{ds.SeriesInstanceUID}"
        if folder not in made:
            Path(folder).mkdir(parents=True, exist_ok=True)
            made.add(folder)
        ds.save_as(f"{folder}/{ds.SOPInstanceUID}.dcm", enforce_file_format=True)


def _usable(code: str) -> str:
    """Of a compound (X/Z/D, X/Z/U*) the choice that keeps the object usable."""
    for letter in ("U", "D", "Z"):
        if letter in code:
            return letter
    return code


if __name__ == "__main__":
    main(*sys.argv[1:])
