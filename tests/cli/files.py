"""The real files that commands are held to: pydicom's own, and the corpus beside the project."""

import os
from pathlib import Path

import pydicom.data

PACKAGED = Path(pydicom.data.__file__).parent
CORPUS = Path(os.environ.get("DICOMVEIL_CORPUS") or Path(__file__).parents[3] / "shared" / "corpus")


def packaged(name: str) -> Path:
    """One of pydicom's own test files."""
    return PACKAGED / "test_files" / name


def real_files() -> list[Path]:
    """Every regular file of both; pydicom's alone where there is no corpus."""
    folders = (PACKAGED / "test_files", PACKAGED / "charset_files", PACKAGED / "palettes", CORPUS)
    return [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
