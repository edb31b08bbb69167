"""The real files that the oracle is held to: pydicom's own, and the corpus beside the project."""

import os
from pathlib import Path

import pydicom.data

PROJECT = Path(__file__).resolve().parents[2]
PACKAGED = Path(pydicom.data.__file__).parent


def corpus() -> Path | None:
    """Where the corpus is: DICOMVEIL_CORPUS, else beside the project; None when it is nowhere."""
    told = os.environ.get("DICOMVEIL_CORPUS")
    folder = Path(told) if told else PROJECT.parent / "shared" / "corpus"
    return folder if folder.is_dir() else None


def real_files() -> dict[str, Path]:
    """Every regular file, by the name its test has."""
    folders = [PACKAGED / name for name in ("test_files", "charset_files", "palettes")]
    if (beside := corpus()) is not None:
        folders.append(beside)
    found = (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file())
    return {_name(path): path for path in found}


def _name(path: Path) -> str:
    beside = corpus()
    home = beside.parent if beside and path.is_relative_to(beside) else PACKAGED
    return path.relative_to(home).as_posix()
