"""The narrower rule decides, and a tie is an error."""

import pytest

from dicomveil.errors import ProfileError
from dicomveil.policy.actions import Empty, Keep, Remove
from dicomveil.policy.rules import Rule, narrowest_first
from dicomveil.policy.selectors import selector


def test_the_narrower_rule_comes_first_whatever_the_order() -> None:
    wide = Rule(selector("(60xx,xxxx)"), Remove(), "a")
    narrow = Rule(selector("(60xx,0010)"), Keep(), "b")
    exact = Rule(selector("(6000,0010)"), Empty(), "c")

    assert narrowest_first([wide, exact, narrow]) == (exact, narrow, wide)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("(0010,0010)", "(0010,0010)", id="one tag twice"),
        pytest.param("(60xx,0010)", "(6x0x,0010)", id="families that cross"),
    ],
)
def test_a_tie_is_an_error_that_names_both_rules(one: str, other: str) -> None:
    rules = [
        Rule(selector(one), Remove(), "first.toml:3"),
        Rule(selector("(0008,0008)"), Keep(), "first.toml:4"),
        Rule(selector(other), Keep(), "second.toml:7"),
    ]

    with pytest.raises(ProfileError) as refused:
        narrowest_first(rules)

    assert "first.toml:3" in str(refused.value)
    assert "second.toml:7" in str(refused.value)


def test_families_of_one_breadth_that_share_nothing_are_no_tie() -> None:
    rules = [
        Rule(selector("(60xx,3000)"), Remove(), "a"),
        Rule(selector("(60xx,4000)"), Keep(), "b"),
    ]

    assert narrowest_first(rules) == tuple(rules)
