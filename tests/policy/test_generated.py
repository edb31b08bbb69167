"""What a tool makes is what the package ships."""

import hashlib
import importlib.util
import json
import os
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

from dicomveil.policy import dummies, iods, tables
from dicomveil.policy.standard import TABLE, table_contents

ROOT = Path(__file__).parents[2]


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def book() -> bytes:
    """The standard's own PS3.15 of 2026c, which is not ours to ship."""
    place = os.environ.get("DICOMVEIL_PART15_XML")
    if not place:
        pytest.skip("DICOMVEIL_PART15_XML does not name a part15.xml of edition 2026c")
    return Path(place).read_bytes()


def test_the_confidentiality_table_is_remade_from_the_book(book: bytes) -> None:
    maker = tool("make_confidentiality_table")

    parsed = maker.parsed(book)

    assert hashlib.sha256(book).hexdigest() == maker.SHA256
    assert len(parsed) == 656
    assert maker.contents(parsed + maker.added()) == tables.read_text(TABLE)


def test_the_confidentiality_table_is_written_as_its_maker_writes_it() -> None:
    maker = tool("make_confidentiality_table")

    again = maker.contents([tuple(row) for row in table_contents()["rows"]])

    assert again == tables.read_text(TABLE)


def test_the_row_of_the_newer_edition_is_cited_and_shipped() -> None:
    rows = {row[0]: row for row in table_contents()["rows"]}
    maker = tool("make_confidentiality_table")

    added = json.loads(json.dumps(maker.added()))

    assert [rows[row[0]] for row in added] == added
    assert rows["(3004,007F)"][-2:] == ["X", {"clean_desc": "C"}]


def test_another_book_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "part15.xml"
    other.write_text("<book/>", "utf-8")
    maker = tool("make_confidentiality_table")

    with pytest.raises(SystemExit, match="not the part15"):
        maker.main([str(other)])


@pytest.fixture
def wheel() -> Path:
    """The wheel of highdicom 0.28.2, which only the maker of the table reads."""
    place = os.environ.get("DICOMVEIL_HIGHDICOM_WHEEL")
    if not place:
        pytest.skip("DICOMVEIL_HIGHDICOM_WHEEL does not name the wheel of highdicom 0.28.2")
    return Path(place)


def test_the_table_of_iods_is_remade_from_highdicom(wheel: Path) -> None:
    maker = tool("make_iod_table")

    assert maker.contents(maker.read_maps(wheel)) == tables.read_text(iods.TABLE)


def test_the_table_of_iods_says_where_it_comes_from() -> None:
    table = json.loads(tables.read_text(iods.TABLE))

    assert table["meta"] == tool("make_iod_table").source()


def test_the_table_of_iods_is_the_whole_of_it() -> None:
    table = json.loads(tables.read_text(iods.TABLE))

    counts = {part: len(table[part]) for part in ("sop_classes", "iods", "modules", "nodes")}

    assert counts == {"sop_classes": 180, "iods": 171, "modules": 389, "nodes": 1145}


def test_what_is_written_out_again_has_as_many_attributes_as_in_the_book() -> None:
    """The 389 modules have 90,536 attributes at all their paths before they are condensed."""
    table = json.loads(tables.read_text(iods.TABLE))
    sizes: list[int] = []
    for line in table["nodes"]:
        inside = [sizes[int(entry.partition(">")[2])] for entry in line.split() if ">" in entry]
        sizes.append(len(line.split()) + sum(inside))

    assert sum(sizes[number] for number in table["modules"].values()) == 90_536


def test_another_package_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "highdicom-0.1-py3-none-any.whl"
    maker = tool("make_iod_table")
    with zipfile.ZipFile(other, "w") as wheel:
        for name in maker.MEMBERS:
            wheel.writestr(f"highdicom/_standard/{name}.json", "{}")

    with pytest.raises(SystemExit, match="is not that of highdicom"):
        maker.main([str(other)])


def test_the_dummy_of_a_colour_profile_is_as_its_maker_makes_it() -> None:
    assert dummies.value_at(0x00282000, "OB") == tool("make_icc_dummy").profile()


def test_the_page_of_dummies_shows_the_tables() -> None:
    page = (ROOT / "docs" / "dummies.md").read_text("utf-8")

    assert tool("make_dummies_page").page() == page
