"""The settings of the receiver: every key is known, and a wrong one is named and not quoted."""

from pathlib import Path

import pytest

from dicomveil.errors import Unreadable, Unusable
from dicomveil.jobs.receive_settings import Settings, read_settings
from tests.house.tree import ROOT

PROJECT = """
[[project]]
called = "RESEARCH"
key_file = "/key"
destination = "/out"
"""
WHOLE = f'spool = "/spool"\n{PROJECT}'


def settings(folder: Path, text: str) -> Settings:
    """What the text says."""
    path = folder / "receive.toml"
    path.write_text(text)
    return read_settings(path)


def test_nobody_may_send_and_nothing_outside_is_listened_at_unless_it_is_said(
    tmp_path: Path,
) -> None:
    found = settings(tmp_path, WHOLE)

    assert found.listening.address == "127.0.0.1"
    assert found.projects[0].callers == frozenset()
    assert found.projects[0].networks == ()


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (PROJECT, "spool is missing"),
        ('spool = "/spool"', "project is missing"),
        (f"{WHOLE}\nquit_seconds = 3", r"project\[1\].quit_seconds is not known"),
        (f"{WHOLE}\nfrom = ['secret.host']", r"project\[1\].from is to be addresses"),
        (f"{WHOLE}\ncallers = [1]", r"project\[1\].callers is to be a list of texts"),
        (f"{WHOLE}\naccept_pixels = 1", r"project\[1\].accept_pixels is to be of the kind bool"),
        (f"{WHOLE}\n{PROJECT}", "one AE title twice"),
        (WHOLE.replace('destination = "/out"', ""), "or a table pacs is needed"),
        (f'{WHOLE}\n[project.pacs]\nhost = "h"\nport = 1\ncalled = "A"', "and not both"),
        (f'listen = {{ address = "::1", backlog = 3 }}\n{WHOLE}', "listen.backlog is not known"),
        ("spool = ", "no TOML"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(Unusable, match=key) as error:
        settings(tmp_path, text)

    assert "secret" not in str(error.value)


def test_settings_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with pytest.raises(Unreadable):
        read_settings(tmp_path / "nowhere.toml")


def test_the_manuals_example_is_one(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "receive.md").read_text("utf-8")
    example = page.partition("```toml\n")[2].partition("```")[0]

    found = settings(tmp_path, example)

    assert [project.called for project in found.projects] == ["RESEARCH"]
