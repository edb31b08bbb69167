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
STAMP = HOME / "requirements.txt"
TABLE = HERE.parent / "src" / "dicomveil" / "policy" / "tables" / "ps3.15_e1-1.json"


def python() -> str | None:
    """The interpreter that has the peers; None, with a word on stderr, when it cannot be made."""
    if not ready():
        try:
            _make()
        except subprocess.CalledProcessError as error:
            sys.stderr.write(f"peers are left out: their environment failed ({error})\n")
            return None
        STAMP.write_bytes(REQUIREMENTS.read_bytes())
    return str(HOME / "bin" / "python")


def ready() -> bool:
    """Whether the environment is there, made from these very requirements."""
    return STAMP.exists() and STAMP.read_bytes() == REQUIREMENTS.read_bytes()


def versions() -> dict[str, str]:
    """What `requirements.txt` pins."""
    lines = REQUIREMENTS.read_text("ascii").split()
    return dict(line.split("==", 1) for line in lines)


def script(name: str) -> str:
    """The path of `peer_NAME.py`."""
    return str(HERE / f"peer_{name}.py")


def _make() -> None:
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(HOME)],
        [str(HOME / "bin" / "python"), "-m", "pip", "install", "-q", "-r", str(REQUIREMENTS)],
    ):
        subprocess.run(command, check=True)
