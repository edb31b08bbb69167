"""Regular expressions mean the same on every Python that is supported."""

import ast
import re

from tests.house.tree import modules, name

POSSESSIVE = re.compile(r"(?<!\\)[*+?}]\+")
A_PATTERN = re.compile(r"\(\?|\\d|\\w|\[\^")


def test_no_pattern_is_possessive() -> None:
    """Python 3.11.0 to 3.11.4, Debian 12's among them, match possessive groups wrongly (gh-106052).

    On those an illegal UID was legal.
    """
    found = {
        f"{name(path)}:{node.lineno}"
        for path in modules()
        if name(path).startswith("src/")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
        for text in [node.value if isinstance(node.value, str) else node.value.decode("latin-1")]
        if A_PATTERN.search(text) and (POSSESSIVE.search(text) or "(?>" in text)
    }

    assert found == set()
