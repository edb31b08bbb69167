"""The project's own files, as the tests of the house read them."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = ("src", "tests", "tools", "benchmarks")
NOT_OURS = {".git", ".venv", "build", "dist", "__pycache__"}

needs_deid = pytest.mark.skipif(
    importlib.util.find_spec("dicomveil.cli.deid") is None,
    reason="dicomveil deid is not there yet",
)


def ours(pattern: str) -> Iterator[Path]:
    """The files of the project that match `pattern`, without what was generated or installed."""
    for path in sorted(ROOT.rglob(pattern)):
        parts = set(path.relative_to(ROOT).parts)
        if path.is_file() and not parts & NOT_OURS and not any(p.endswith("_cache") for p in parts):
            yield path


def modules() -> Iterator[Path]:
    """Every Python file of the project."""
    return (path for path in ours("*.py") if path.relative_to(ROOT).parts[0] in CODE)


def name(path: Path) -> str:
    """The path as a message shows it: from the project's root."""
    return str(path.relative_to(ROOT))
