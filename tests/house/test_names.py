"""Names come from the trade; furniture words are refused."""

import ast
import re

from tests.house.tree import modules, name

FURNITURE = re.compile(
    r"(Manager|Handler|Processor|Helper|Helpers|Util|Utils|Core|Data|Info)$|^Base"
)
ROOMS = {"base", "common", "core", "data", "helper", "helpers", "manager", "misc", "util", "utils"}
VERBS = ("do_", "process_")


def test_no_class_is_named_as_furniture() -> None:
    named = [
        f"{name(path)}: {node.name}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef) and FURNITURE.search(node.name)
    ]

    assert named == []


def test_no_module_or_folder_is_named_as_furniture() -> None:
    named = [name(path) for path in modules() if {path.stem, *path.parent.parts[-3:]} & ROOMS]

    assert named == []


def test_no_function_only_says_that_it_does() -> None:
    named = [
        f"{name(path)}: {node.name}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith(VERBS)
    ]

    assert named == []


def test_every_module_says_its_subject_in_its_first_sentence() -> None:
    silent = [
        name(path)
        for path in modules()
        if not (ast.get_docstring(ast.parse(path.read_text("utf-8"))) or "").strip()
    ]

    assert silent == []
