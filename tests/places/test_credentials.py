"""Where the secret of a place comes from, and where it never goes."""

import os
import sys
from pathlib import Path

import pytest

from dicomveil.errors import PlaceRefuses
from dicomveil.places.credentials import Credential, Kept, keep, secret_of

WORD = "correct horse; $(rm -rf) 'battery'"


def a_file(folder: Path, content: bytes = WORD.encode() + b"\n", mode: int = 0o600) -> Path:
    path = folder / "secret"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_secret_is_the_line_of_a_private_file(tmp_path: Path) -> None:
    assert secret_of("pacs", Kept(file=a_file(tmp_path)), {}) == WORD


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o620, 0o601])
def test_a_file_that_others_may_open_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(PlaceRefuses, match="0600"):
        secret_of("pacs", Kept(file=a_file(tmp_path, mode=mode)), {})


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"a\nb\n", b"\xff\xfe", b"a\x00b", b"a" * 9000], ids=repr
)
def test_a_file_that_is_not_one_line_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(PlaceRefuses) as raised:
        secret_of("pacs", Kept(file=a_file(tmp_path, content)), {})

    assert content.decode("latin-1").strip()[:5] not in str(raised.value).split() or not content


def test_a_missing_file_is_refused_unless_it_is_only_the_usual_one(tmp_path: Path) -> None:
    with pytest.raises(PlaceRefuses, match="cannot be read"):
        secret_of("pacs", Kept(file=tmp_path / "none"), {})

    assert secret_of("pacs", Kept(usual=tmp_path / "none"), {}) == ""


def test_a_variable_gives_a_secret() -> None:
    assert secret_of("pacs", Kept(variable="PACS_WORD"), {"PACS_WORD": WORD}) == WORD
    with pytest.raises(PlaceRefuses, match="PACS_WORD"):
        secret_of("pacs", Kept(variable="PACS_WORD"), {})


def test_a_command_is_run_without_a_shell(tmp_path: Path) -> None:
    command = (sys.executable, "-c", "import sys; print(sys.argv[1])", WORD)

    assert secret_of("pacs", Kept(command=command), {}) == WORD
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [("/no/such/program",), (sys.executable, "-c", "exit(3)")])
def test_a_command_that_fails_is_refused(command: tuple[str, ...]) -> None:
    with pytest.raises(PlaceRefuses, match="the command for its secret"):
        secret_of("pacs", Kept(command=command), {})


def test_what_a_command_says_of_its_errors_goes_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    command = (sys.executable, "-c", f"import sys; sys.exit({WORD!r})")

    with pytest.raises(PlaceRefuses) as raised:
        secret_of("pacs", Kept(command=command), {})

    assert WORD not in str(raised.value) + "".join(capfd.readouterr())


def test_a_kept_secret_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "secrets" / "pacs"
    before = os.umask(0)
    try:
        keep("pacs", file, "older")
        keep("pacs", file, WORD)
    finally:
        os.umask(before)

    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert secret_of("pacs", Kept(usual=file), {}) == WORD
    assert list(file.parent.iterdir()) == [file]


def test_a_credential_does_not_say_itself() -> None:
    assert WORD not in repr(Credential("user", WORD))
    assert "user" not in repr(Credential("user", WORD))
