"""Actions are said in the words that recipes write."""

import pytest

from dicomveil.policy import actions as act
from dicomveil.policy.actions import Action, Kind
from dicomveil.policy.recipe.words import action_words


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (act.Keep(), "keep"),
        (act.KeepIfLegal(), "keep if legal"),
        (act.Hash(8), "hash: 8"),
        (act.Truncate(4), "truncate: 4"),
        (act.Mask("[0-9]"), "mask: [0-9]"),
        (act.JitterDate(7), "date-jitter: 7"),
        (act.Pseudonym(Kind.ACCESSION), "pseudonym: accession"),
    ],
)
def test_an_action_is_said_as_a_recipe_writes_it(action: Action, words: str) -> None:
    assert action_words(action) == words


def test_the_text_of_a_replacement_is_not_said() -> None:
    assert "Planted" not in action_words(act.Replace("Planted"))
