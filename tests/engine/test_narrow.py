"""Templates narrowed to a series give the same bytes as the plain road, and are the rule."""

import random

import pytest

from dicomveil.engine.cleaner import Verify
from tests.builders import BIG_ENDIAN, EXPLICIT, IMPLICIT, El, Ends, Item
from tests.engine.roads import Roads, series
from tests.engine.test_template_mutations import mutant

SEED = 20261122


def files_of(series_uid: str, count: int, dice: random.Random) -> list[list[El]]:
    """Elements of a series of slices: numbers, texts, UIDs and lengths vary as in real ones."""
    return [
        [
            El(0x00080005, "CS", "ISO_IR 100"),
            El(0x00080032, "TM", f"1230{n % 60:02}.{dice.randrange(10**6)}"),
            El(0x0008103E, "LO", dice.choice(["Abdomen", "Abdomen 5.0"])),
            El(
                0x00081140,
                "SQ",
                [Item((El(0x00081155, "UI", f"1.2.3.9.{dice.randrange(10**6)}"),), Ends.LENGTH)],
                Ends.LENGTH,
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
    files = series(files_of("1.2.3.4.5.6", 40, dice))
    roads = Roads(verify)

    for data in files:
        roads.take(data)
    for _ in range(300):
        roads.take(mutant(dice.choice(files), dice))
        roads.take(dice.choice(files))

    assert roads.differences == []
    assert roads.narrow_hits > 30
