"""The walls: how long a file and a function may be.

Parameters and complexity are ruff's to count.
"""

import ast

from tests.house.tree import modules, name

FILE_WALL = 400
FUNCTION_WALL = 40
# Longer ones, each with its reason.
LONGER = {
    "src/dicomveil/engine/edits.py judged": "one loop: a call for each element doubles its time",
    "src/dicomveil/engine/template.py _run": "the hot loop: a call for each doing costs as much"
    " as the doing itself, 40 times a file",
}


def test_no_file_is_longer_than_the_wall() -> None:
    lengths = {name(path): len(path.read_text("utf-8").splitlines()) for path in modules()}

    assert {path: lines for path, lines in lengths.items() if lines > FILE_WALL} == {}


def test_no_function_is_longer_than_the_wall() -> None:
    lengths = {
        f"{name(path)} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }

    assert {where for where, lines in lengths.items() if lines > FUNCTION_WALL} == set(LONGER)
