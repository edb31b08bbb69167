"""Settings come from one file and the environment; what is no setting is refused."""

from pathlib import Path

import pytest

from dicomveil.errors import Unusable
from dicomveil.settings import load_settings

TEXT = r"""
[server]
state = "here"
workers = 3

[shares]
'\\srv\share' = "/mnt/share"
"""


def put(tmp_path: Path, text: str) -> str:
    """A file of settings."""
    path = tmp_path / "dicomveil.toml"
    path.write_text(text)
    return str(path)


def test_the_file_says_where_the_server_lives(tmp_path: Path) -> None:
    settings = load_settings({}, put(tmp_path, TEXT))

    assert (settings.state, settings.workers) == (tmp_path / "here", 3)
    assert settings.shares == ((r"\\srv\share", "/mnt/share"),)
    assert settings.database_url == f"sqlite:///{tmp_path / 'here' / 'ledger.sqlite'}"
    assert settings.key_folder == tmp_path / "here" / "keys"


def test_the_environment_goes_before_the_file(tmp_path: Path) -> None:
    settings = load_settings({"DICOMVEIL_WORKERS": "5"}, put(tmp_path, TEXT))

    assert settings.workers == 5


def test_without_a_file_there_are_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert load_settings({}).state == tmp_path / "dicomveil-server"


BAD = {
    "no TOML": "[server",
    "an unknown setting": "[server]\nworkrs = 3",
    "an unknown table": "[sever]\nworkers = 3",
    "a text for a number": '[server]\nworkers = "many"',
    "a negative number": "[server]\nworkers = -1",
    "shares as a setting": "[server]\nshares = 1",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_a_file_is_refused_with(tmp_path: Path, text: str) -> None:
    with pytest.raises(Unusable):
        load_settings({}, put(tmp_path, text))


def test_a_named_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unusable):
        load_settings({"DICOMVEIL_SETTINGS": str(tmp_path / "none.toml")})
