"""Make docs/dummies.md from the tables of dummies that the package carries.

    python tools/make_dummies_page.py

tests/policy/test_generated.py compares the page with what this makes.
"""

from collections.abc import Iterable
from pathlib import Path

from dicomveil.dicom.dictionary import keyword_of
from dicomveil.dicom.tags import parse_tag
from dicomveil.policy import dummies, tables

TARGET = Path(__file__).parents[1] / "docs" / "dummies.md"

HEAD = """# Dummies

Where PS3.15 asks for a value and the old one may not stay (action D), a constant takes its place.
It depends on the VR alone, for a few attributes and for sequences on the tag, so it says nothing of
what it replaces. UI has no constant, which would merge what was different: it gets a new keyed UID.

This page is made by `tools/make_dummies_page.py` from the tables in `policy/tables/`.
"""

BY_VR = """
## By VR

| VR | value | why it is legal, and not taken for a finding |
|---|---|---|
"""

BY_TAG = """
## By tag

| attribute | VR | value | why the dummy of the VR would not do |
|---|---|---|---|
"""

LONGEST_SHOWN = 40

BY_SEQUENCE = """
## By sequence

A sequence keeps one item, of these elements; the old items go with all they hold.

| element | VR | value |
|---|---|---|
"""


def page() -> str:
    """The whole page."""
    by_vr = (f"| {vr} | `{value}` | {why} |" for vr, value, why in tables.read_rows(dummies.BY_VR))
    parts = (BY_VR, by_vr), (BY_TAG, _tag_rows()), (BY_SEQUENCE, _sequence_rows())
    return HEAD + "".join(head + _lines(rows) for head, rows in parts)


def _tag_rows() -> Iterable[str]:
    for tag, vr, value, why in tables.read_rows(dummies.BY_TAG):
        shown = value if len(value) <= LONGEST_SHOWN else f"{value[:LONGEST_SHOWN]}…"
        yield f"| {tag} {keyword_of(parse_tag(tag))} | {vr} | `{shown}` | {why} |"


def _sequence_rows() -> Iterable[str]:
    for path, vr, text in tables.read_rows(dummies.BY_SEQUENCE):
        *above, tag = path.split(" > ")
        name = f"{'> ' * len(above)}{tag} {keyword_of(parse_tag(tag))}"
        yield f"| {name} | {vr} | {f'`{text}`' if text else ''} |"


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    TARGET.write_text(page(), "utf-8")
