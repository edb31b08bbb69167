"""Over every real file at hand, the product's presets with options and the oracle agree."""

import pytest

from tests.oracle.corpora import real_files
from tests.oracle.outcome import outcome_of
from tests.oracle.presets import Preset
from tests.oracle.verdict import Pixels

FILES = real_files()


@pytest.mark.parametrize("preset", [one for one in Preset if one is not Preset.BASIC])
@pytest.mark.parametrize("name", FILES)
def test_a_real_file_is_delivered_by_the_options_as_the_oracle_says(
    name: str, preset: Preset
) -> None:
    outcome = outcome_of(FILES[name], Pixels.ACCEPTED, preset)

    assert not outcome.wrong, "\n".join([f"{name} ({outcome.ended}):", *outcome.wrong])
