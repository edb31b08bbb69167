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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param(b"corona", b"t2 coronal", id="a word"),
        pytest.param(b"corona", b"coronal_3d\\coronal", id="words with marks and figures"),
        pytest.param(b"corona", b"coronal2", id="a figure behind it"),
        pytest.param(b"contra", b"with contrast", id="the beginning of a word"),
    ],
)
@pytest.mark.parametrize("vr", ["LO", "UT", "CS", "UN"])
def test_a_name_inside_a_word_of_the_vocabulary_is_no_leak(
    name: bytes, value: bytes, vr: str
) -> None:
    assert not holds(value, vr, called(name))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param(b"corona", b"coronal corona", id="and by itself"),
        pytest.param(b"corona", b"mrcorona", id="glued to letters"),
        pytest.param(b"corona", b"coronax17", id="in an identifier"),
        pytest.param(b"corona", b"coronalcorona", id="glued to the word"),
        pytest.param(b"corona", "écoronal".encode(), id="behind a letter with an accent"),
        pytest.param(b"corona", b"coronal" * 20, id="in a run that is no word"),
        pytest.param(b"coronal", b"coronal", id="the word is the name"),
        pytest.param(b"corona li", b"coronal, corona lip", id="two parts of a name"),
    ],
)
def test_a_name_inside_anything_else_is_a_leak(name: bytes, value: bytes) -> None:
    assert holds(value, "LO", called(name))


def test_a_term_is_a_whole_word() -> None:
    assert is_term(b"perfusion")
    assert not is_term(b"perfusionist")
