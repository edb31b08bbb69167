"""The real files that tests are held to: those that pydicom ships, and the corpus where it is."""

import os
from pathlib import Path

import pydicom.data
import pytest

_PACKAGED = Path(pydicom.data.__file__).parent
_FOLDERS = ("test_files", "charset_files", "palettes")


def corpus() -> Path | None:
    """Where the corpus is: DICOMVEIL_CORPUS, else beside the project; None when it is nowhere."""
    told = os.environ.get("DICOMVEIL_CORPUS")
    folder = Path(told) if told else Path(__file__).parents[2] / "shared" / "corpus"
    return folder if folder.is_dir() else None


def real_files() -> list[Path]:
    """Every regular file of both, in order."""
    folders = [_PACKAGED / name for name in _FOLDERS]
    beside = corpus()
    folders += [beside] if beside else []
    return [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]


def name(path: Path) -> str:
    """What a test calls the file."""
    return "/".join(path.parts[-2:])


needs_corpus = pytest.mark.skipif(
    corpus() is None, reason="no corpus: DICOMVEIL_CORPUS is not set, and none lies beside"
)
