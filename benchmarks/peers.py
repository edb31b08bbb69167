"""The peers' own environment and the commands that drive them.

Peers live in a virtual environment of their own (`build/bench-peers`), made from
`requirements.txt` on first use, so that nothing of them is ever beside the product.
"""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "requirements.txt"
HOME = HERE.parent / "build" / "bench-peers"
TAGSUB_HOME = HERE.parent / "build" / "bench-tagsub"
TAGSUB_REQUIREMENTS = HERE / "tagsub" / "requirements.txt"
TABLE = HERE.parent / "src" / "dicomveil" / "policy" / "tables" / "ps3.15_e1-1.json"


def python() -> str | None:
    """The interpreter that has the peers; None, with a word on stderr, when it cannot be made."""
    return _program(HOME, REQUIREMENTS)


def tagsub() -> str | None:
    """The interpreter that has pfdicom_tagSub, whose pins no peer can share; None as above."""
    return _program(TAGSUB_HOME, TAGSUB_REQUIREMENTS)


def ready() -> bool:
    """Whether the peers' environment is there, made from these very requirements."""
    return _is_made(HOME, REQUIREMENTS)


def versions() -> dict[str, str]:
    """What the requirements of the peers pin; pydicom's own is that of the peers."""
    lines = TAGSUB_REQUIREMENTS.read_text("ascii").split() + REQUIREMENTS.read_text("ascii").split()
    return dict(line.split("==", 1) for line in lines)


def script(name: str) -> str:
    """The path of `peer_NAME.py`."""
    return str(HERE / f"peer_{name}.py")


def _program(home: Path, requirements: Path) -> str | None:
    if not _is_made(home, requirements):
        try:
            _make(home, requirements)
        except subprocess.CalledProcessError as error:
            sys.stderr.write(f"peers are left out: their environment failed ({error})\n")
            return None
        (home / "requirements.txt").write_bytes(requirements.read_bytes())
    return str(home / "bin" / "python")


def _is_made(home: Path, requirements: Path) -> bool:
    stamp = home / "requirements.txt"
    return stamp.exists() and stamp.read_bytes() == requirements.read_bytes()


def _make(home: Path, requirements: Path) -> None:
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(home)],
        [str(home / "bin" / "python"), "-m", "pip", "install", "-q", "-r", str(requirements)],
    ):
        subprocess.run(command, check=True)
