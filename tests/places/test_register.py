"""What `places.toml` may say."""

from pathlib import Path

import pytest

from dicomveil.errors import Unreadable, Unusable
from dicomveil.places.register import FILE, add, checked, file_of, read_places, remove

SMB = {"kind": "smb", "address": "\\\\srv\\share"}
TEXT = """# the hospital's places

[pacs]  # the main one
kind = "dicomweb"
address = "https://pacs/dicom-web"
hours = "19:00-07:00"

[share]
kind = "smb"
address = '\\\\srv\\share'
shares = ['\\\\srv\\more']
port = 1445
per_second = 2
encrypted = true
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / FILE
    path.write_text(TEXT)
    return path


def test_places_are_read_with_their_settings(file: Path) -> None:
    places = read_places(file)

    assert sorted(places) == ["pacs", "share"]
    share = places["share"]
    assert (share.kind, share.address) == ("smb", "\\\\srv\\share")
    assert share.several("shares") == ("\\\\srv\\more",)
    assert share.number("port", 445) == 1445
    assert share.number("per_second", 0) == 2.0
    assert share.settings["encrypted"] is True
    assert places["pacs"].text("hours") == "19:00-07:00"


def test_no_file_is_no_places(tmp_path: Path) -> None:
    assert read_places(tmp_path / FILE) == {}


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({}, "kind"),
        ({"kind": "ftp", "address": "x"}, "kind"),
        ({"kind": "smb"}, "address"),
        (SMB | {"password": "x"}, "secrets do not belong here"),
        (SMB | {"token": "x"}, "secrets do not belong here"),
        (SMB | {"secret": "x"}, "secrets do not belong here"),
        (SMB | {"called": "X"}, "no setting of a place of the kind smb"),
        (SMB | {"port": "445"}, "a number"),
        (SMB | {"port": 1.5}, "a number"),
        (SMB | {"port": True}, "a number"),
        (SMB | {"port": -1}, "a number"),
        (SMB | {"encrypted": 1}, "true or false"),
        (SMB | {"shares": "x"}, "a list of texts"),
        (SMB | {"shares": [1]}, "a list of texts"),
        (SMB | {"user": ["x"]}, "a text"),
        ({"kind": "dicomweb", "address": "https://me:hidden@pacs/web"}, "holds a login"),
        ("text", "a table"),
    ],
)
def test_what_is_no_place_is_refused_without_its_values(table: object, words: str) -> None:
    with pytest.raises(Unusable, match=words) as raised:
        checked("main", table, Path(FILE))

    assert "hidden" not in str(raised.value)


@pytest.mark.parametrize("name", ["", "a b", "../x", "a/b", ".x", "a" * 65])
def test_a_name_is_no_path(name: str) -> None:
    with pytest.raises(Unusable):
        checked(name, SMB, Path(FILE))


def test_an_added_place_is_read_as_it_was_given_and_the_others_stay(file: Path) -> None:
    table: dict[str, object] = {**SMB, "shares": ["\\\\a\\b", 'ü "x"'], "port": 1, "seconds": 1.5}

    add(file, "new", table)

    assert file.read_text("utf-8").startswith(TEXT)
    assert dict(read_places(file)["new"].settings) == table | {"shares": ("\\\\a\\b", 'ü "x"')}


def test_a_place_is_not_added_twice(file: Path) -> None:
    with pytest.raises(Unusable, match="there is a place"):
        add(file, "pacs", SMB)

    assert file.read_text() == TEXT


def test_a_removed_place_takes_its_lines_alone(file: Path) -> None:
    remove(file, "pacs")

    assert sorted(read_places(file)) == ["share"]
    assert file.read_text().startswith("# the hospital's places\n\n[share]\n")
    with pytest.raises(Unusable, match="no place"):
        remove(file, "pacs")


def test_what_is_no_toml_is_unreadable(file: Path) -> None:
    file.write_text("[pacs")

    with pytest.raises(Unreadable, match="not TOML"):
        read_places(file)


def test_a_file_that_others_may_write_is_not_read(file: Path) -> None:
    file.chmod(0o666)

    with pytest.raises(Unreadable, match="written by others"):
        read_places(file)


def test_a_file_of_the_current_folder_is_not_read(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)

    assert file_of({"HOME": "/home/me"}) == Path("/home/me/.config/dicomveil") / FILE


def test_the_file_is_the_named_one_or_beside_the_settings_or_the_users(tmp_path: Path) -> None:
    (tmp_path / FILE).touch()
    own = {"XDG_CONFIG_HOME": "/home/me/settings"}

    assert file_of(own | {"DICOMVEIL_PLACES": "/etc/p.toml"}) == Path("/etc/p.toml")
    beside = own | {"DICOMVEIL_SETTINGS": str(tmp_path / "dicomveil.toml")}
    assert file_of(beside) == tmp_path / FILE
    assert file_of(own) == Path("/home/me/settings/dicomveil") / FILE
    gone = own | {"DICOMVEIL_SETTINGS": str(tmp_path / "none" / "dicomveil.toml")}
    assert file_of(gone) == Path("/home/me/settings/dicomveil") / FILE
