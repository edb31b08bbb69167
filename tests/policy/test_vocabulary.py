"""The vocabulary is what its makers wrote, folded, and holds the words of protocols."""

import pytest

from dicomveil.policy import tables
from dicomveil.policy.vocabulary import CODES, PROTOCOLS, protocol_words, vocabulary
from tests.policy.test_generated import tool


def test_the_words_of_codes_are_those_of_the_installed_pydicom() -> None:
    assert tool("make_vocabulary").contents() == tables.read_text(CODES)


@pytest.mark.parametrize("table", [CODES, PROTOCOLS])
def test_a_table_is_folded(table: str) -> None:
    lines = tables.read_text(table).splitlines()
    words = [word for line in lines if not line.startswith("#") for word in line.split()]

    assert [word for word in words if not (word.isascii() and word.islower())] == []


@pytest.mark.parametrize(
    "word", "abdomen flair haste gadovist mprage coronal pituitary scanner forehead kopf".split()
)
def test_a_word_of_protocols_is_of_the_vocabulary(word: str) -> None:
    assert word in vocabulary()


@pytest.mark.parametrize("word", "featherstone lopez garcia yamada kowalski".split())
def test_a_name_that_is_no_word_is_not(word: str) -> None:
    assert word not in vocabulary()


def test_the_words_of_protocols_are_a_part_of_it() -> None:
    assert protocol_words() < vocabulary()
