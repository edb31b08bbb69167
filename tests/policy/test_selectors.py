"""A selector speaks of the tags that its text says."""

import pytest

from dicomveil.policy.selectors import GROUP_LENGTHS, PRIVATE, selector, whole_group


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        pytest.param("(0010,0010)", 0x00100010, 0x00100020, id="one tag"),
        pytest.param("(50xx,xxxx)", 0x50120034, 0x51000034, id="a repeating group"),
        pytest.param("(60xx,3000)", 0x60FE3000, 0x60003001, id="one element of it"),
        pytest.param("(60xx,3000)", 0x60003000, 0x60013000, id="even groups only"),
        pytest.param("(gggg,eeee) where gggg is odd", 0x00091001, 0x00081001, id="private"),
    ],
)
def test_a_selector_speaks_of_the_tags_that_its_text_says(
    text: str, inside: int, outside: int
) -> None:
    chosen = selector(text)

    assert chosen.matches(inside)
    assert not chosen.matches(outside)


def test_breadth_is_the_number_of_tags_it_speaks_of() -> None:
    group = whole_group(0x0004)

    assert selector("(0010,0010)").breadth == 1
    assert selector("(60xx,3000)").breadth == 128
    assert group.breadth == 65_536
    assert PRIVATE.breadth == 2**31
    assert GROUP_LENGTHS.breadth == 2**15


@pytest.mark.parametrize("text", ["", "(0010,001)", "0010", "(001g,0010)", "PatientName"])
def test_what_is_no_tag_is_no_selector(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        selector(text)


def test_two_selectors_overlap_when_they_share_a_tag() -> None:
    assert selector("(60xx,3000)").overlaps(selector("(6002,xxxx)"))
    assert not selector("(60xx,3000)").overlaps(selector("(50xx,xxxx)"))
