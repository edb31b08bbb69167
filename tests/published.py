"""anonapi as it is published, in an environment of its own, kept between runs in pytest's cache."""

import os
import subprocess
import venv
from pathlib import Path

import pytest

VERSION = "anonapi==2.1.2"


def interpreter(config: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of the environment; where it cannot be made, CI fails and others skip."""
    assert config.cache is not None
    kept = config.cache.mkdir("anonapi") / "2.1.2"
    if not (kept / "installed").exists():
        made = tmp_path_factory.mktemp("anonapi") / "environment"
        venv.create(made, with_pip=True)
        pip = [str(made / "bin/python"), "-m", "pip", "install", "-q", VERSION]
        clean = {name: text for name, text in os.environ.items() if name != "PIP_CONSTRAINT"}
        installed = subprocess.run(pip, capture_output=True, text=True, check=False, env=clean)
        if installed.returncode:
            give_up = pytest.fail if os.environ.get("CI") else pytest.skip
            give_up(f"{VERSION} cannot be installed: {installed.stderr.strip()[-200:]}")
        (made / "installed").touch()
        if not kept.exists():
            made.rename(kept)
        else:
            return made / "bin/python"
    return kept / "bin/python"
