"""An expression of a recipe costs one pass over the text, or is refused."""

import time

import pytest

from dicomveil.errors import ProfileError
from dicomveil.policy.patterns import LONGEST, masked, whole


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)*c", "(?:a?){60}a{60}", "(.*a){20}c"])
def test_no_expression_makes_a_match_slow(pattern: str) -> None:
    """Python's own matcher would need longer than the universe is old."""
    began = time.process_time()

    found = whole(pattern)("a" * 5_000 + "b")

    assert not found
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("(a", id="not closed"),
        pytest.param("((a{1000}){1000}){1000}", id="too large an automaton"),
        pytest.param("(?=a)a", id="look-ahead"),
        pytest.param(r"(a)\1", id="a reference to a group"),
        pytest.param("a" * (LONGEST + 1), id="too long"),
    ],
)
def test_what_cannot_be_matched_in_one_pass_is_refused(pattern: str) -> None:
    with pytest.raises(ProfileError) as refused:
        whole(pattern)

    assert pattern not in str(refused.value)


def test_the_whole_text_has_to_match() -> None:
    matches = whole("Study.*")

    assert matches("StudyDate")
    assert not matches("InStudyDate")


def test_a_mask_is_as_long_as_what_it_hides() -> None:
    assert masked("[0-9]+")("ID 4711, Zürich 8") == "ID XXXX, Zürich X"
