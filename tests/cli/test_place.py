"""`dicomveil place`: what is kept, what is shown, what is tried."""

import io
import sys
from pathlib import Path

import pytest

from dicomveil.cli.exits import Exit
from dicomveil.cli.main import run
from tests.servers.samba import PASSWORD, USER, Samba

WORD = "the-very-secret"


Case = tuple[str, Exit, str]


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "settings" / "places.toml"
    monkeypatch.setenv("DICOMVEIL_PLACES", str(path))
    return path


def saying(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{line}\n"))


def test_a_secret_is_kept_apart_from_the_place_and_never_shown(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    saying(monkeypatch, WORD)
    adding = ["place", "add", "web", "dicomweb", "https://pacs/web", "--user", "me", "--secret"]

    assert run(adding) == Exit.DONE
    assert run(["place", "list"]) == Exit.DONE

    said = capsys.readouterr()
    assert said.out == "web  dicomweb  https://pacs/web\n"
    assert WORD not in said.err + file.read_text()
    kept = file.parent / "secrets" / "web"
    assert kept.read_text() == f"{WORD}\n"
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_removed_place_takes_its_secret_with_it(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saying(monkeypatch, WORD)
    run(["place", "add", "web", "dicomweb", "https://pacs/web", "--secret"])

    assert run(["place", "remove", "web"]) == Exit.DONE

    assert file.read_text() == ""
    assert list((file.parent / "secrets").iterdir()) == []
    assert run(["place", "remove", "web"]) == Exit.INCOMPLETE


@pytest.mark.parametrize(
    "arguments",
    [
        ["web", "ftp", "ftp://x"],
        ["web"],
        ["web", "smb", "\\\\a\\b", "--set", "password=x"],
        ["web", "smb", "\\\\a\\b", "--set", "port=x"],
        ["../web", "smb", "\\\\a\\b"],
    ],
)
def test_what_is_no_place_is_not_added(file: Path, arguments: list[str]) -> None:
    assert run(["place", "add", *arguments]) in (Exit.USAGE, Exit.INCOMPLETE)

    assert not file.exists()


def test_settings_have_the_types_of_their_kinds(file: Path) -> None:
    settings = ["port=1445", "encrypted=yes", "shares=\\\\a\\b, \\\\c\\d", "per_second=2"]
    options = [part for setting in settings for part in ("--set", setting)]

    assert run(["place", "add", "share", "smb", "\\\\srv\\x", *options]) == Exit.DONE

    assert file.read_text().splitlines()[3:] == [
        "port = 1445",
        "encrypted = true",
        'shares = ["\\\\\\\\a\\\\b", "\\\\\\\\c\\\\d"]',
        "per_second = 2.0",
    ]


@pytest.mark.parametrize(
    "case",
    [
        (PASSWORD, Exit.DONE, "works   listing of share 1 of 1: 0 entries"),
        ("wrong", Exit.INCOMPLETE, "FAILED  connection to share 1 of 1: the login was refused"),
    ],
    ids=["right", "wrong"],
)
@pytest.mark.usefixtures("file")
def test_a_test_says_step_by_step_what_works(
    samba: Samba, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], case: Case
) -> None:
    word, ends, line = case
    saying(monkeypatch, word)
    adding = ["share", "smb", samba.unc, "--user", USER, "--secret", "--set", f"port={samba.port}"]
    assert run(["place", "add", *adding]) == Exit.DONE

    assert run(["place", "test", "share"]) == ends

    said = capsys.readouterr()
    assert said.out.splitlines()[-1] == line
    assert word not in said.out + said.err


@pytest.mark.usefixtures("file")
def test_a_place_that_is_not_there_cannot_be_tested(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["place", "test", "nowhere"]) == Exit.INCOMPLETE

    assert "no place of that name" in capsys.readouterr().err
