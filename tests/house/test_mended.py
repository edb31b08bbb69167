"""Each bug of anonapi that docs/anon/differences.md lists has its tests, by number and name."""

import ast
import re

from tests.house.tree import ROOT

PAGE = ROOT / "docs" / "anon" / "differences.md"
TESTS = ROOT / "tests" / "cli" / "anon"
HARVESTED = 22  # bugs seen when anonapi 2.1.2 was run; what follows was found later
ROW = re.compile(r"^\| (\d+) \| .+ \| (.+) \|$", re.MULTILINE)
NUMBERED = re.compile(r"test_(\d+)_\w+")


def listed() -> dict[int, set[str]]:
    """The tests that the page names for each bug."""
    rows = ROW.findall(PAGE.read_text("utf-8"))
    return {int(number): set(re.findall(r"`(test_\w+)`", named)) for number, named in rows}


def written() -> dict[int, set[str]]:
    """The tests whose names begin with the number of a bug."""
    found: dict[int, set[str]] = {}
    for path in TESTS.glob("test_mended*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and (match := NUMBERED.fullmatch(node.name)):
                found.setdefault(int(match[1]), set()).add(node.name)
    return found


def test_every_bug_is_listed_once_and_in_order() -> None:
    numbers = [int(number) for number, _ in ROW.findall(PAGE.read_text("utf-8"))]

    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= HARVESTED


def test_every_listed_bug_has_the_tests_that_are_named() -> None:
    assert listed() == written()
    assert all(listed().values())
