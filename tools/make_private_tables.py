"""Make the tables of private elements in src/dicomveil/policy/tables/.

    python tools/make_private_tables.py safe_private.json private_tag_kb.json

The first file is Table E.3.10-1 of PS3.15 as JSON, the second the private tag knowledge base of The
Cancer Imaging Archive as JSON; the user supplies both. Neither says by itself what VR an element
that arrives as UN has: that is taken from pydicom's private dictionary, and where it knows none,
from the tables where they agree on one. The same sources always give the same bytes.
"""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from pydicom import __version__ as pydicom_version
from pydicom._private_dict import private_dictionaries

TABLES = Path(__file__).parents[1] / "src/dicomveil/policy/tables"
SAFE, KNOWN, VRS = "private_safe.tsv", "private_tcia.tsv", "private_vrs.tsv"

# The knowledge base's codes; `na` is a container where the VR is SQ, and says nothing elsewhere.
WORDS = {"k": "keep", "d": "delete", "h": "hash-uid", "o": "shift-date", "oi": "epoch-date"}
SAYS_NOTHING_OF_VR = frozenset({"", "UN", "OB", "OW"})
# Creators that are none: a date or a number, or what a tool writes where there is no creator.
NO_CREATOR = re.compile(r"[\d.]*|UNNAMED PRIVATE BLOCK.*")


class Step(NamedTuple):
    """One element on the way to another; the creator is empty for a standard one."""

    group: str
    creator: str
    element: str


class Row(NamedTuple):
    """What becomes of one element, written with one VR, at one place."""

    path: tuple[Step, ...]
    vr: str
    word: str


def safe_rows(attributes: Iterable[Mapping[str, str]]) -> Iterator[Row]:
    """The rows of Table E.3.10-1; "OW/OB" is two, and no VR is none."""
    for entry in attributes:
        group, element = entry["tag"][1:5], entry["tag"][8:10]
        step = Step(group, entry["private_creator"].upper(), element.upper())
        word = "container" if entry["vr"] == "SQ" else "keep"
        for vr in entry["vr"].split("/"):
            yield Row((step,), vr, word)


def known_rows(entries: Iterable[Mapping[str, object]]) -> list[Row]:
    """The rows of the knowledge base that are not what happens to an unlisted element anyway.

    Where it says two things of one element and VR, the element is deleted.
    """
    words: dict[tuple[tuple[Step, ...], str], set[str]] = defaultdict(set)
    for entry in entries:
        path, vr = _path(entry["path"]), str(entry["vr"])
        words[path, vr].add(_word(str(entry["disp"]), vr))
    rows = (
        Row(path, vr, next(iter(said)) if len(said) == 1 else "delete")
        for (path, vr), said in words.items()
    )
    return [row for row in rows if _tells(row)]


def known_vrs(rows: Iterable[Row]) -> dict[Step, str]:
    """The VR of every private element of the rows, where one can be told."""
    told: dict[Step, set[str]] = defaultdict(set)
    for row in rows:
        told[row.path[-1]].add(row.vr)
    listed = _dictionary()
    found = {
        step: listed.get(step, vrs - SAYS_NOTHING_OF_VR)
        for step, vrs in told.items()
        if step.creator
    }
    return {step: next(iter(vrs)) for step, vrs in found.items() if len(vrs) == 1}


def blocks(rows: Iterable[Row]) -> list[str]:
    """The rows, a line for each block and word: above, group, creator, word, elements."""
    lines: dict[tuple[str, str, str, str], dict[str, list[str]]] = defaultdict(dict)
    for path, vr, word in sorted(rows):
        above = " > ".join(map(_text, path[:-1]))
        group, creator, element = path[-1]
        lines[above, group, creator, word].setdefault(element, []).append(vr)
    return [
        "\t".join((*key, "; ".join(f"{e} {','.join(vrs)}" for e, vrs in elements.items())))
        for key, elements in sorted(lines.items())
    ]


