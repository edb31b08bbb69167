"""The token in a keyring: the real library, with a keyring of this test's own behind it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.anon.desk import Desk
from tests.client.recording import TOKEN, Recording

CODE = "from dicomveil.cli.anon.main import main; main()"
VERSION = "keyring==25.7.0"
RING = """
import json
from pathlib import Path

from keyring.backend import KeyringBackend

RING = Path.home() / "ring.json"


class Ring(KeyringBackend):
    priority = 1

    def get_password(self, service, username):
        return self._all().get(f"{service} {username}")

    def set_password(self, service, username, password):
        RING.write_text(json.dumps({**self._all(), f"{service} {username}": password}))

    def _all(self):
        return json.loads(RING.read_text()) if RING.exists() else {}
"""
Anon = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def library(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the keyring library; kept between runs in pytest's cache."""
    kept = request.config.cache.mkdir("keyring") / VERSION
    if not kept.exists():
        made = tmp_path_factory.mktemp("keyring") / "library"
        pip = [sys.executable, "-m", "pip", "install", "-q", "--target", str(made), VERSION]
        clean = {name: text for name, text in os.environ.items() if name != "PIP_CONSTRAINT"}
        installed = subprocess.run(pip, capture_output=True, text=True, check=False, env=clean)
        if installed.returncode:
            pytest.skip(f"{VERSION} cannot be installed: {installed.stderr.strip()[-200:]}")
        try:
            made.rename(kept)
        except OSError:  # another worker was first, or the cache lies on another disk
            return made
    return kept


@pytest.fixture
def anon(desk: Desk, library: Path, tmp_path: Path) -> Anon:
    """The command where that library is installed."""
    (tmp_path / "ring.py").write_text(RING, encoding="utf-8")
    paths = [str(Path(path).resolve()) for path in sys.path if path]

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", CODE, *words],
            env={
                "HOME": str(desk.home),
                "LC_ALL": "C.UTF-8",
                "NO_PROXY": "*",
                "PYTHONPATH": os.pathsep.join([str(tmp_path), *paths, str(library)]),
                "PYTHON_KEYRING_BACKEND": "ring.Ring",
            },
            cwd=desk.folder,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_a_token_in_the_keyring_opens_the_server_and_lies_in_no_settings(
    desk: Desk, server: Recording, anon: Anon
) -> None:
    desk.change(token="")

    kept = anon("user", "set-token", TOKEN, "--keyring")
    asked = anon("server", "jobs")

    assert kept.returncode == 0, kept.stderr
    assert asked.returncode == 0, asked.stdout + asked.stderr
    assert server.asked[-1].path == "/get_jobs"
    assert TOKEN in (desk.home / "ring.json").read_text("utf-8")
    assert [path.name for path in desk.home.glob("*.yml") if TOKEN in path.read_text("utf-8")] == []
    assert TOKEN not in kept.stdout + kept.stderr + asked.stdout + asked.stderr


def test_a_keyring_that_lost_the_token_is_an_error_of_one_line(desk: Desk, anon: Anon) -> None:
    anon("user", "set-token", TOKEN, "--keyring")
    (desk.home / "ring.json").unlink()

    asked = anon("server", "jobs")

    assert asked.returncode == 1
    assert asked.stderr == "Error: the keyring has no token for this user; set it again\n"


def test_a_token_can_come_back_from_the_keyring_to_the_settings(desk: Desk, anon: Anon) -> None:
    anon("user", "set-token", TOKEN, "--keyring")

    back = anon("user", "set-token", TOKEN, "--no-keyring")

    assert back.returncode == 0, back.stderr
    assert desk.settings.token == TOKEN
    assert "keyring: false" in (desk.home / "DicomveilAnonSettings.yml").read_text("utf-8")
