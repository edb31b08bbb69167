r"""Which paths of shares are accepted: `\\server\share\folder` of the list, and no tricks."""

import socket
from pathlib import Path

import pytest

from dicomveil.errors import PlaceRefuses
from dicomveil.places.manners import Manners
from dicomveil.places.place import Asked
from dicomveil.places.smb import SmbPlace
from dicomveil.places.smb_line import Login
from dicomveil.places.smb_paths import Share, listed, share_of
from tests.contracts.smb import QUICK


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("\\\\?\\C:\\secret", "device path"),
        ("\\\\.\\pipe\\x", "device path"),
        ("\\\\?\\UNC\\srv\\share", "device path"),
        ("//?/UNC/srv/share", "device path"),
        ("\\\\srv@SSL@80\\share\\a", "server's name"),
        ("\\\\user:pw@srv\\share\\a", "server's name"),
        ("\\\\srv", "is written as"),
        ("\\\\srv\\", "is written as"),
        ("C:\\data", "is written as"),
        ("/data", "is written as"),
        ("\\\\srv\\IPC$\\a", "pipes"),
        ("\\\\srv\\share\\a:b", "streams"),
        ("\\\\srv\\share\\a::$DATA", "streams"),
        ("\\\\srv\\share\\..\\other", "\\.\\. is not"),
        ("\\\\srv\\share\\NUL", "device"),
        ("\\\\srv\\share\\con.dcm", "device"),
        ("\\\\srv\\share\\COM1 .dcm", "device"),
        ("\\\\srv\\share\\lpt¹", "device"),
        ("\\\\srv\\share\\a.", "characters"),
        ("\\\\srv\\share\\a ", "characters"),
        ("\\\\srv\\share\\a*", "characters"),
        ("\\\\srv\\share\\a\x00b", "characters"),
        ("\\\\srv\\share\\" + "a" * 256, "too long"),
    ],
)
def test_a_path_with_a_trick_is_refused(path: str, words: str) -> None:
    with pytest.raises(PlaceRefuses, match=words) as raised:
        share_of("hospital", path)

    assert path not in str(raised.value)


@pytest.mark.parametrize(
    ("wanted", "folder"),
    [
        ("\\\\srv\\share", ()),
        ("\\\\SRV\\SHARE\\a\\b", ("a", "b")),
        ("//Srv/Share/a", ("a",)),
        ("smb://sRv/sHare/a/", ("a",)),
    ],
)
def test_server_and_share_are_matched_without_regard_to_case(
    wanted: str, folder: tuple[str, ...]
) -> None:
    found = listed("hospital", share_of("hospital", wanted), [Share("srv", "share")])

    assert found == Share("srv", "share", folder)


@pytest.mark.parametrize(
    "wanted",
    ["\\\\other\\share\\a", "\\\\srv\\other\\a", "\\\\srv.example\\share", "\\\\srv\\share2\\in"],
)
def test_what_is_not_listed_is_refused_before_a_name_is_resolved(
    wanted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolved: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *asked, **_: resolved.append(asked))
    place = SmbPlace(
        Login("hospital"), (Share("srv", "share", ("in",)),), Manners("hospital", QUICK)
    )

    with pytest.raises(PlaceRefuses, match="not on the place's list"):
        list(place.fetch(Asked(below=wanted), tmp_path / "spool"))

    assert resolved == []
