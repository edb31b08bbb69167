"""Key files are read with suspicion and made once."""

import os
from pathlib import Path

import pytest

from dicomveil.errors import KeyRefused
from dicomveil.jobs.keyfile import VARIABLE, State, default_place, find_key, keep, read_key


def put(place: Path, content: bytes, mode: int = 0o600) -> str:
    """A key file."""
    place.write_bytes(content)
    place.chmod(mode)
    return str(place)


RAW = bytes(range(200, 232))
FIT = {
    "64 digits": (b"0f" * 32, b"\x0f" * 32),
    "a line of them": (b"0F" * 32 + b"\r\n", b"\x0f" * 32),
    "128 digits": (b"0f" * 64, b"\x0f" * 64),
    "32 bytes": (RAW, RAW),
    "64 bytes": (RAW + RAW, RAW + RAW),
    "bytes that begin with a space": (b" " + RAW, b" " + RAW),
}
UNFIT = {
    "nothing": b"",
    "62 digits": b"0f" * 31,
    "65 digits": b"0f" * 32 + b"0",
    "130 digits": b"0f" * 65,
    "31 bytes": RAW[1:],
    "65 bytes": RAW + RAW + b"x",
    "a whole file": RAW * 1000,
}


@pytest.mark.parametrize(("content", "key"), FIT.values(), ids=FIT)
def test_a_fit_key_is_read(tmp_path: Path, content: bytes, key: bytes) -> None:
    assert read_key(put(tmp_path / "key", content)) == key


@pytest.mark.parametrize("content", UNFIT.values(), ids=UNFIT)
def test_an_unfit_key_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(KeyRefused):
        read_key(put(tmp_path / "key", content))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601])
def test_a_key_with_any_right_for_others_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(KeyRefused, match="0600"):
        read_key(put(tmp_path / "key", b"0f" * 32, mode))


def test_a_key_that_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)

    with pytest.raises(KeyRefused):
        read_key(str(tmp_path / "pipe"))
    with pytest.raises(KeyRefused):
        read_key(str(tmp_path))
    with pytest.raises(KeyRefused):
        read_key(str(tmp_path / "nowhere"))


def test_the_option_comes_before_the_variable_and_that_before_the_default(tmp_path: Path) -> None:
    option = put(tmp_path / "option", b"01" * 32)
    variable = put(tmp_path / "variable", b"02" * 32)
    environment = {"XDG_CONFIG_HOME": str(tmp_path)}
    default = Path(default_place(environment))
    default.parent.mkdir()
    put(default, b"03" * 32)

    keys = [
        find_key(option, environment | {VARIABLE: variable}),
        find_key(None, environment | {VARIABLE: variable}),
        find_key(None, environment),
    ]

    assert [key.value[0] for key in keys] == [1, 2, 3]
    assert {key.state for key in keys} == {State.KEPT}


def test_a_named_key_is_never_made(tmp_path: Path) -> None:
    with pytest.raises(KeyRefused):
        find_key(None, {VARIABLE: str(tmp_path / "nowhere")})

    assert list(tmp_path.iterdir()) == []


def test_a_new_key_is_kept_once_for_its_owner_alone(tmp_path: Path) -> None:
    environment = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    first, second = (find_key(None, environment) for _ in range(2))
    assert list(tmp_path.iterdir()) == []

    keep(first)

    place = Path(first.place)
    assert find_key(None, environment).value == first.value != second.value
    assert place.stat().st_mode & 0o777 == 0o600
    assert place.parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in place.parent.iterdir()] == ["key"]
    with pytest.raises(KeyRefused, match="start again"):
        keep(second)
    assert read_key(first.place) == first.value


def test_a_key_is_not_in_its_repr(tmp_path: Path) -> None:
    key = find_key(put(tmp_path / "key", b"ab" * 32), {})

    assert "ab" not in repr(key).replace(str(tmp_path), "")
