"""The tables of private elements are those that their maker makes."""

import json
import os
from pathlib import Path

import pytest

from dicomveil.policy import tables
from dicomveil.policy.private import fitted
from dicomveil.policy.private_tables import Disposition, Source, Step, listed
from tests.policy.test_generated import tool

NAMES = ("private_safe.tsv", "private_tcia.tsv", "private_vrs.tsv")
SOURCES = ("ps3.15_table_e3.10-1_safe_private.json", "tcia_private_tag_kb.json")


@pytest.fixture
def sources() -> list[dict[str, object]]:
    """The two files that the tables are made from, which are not ours to ship."""
    place = os.environ.get("DICOMVEIL_STANDARD")
    beside = Path(__file__).parents[3] / "shared" / "standard"
    folder = Path(place) if place else beside
    if not folder.is_dir():
        pytest.skip("DICOMVEIL_STANDARD names no folder with the tables as JSON")
    return [json.loads((folder / name).read_text("utf-8")) for name in SOURCES]


def test_the_tables_are_remade_byte_for_byte(sources: list[dict[str, object]]) -> None:
    maker = tool("make_private_tables")

    made = maker.contents_of(*sources)

    assert made == {name: tables.read_text(name) for name in NAMES}


def test_the_maker_wants_its_two_sources() -> None:
    with pytest.raises(SystemExit, match=r"safe_private\.json"):
        tool("make_private_tables").main([])


def entry(code: str, vr: str, creator: str, *inside: dict[str, str]) -> dict[str, object]:
    """An entry of the knowledge base for element 10 of a private block, or below it."""
    path = [{"group": "0009", "creator": creator, "el": "1a"}, *inside]
    return {"path": path, "vr": vr, "disp": code}


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([entry("k", "LO", "Acme")], ["keep"]),
        ([entry("k", "SQ", "Acme")], ["container"]),
        ([entry("na", "SQ", "Acme")], ["container"]),
        ([entry("na", "LO", "Acme")], []),
        ([entry("d", "LO", "Acme")], []),
        ([entry("k", "LO", "Acme"), entry("d", "LO", "ACME")], []),
        ([entry("k", "LO", "20150620191340")], []),
        ([entry("k", "LO", "")], []),
        ([entry("k", "LO", "Unnamed Private Block - 01")], []),
        ([entry("k", "LO", "Acme", {"group": "0008", "el": "0100"})], []),
        ([entry("d", "LO", "Acme", {"group": "0008", "el": "0100"})], ["delete"]),
    ],
)
def test_a_row_is_shipped_only_when_it_tells_something(
    entries: list[dict[str, object]], words: list[str]
) -> None:
    rows = tool("make_private_tables").known_rows(entries)

    assert [row.word for row in rows] == words


def test_a_block_is_one_line() -> None:
    maker = tool("make_private_tables")
    rows = maker.known_rows([entry("k", vr, "Acme, Inc.") for vr in ("UN", "LO")])

    assert maker.blocks(rows) == ["\t0009\tACME, INC.\tkeep\t1A LO,UN"]


def test_every_row_of_the_safe_table_is_there() -> None:
    """479 rows of the standard; one of two VRs is two, and five have none to be told."""
    rows = tables.read_rows(Source.SAFE.value)
    elements = [entry for *_, entries in rows for entry in entries.split("; ")]

    assert sum(len(entry.split(" ")[1].split(",")) for entry in elements) == 479 + 2 - 5


def test_a_creator_with_a_comma_is_read_as_it_was_written() -> None:
    step = Step.private(0x7E011010, "HOLOGIC, Inc.")

    assert listed(Source.SAFE, (step,), "SQ") is Disposition.CONTAINER


def test_every_origin_names_its_edition() -> None:
    assert all(any(letter.isdigit() for letter in source.origin) for source in Source)


def test_no_creator_of_a_table_is_a_date_or_a_number() -> None:
    creators = {row[2] for name in NAMES for row in tables.read_rows(name) if row[2]}

    assert not [creator for creator in creators if creator.replace(".", "").isdigit()]


def test_the_words_of_the_tables_are_dispositions() -> None:
    words = {row[3] for source in Source for row in tables.read_rows(source.value)}

    assert {fitted(Disposition(word), "SL") for word in words} <= set(Disposition)
