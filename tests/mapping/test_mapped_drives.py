"""Windows' mapped drives, from a registry that is told by the test: there is no Windows here."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PureWindowsPath
from types import SimpleNamespace

import pytest

from dicomveil.mapping import shares
from dicomveil.mapping.mounts import detect

Registry = dict[str, dict[str, str]]


def told(registry: Registry | None) -> SimpleNamespace:
    """What `winreg` says of the current user's key Network; None where there is no such key."""

    @contextmanager
    def opened(key: object, name: str) -> Iterator[object]:
        found = registry if key == "user" and name == "Network" else key[name]  # type: ignore[index]  # a key is a dict
        if found is None:
            raise FileNotFoundError(name)
        yield found

    def value(key: dict[str, str], name: str) -> tuple[str, int]:
        if name not in key:
            raise FileNotFoundError(name)
        return key[name], 1

    return SimpleNamespace(
        HKEY_CURRENT_USER="user",
        OpenKey=opened,
        QueryInfoKey=lambda key: (len(key), 0, 0),
        EnumKey=lambda key, at: list(key)[at],
        QueryValueEx=value,
    )


@pytest.mark.parametrize(
    ("registry", "expected"),
    [
        pytest.param(None, [], id="no drive was ever mapped"),
        pytest.param({}, [], id="none now"),
        pytest.param(
            {"H": {"RemotePath": r"\\server\share$"}, "X": {"RemotePath": r"\\other\data"}},
            [r"\\other\data = X:", r"\\server\share$ = H:"],
            id="two",
        ),
        pytest.param(
            {"H": {}, "I": {"RemotePath": "http://web"}, "X": {"RemotePath": r"\\other\data"}},
            [r"\\other\data = X:"],
            id="others that are no shares",
        ),
    ],
)
def test_mapped_drives_are_shares(
    registry: Registry | None, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(shares, "PurePath", PureWindowsPath)
    monkeypatch.setitem(sys.modules, "winreg", told(registry))

    found = [str(share).rstrip("\\/") for share in detect(tables=())]

    assert found == expected
