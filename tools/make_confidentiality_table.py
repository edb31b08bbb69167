"""Make src/dicomveil/policy/tables/ps3.15_e1-1.json from the standard's own DocBook.

    python tools/make_confidentiality_table.py part15.xml

`part15.xml` is PS3.15 of edition 2026c, which the user supplies; its SHA-256 must be the one below.
One row was added in 2026d and is listed here with its citation. Keywords and VRs are no part of
PS3.15: they come from pydicom's dictionary, and are null where it does not know the tag.
"""

import hashlib
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from pydicom._dicom_dict import DicomDictionary

TARGET = Path(__file__).parents[1] / "src/dicomveil/policy/tables/ps3.15_e1-1.json"
SHA256 = "77d60b856faf4223ab40a398c53130fc0ee9490d0d811ee3536e6d25c02ac717"
BOOK = "{http://docbook.org/ns/docbook}"
XML_ID = "{http://www.w3.org/XML/1998/namespace}id"

COLUMNS = ("tag", "name", "keyword", "vr", "retired", "in_std_iod", "basic", "options")
OPTIONS = (
    "rtn_safe_priv",
    "rtn_uids",
    "rtn_dev_id",
    "rtn_inst_id",
    "rtn_pat_chars",
    "rtn_long_full_dates",
    "rtn_long_modif_dates",
    "clean_desc",
    "clean_struct_cont",
    "clean_graph",
)

# PS3.15 2026d Table E.1-1, the one row that 2026c does not have: (name, tag, retired, in standard
# IOD, basic, then the options), as the table's columns are.
ADDED_IN_2026D = (
    ("Dose Calculation Model Name", "(3004,007F)", "N", "Y", "X", *"|||||||C||".split("|")),
)

# The one name that 2026d writes otherwise than 2026c.
RENAMED_IN_2026D = {"(0018,11BB)": "Acquisition Field of View Label"}

ZERO_WIDTH_SPACE = "\u200b"  # the book breaks long names with it

Row = tuple[str, str, str | None, str | None, bool, bool, str, dict[str, str]]


def parsed(xml: bytes) -> list[Row]:
    """The rows of Table E.1-1 in the order of the book."""
    root = ET.fromstring(xml)  # noqa: S314 - its hash was compared before
    table = next(e for e in root.iter(f"{BOOK}table") if e.get(XML_ID) == "table_E.1-1")
    body = table.find(f"{BOOK}tbody")
    if body is None:
        raise SystemExit("Table E.1-1 has no body")
    return [_row([_text(cell) for cell in line]) for line in body]


def added() -> list[Row]:
    """The rows that are not in the 2026c book."""
    return [_row(list(cells)) for cells in ADDED_IN_2026D]


def contents(rows: list[Row]) -> str:
    """The file: one row a line, so that a new edition shows as the lines it changes."""
    meta = {
        "source": "DICOM PS3.15 Table E.1-1",
        "edition": "2026d",
        "made_from": {"edition": "2026c", "sha256": SHA256, "rows": len(rows) - 1},
        "added_in_2026d": [cells[1] for cells in ADDED_IN_2026D],
        "keyword_and_vr": "pydicom's dictionary, null where it does not know the tag",
    }
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in _ordered(rows))
    head = f'"meta": {json.dumps(meta, indent=1)},\n"columns": {json.dumps(COLUMNS)},\n'
    return f'{{\n{head}"rows": [\n{lines}\n]\n}}\n'


def _row(cells: list[str]) -> Row:
    name, tag, retired, in_iod, basic, *options = cells
    vr, keyword = _known(tag)
    chosen = {key: code for key, code in zip(OPTIONS, options, strict=True) if code}
    name = RENAMED_IN_2026D.get(tag, name)
    return tag, name, keyword, vr, retired == "Y", in_iod == "Y", basic, chosen


def _known(tag: str) -> tuple[str | None, str | None]:
    if not re.fullmatch(r"\([0-9A-F]{4},[0-9A-F]{4}\)", tag):
        return None, None
    entry = DicomDictionary.get(int(tag[1:5] + tag[6:10], 16))
    return (entry[0], entry[4]) if entry else (None, None)


def _ordered(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row[0])


def _text(cell: ET.Element) -> str:
    text = "".join(cell.itertext()).replace(ZERO_WIDTH_SPACE, "")
    return " ".join(text.split())


def main(arguments: Sequence[str]) -> None:
    """Read the book named on the command line, and write the table."""
    if len(arguments) != 1:
        raise SystemExit(__doc__)
    xml = Path(arguments[0]).read_bytes()
    if hashlib.sha256(xml).hexdigest() != SHA256:
        raise SystemExit(f"this is not the part15.xml of 2026c (sha256 {SHA256})")
    TARGET.write_text(contents(parsed(xml) + added()), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
