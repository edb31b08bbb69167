"""Templates narrowed to a series give the same bytes as the plain road, and are the rule."""

import random

import pytest

from dicomveil.engine.cleaner import Verify
from dicomveil.policy.profile import load_profile
from tests.builders import BIG_ENDIAN, EXPLICIT, IMPLICIT, El, Ends, Item
from tests.engine.roads import Roads, series
from tests.engine.test_template_mutations import mutant

SEED = 20261122


def files_of(
    series_uid: str, count: int, dice: random.Random, ends: Ends = Ends.LENGTH
) -> list[list[El]]:
    """Elements of a series of slices: numbers, texts, UIDs and lengths vary as in real ones."""
    return [
        [
            El(0x00080005, "CS", "ISO_IR 100"),
            El(0x00080032, "TM", f"1230{n % 60:02}.{dice.randrange(10**6)}"),
            El(0x0008103E, "LO", dice.choice(["Abdomen", "Abdomen 5.0"])),
            El(
                0x00081199,
                "SQ",
                [Item((El(0x00081155, "UI", f"1.2.3.9.{dice.randrange(10**6)}"),), ends)],
                ends,
            ),
            El(0x00180050, "DS", dice.choice(["5", "5.0", "2.5"])),
            El(0x00181210, "SH", "B30f"),
            El(0x0020000E, "UI", series_uid),
            El(0x00200032, "DS", f"-180\\{n / 4}\\{dice.random():.4f}"),
            El(0x00200052, "UI", series_uid + ".1"),
            El(0x00280106, "US", (dice.randrange(9),)),
        ]
        for n in range(count)
    ]


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG_ENDIAN])
@pytest.mark.parametrize("verify", Verify)
def test_most_files_of_long_series_take_the_narrow_template(syntax: str, verify: Verify) -> None:
    dice = random.Random(SEED)
    cases = [case for uid in ("1.2.3.4.5.6", "1.2.3.4.5.77") for case in files_of(uid, 60, dice)]
    roads = Roads(verify)

    for data in series(cases, syntax):
        roads.take(data)

    assert roads.differences == []
    assert roads.narrow_hits > 80


@pytest.mark.parametrize("verify", Verify)
@pytest.mark.parametrize("round_", range(4))
def test_both_roads_agree_on_mutants_of_a_narrowed_series(verify: Verify, round_: int) -> None:
    seed = f"{SEED} {round_} {verify.name}"
    print("dice:", seed)  # noqa: T201 - pytest shows it with a failure
    dice = random.Random(seed)
    ends = list(Ends)[round_ % 2]
    files = series(files_of("1.2.3.4.5.6", 40, dice, ends))
    roads = Roads(verify)

    for data in files:
        roads.take(data)
    for _ in range(300):
        roads.take(mutant(dice.choice(files), dice))
        roads.take(dice.choice(files))

    assert roads.differences == []
    assert roads.narrow_hits > 30


@pytest.mark.parametrize("ends", Ends)
def test_a_name_in_a_sequence_that_goes_is_still_looked_for(ends: Ends) -> None:
    dice = random.Random(SEED)
    cases = files_of("1.2.3.4.5.6", 40, dice, ends)
    named = Item((El(0x00081155, "UI", "1.2.3.9.77"), El(0x00100010, "PN", "B30f")), ends)
    told = [*cases[0], El(0x00081140, "SQ", [named], ends)]
    also = Item((El(0x00081155, "UI", "1.2.3.4.99.1.2"),), ends)
    left = [
        *cases[0],
        El(0x00081140, "SQ", [also], ends),
        El(0x00181210, "SH", "1.2.3.4.99.1.2"),
    ]
    roads = Roads(Verify.ON)

    for data in series([*cases, told, left, *cases]):
        roads.take(data)

    assert roads.differences == []
    assert roads.narrow_hits > 40


RESEARCH = load_profile("research")
COMMENTS = ("no contrast", "", "late phase", "seen on 20200102", "call 555-1234", "DOE was here")


def moved(case: list[El], dice: random.Random) -> list[El]:
    """The slice with what the research profile judges by itself: a time stamp and a comment."""
    when = dice.choice([f"2020010{dice.randrange(1, 9)}1230{dice.randrange(60):02}", "", "2020"])
    odd = dice.random() < 0.05
    return [
        *case,
        El(0x0008002A, "DT", "not a date" if odd else when),
        El(0x00100010, "PN", "Doe^Jane"),
        El(0x00204000, "LT", dice.choice(COMMENTS)),
    ]


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT, BIG_ENDIAN])
@pytest.mark.parametrize("verify", Verify)
def test_dates_that_move_and_texts_that_are_cleaned_take_the_narrow_template(
    syntax: str, verify: Verify
) -> None:
    dice = random.Random(SEED)
    cases = [moved(case, dice) for case in files_of("1.2.3.4.5.6", 160, dice)]
    roads = Roads(verify, profile=RESEARCH)

    for data in series(cases, syntax):
        roads.take(data)

    assert roads.differences == []
    assert roads.narrow_hits > 80


@pytest.mark.parametrize("round_", range(3))
def test_both_roads_agree_on_mutants_of_a_series_for_research(round_: int) -> None:
    seed = f"{SEED} research {round_}"
    print("dice:", seed)  # noqa: T201 - pytest shows it with a failure
    dice = random.Random(seed)
    files = series([moved(case, dice) for case in files_of("1.2.3.4.5.6", 60, dice)])
    roads = Roads(Verify.ON, profile=RESEARCH)

    for data in files:
        roads.take(data)
    for _ in range(300):
        roads.take(mutant(dice.choice(files), dice))
        roads.take(dice.choice(files))

    assert roads.differences == []
    assert roads.narrow_hits > 30
