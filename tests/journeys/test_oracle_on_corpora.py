"""Over every real file at hand, the product and the oracle agree, element by element."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.oracle.corpora import corpus, real_files
from tests.oracle.outcome import outcome_of
from tests.oracle.verdict import Pixels

FILES = real_files()
FEWEST_PACKAGED = 150  # pydicom 3.0.2 packages more; fewer means that they were not found


@pytest.mark.parametrize("pixels", Pixels)
@pytest.mark.parametrize("name", FILES)
def test_a_real_file_is_delivered_as_the_oracle_says_or_quarantined_for_a_reason(
    name: str, pixels: Pixels
) -> None:
    outcome = outcome_of(FILES[name], pixels)

    assert not outcome.wrong, "\n".join([f"{name} ({outcome.ended}):", *outcome.wrong])


@pytest.mark.parametrize("pixels", Pixels)
def test_every_real_file_ends_in_the_table_of_reasons(
    pixels: Pixels, record_property: Callable[[str, object], None]
) -> None:
    outcomes = [outcome_of(path, pixels) for path in FILES.values()]
    table = Counter((outcome.ended, outcome.why) for outcome in outcomes)

    record_property("table", _printed(table))
    assert sum(table.values()) == len(FILES) > FEWEST_PACKAGED


def test_the_corpus_beside_the_project_was_among_the_files() -> None:
    if corpus() is None:
        pytest.skip("no corpus: neither DICOMVEIL_CORPUS nor ../shared/corpus")
    assert any(name.startswith("corpus/") for name in FILES)


def test_no_file_is_named_twice() -> None:
    assert len({Path(path).resolve() for path in FILES.values()}) == len(FILES)


def _printed(table: Counter[tuple[str, str]]) -> str:
    lines = [f"{count:5}  {ended:22} {why or 'DISAGREED'}" for (ended, why), count in _rows(table)]
    return "\n".join(["files  ended                  why", *lines])


def _rows(table: Counter[tuple[str, str]]) -> list[tuple[tuple[str, str], int]]:
    return sorted(table.items(), key=lambda row: (-row[1], row[0]))
