"""Names that seeds give: Faker's own, however much of Faker is imported."""

import subprocess
import sys

SEEDS = 400
COMPARED = f"""
import random, sys
from dicomveil.policy.names import name_for
draw = random.Random(20)
seeds = [draw.randbytes(draw.randrange(24)) for _ in range({SEEDS})]
ours = list(map(name_for, seeds))
left = [name for name in sys.modules if name.startswith("faker")]
from faker import Faker
def original(seed):
    Faker.seed(int.from_bytes(seed, "little"))
    first, last = Faker().name().split()[:2]
    return f"{{last.upper()}}^{{first.upper()}}^ANON"
print(len(left), sum(map(str.__eq__, ours, map(original, seeds))), len(set(ours)) > {SEEDS} // 2)
"""


def test_names_are_those_of_the_whole_package_and_nothing_of_it_stays() -> None:
    done = subprocess.run(
        [sys.executable, "-c", COMPARED], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["0", str(SEEDS), "True"]


def test_names_are_the_same_where_the_whole_package_was_imported_before() -> None:
    program = "import faker\n" + COMPARED.replace("print(len(left)", "print(len(left) > 10")

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["True", str(SEEDS), "True"]
