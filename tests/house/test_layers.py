"""The rooms use only those after them, and import-linter would notice if they did not."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT

LINT = Path(sys.executable).parent / "lint-imports"

ROOMS = "each room uses only those after it"
PURITY = "dicom, policy and engine read no settings, clock, environment, network or randomness"
PYDICOM = "pydicom serves multi-byte character sets and DIMSE messages alone"


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """What import-linter says about the package below `root`."""
    return subprocess.run(
        [LINT, "--no-cache"],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_room_uses_only_those_after_it() -> None:
    said = lint(ROOT)

    assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("dicom/tags.py", "import os", PURITY),
        ("policy/__init__.py", "import random", PURITY),
        ("engine/__init__.py", "import time", PURITY),
        ("engine/__init__.py", "import dicomveil.places", ROOMS),
        ("places/__init__.py", "import dicomveil.engine", ROOMS),
        ("dicom/tags.py", "import dicomveil.policy", ROOMS),
        ("errors.py", "import dicomveil.dicom", ROOMS),
        ("engine/__init__.py", "import pydicom", PYDICOM),
        ("attic.py", "", ROOMS),
    ],
)
def test_an_import_against_the_order_is_refused(
    tmp_path: Path, module: str, line: str, contract: str
) -> None:
    shutil.copytree(ROOT / "src", tmp_path / "src")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / "src" / "dicomveil" / module).open("a", encoding="utf-8") as changed:
        changed.write(f"\n{line}\n")

    said = lint(tmp_path)

    assert said.returncode == 1, said.stderr
    assert f"{contract} BROKEN" in said.stdout
