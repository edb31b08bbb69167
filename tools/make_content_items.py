"""Make src/dicomveil/policy/tables/ps3.15_e3.4-1.tsv from Table E.3.4-1 of PS3.15 as JSON.

    python tools/make_content_items.py content_items.json

The user supplies the file. Codes of SNOMED CT have the retired SNOMED-RT codes beside them under
which older reports write the same concepts; pydicom has them from PS3.16 Annex O.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydicom import __version__ as pydicom_version
from pydicom.sr._snomed_dict import mapping

TARGET = Path(__file__).parents[1] / "src/dicomveil/policy/tables/ps3.15_e3.4-1.tsv"

# The columns of the book, by the keys that Table E.1-1 has for the same options.
OPTIONS = {
    "rtn_uids": "Rtn. UIDs Opt.",
    "rtn_dev_id": "Rtn. Dev. Id. Opt.",
    "rtn_inst_id": "Rtn. Inst. Id. Opt.",
    "rtn_pat_chars": "Rtn. Pat. Chars. Opt.",
    "rtn_long_full_dates": "Rtn. Long. Full Dates Opt.",
    "rtn_long_modif_dates": "Rtn. Long. Modif. Dates Opt.",
    "clean_desc": "Clean Desc. Opt.",
}

COLUMNS = "scheme; code; value type; Basic Profile; options; retired SNOMED-RT code; meaning"


def contents(table: Mapping[str, Any]) -> str:
    """The text of the table."""
    meta = table["meta"]
    head = (
        f"{meta['source']}, edition {meta['edition']}: content items of structured reports.",
        f"Retired codes: pydicom {pydicom_version} (PS3.16 Annex O), MIT licence.",
        "Made by tools/make_content_items.py; do not edit.",
        f"Columns, separated by tabs: {COLUMNS}.",
    )
    lines = [*(f"# {line}" for line in head), *sorted(_rows(table["items"]))]
    return "\n".join(lines) + "\n"


def _rows(items: Sequence[Mapping[str, str]]) -> Iterator[str]:
    for item in items:
        scheme, code = item["Coding Scheme Designator"], item["Code Value"]
        options = (f"{key} {item[column]}" for key, column in OPTIONS.items() if item[column])
        retired = mapping["SCT"].get(code, "") if scheme == "SCT" else ""
        yield "\t".join(
            (
                scheme,
                code,
                item["Value Type"],
                item["Basic Prof."],
                "; ".join(options),
                retired,
                item["Code Meaning"],
            )
        )


def main(arguments: Sequence[str]) -> None:
    """Read the file named on the command line, and write the table."""
    if len(arguments) != 1:
        raise SystemExit(__doc__)
    table = json.loads(Path(arguments[0]).read_text("utf-8"))
    TARGET.write_text(contents(table), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