def contents_of(safe: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, str]:
    """The text of every table, by file name, from the two files as they are read."""
    edition = f"{safe['meta']['source']}, edition {safe['meta']['edition']}"
    return contents(
        list(safe_rows(safe["attributes"])),
        known_rows(known["entries"]),
        (edition, known["meta"]["source"]),
    )


def contents(safe: Sequence[Row], known: Sequence[Row], sources: Sequence[str]) -> dict[str, str]:
    """The text of every table, by file name; `sources` says which edition each was made from."""
    columns = "sequences above, group, creator in capitals, what becomes of it, elements with VRs"
    vrs = known_vrs([*safe, *known])
    safe = [row for row in map(partial(_with_vr, vrs), safe) if row.vr]
    rows = [Row((step,), vr, "vr") for step, vr in vrs.items()]
    of_vrs = f"The VRs of the elements of {SAFE} and {KNOWN}.", f"Source: {_PYDICOM}; the tables."
    return {
        SAFE: _table((*_SAFE, f"Source: {sources[0]}."), columns, blocks(safe)),
        KNOWN: _table((*_KNOWN, f"Source: {sources[1]}."), columns, blocks(known)),
        VRS: _table(of_vrs, columns, blocks(rows)),
    }


_SAFE = (
    "PS3.15 Table E.3.10-1: private elements that are safe, at any depth.",
    "A row without a VR has that of the private dictionary, and is left out where there is none.",
)
_KNOWN = (
    "Private elements as The Cancer Imaging Archive treats them, each at its exact place.",
    "Facts of the archive's private tag knowledge base, offered for public review and utilization;",
    "a licence is not stated.",
    "What it deletes is left out, as unlisted elements go anyway; but for standard elements inside",
    "private sequences, whose other rows are left out, as the profile decides about those.",
)
_PYDICOM = f"the private dictionary of pydicom {pydicom_version}, MIT licence"


def _path(steps: object) -> tuple[Step, ...]:
    assert isinstance(steps, list)
    return tuple(
        Step(step["group"].upper(), step.get("creator", "").upper(), step["el"].upper())
        for step in steps
    )


def _with_vr(vrs: Mapping[Step, str], row: Row) -> Row:
    """The row, with the VR that is known of the element where it says none."""
    return row if row.vr else row._replace(vr=vrs.get(row.path[-1], ""))


def _word(code: str, vr: str) -> str:
    if vr == "SQ":
        return "delete" if code == "d" else "container"
    return WORDS.get(code, "nothing")


def _tells(row: Row) -> bool:
    """Whether the row is worth keeping: see the head of the table."""
    private = [step.creator for step in row.path if len(step.element) == 2]
    if any(NO_CREATOR.fullmatch(creator) for creator in private):
        return False
    leaf_is_private = len(row.path[-1].element) == 2
    return row.word not in ("delete", "nothing") if leaf_is_private else row.word == "delete"


def _dictionary() -> dict[Step, set[str]]:
    """Every private element of pydicom, creators in capitals, with the VRs that say something."""
    found: dict[Step, set[str]] = defaultdict(set)
    for creator, elements in private_dictionaries.items():
        for tag, (vr, *_) in elements.items():
            if len(vr) == 2 and vr not in ("UN", ""):
                found[Step(tag[:4].upper(), creator.upper(), tag[6:8].upper())].add(vr)
    return found


def _text(step: Step) -> str:
    return "(" + ",".join(part for part in step if part) + ")"


def _table(title: Sequence[str], columns: str, rows: Iterable[str]) -> str:
    made = "Made by tools/make_private_tables.py; do not edit."
    head = (*title, made, f"Columns, separated by tabs: {columns}.")
    return "\n".join([*(f"# {line}" for line in head), *rows]) + "\n"


def main(arguments: Sequence[str]) -> None:
    """Read the two files named on the command line, and write the tables."""
    if len(arguments) != 2:
        raise SystemExit(__doc__)
    safe, known = (json.loads(Path(name).read_text("utf-8")) for name in arguments)
    made = contents_of(safe, known)
    for name, text in made.items():
        (TABLES / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
