"""A name that is also a word of the standard is no leak in a code, and stays one in free text."""

import pytest

from dicomveil.engine.identity import Identity, is_term
from dicomveil.engine.verify import holds


def called(*words: bytes) -> Identity:
    return Identity(words=frozenset(words), numbers=frozenset(), uids=frozenset())


@pytest.mark.parametrize(
    ("word", "value"),
    [
        pytest.param(b"perfusion", b"derived\\primary\\perfusion\\rcbf", id="a flavor"),
        pytest.param(b"stress", b"original\\primary\\stress", id="an exercise"),
        pytest.param(b"text", b"text", id="a word of an element's name"),
        pytest.param(b"resp", b"resp_gated", id="a part of a term"),
    ],
)
def test_a_word_of_the_standard_is_a_leak_in_text_alone(word: bytes, value: bytes) -> None:
    assert not holds(value, "CS", called(word))
    assert holds(value, "LO", called(word))


@pytest.mark.parametrize("name", [b"dixon", b"star", b"smith"])
def test_a_name_of_many_people_is_a_leak_in_a_code_too(name: bytes) -> None:
    assert holds(b"original\\primary\\" + name, "CS", called(name))


def test_another_name_beside_a_word_of_the_standard_is_found() -> None:
    assert holds(b"perfusion_smith", "CS", called(b"perfusion", b"smith"))


def test_a_term_is_a_whole_word() -> None:
    assert is_term(b"perfusion")
    assert not is_term(b"perfusionist")
