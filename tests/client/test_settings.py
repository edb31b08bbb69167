"""Settings as anonapi keeps them, and our own beside them."""

from pathlib import Path

import pytest

from dicomveil.client.own_settings import OwnSettings, load_own_settings
from dicomveil.client.settings import Server, Settings, load_settings
from dicomveil.client.tokens import checked, masked, new_token
from dicomveil.errors import MappingError
from dicomveil.mapping.fields import Field
from dicomveil.mapping.shares import Shares, parse_share

WRITTEN_BY_ANONAPI = """\
active_mapping_file: /data/anon_mapping.csv
active_server_name: p01
job_default_parameters:
- project,NOT_SET
- destination_path,.
servers:
  p01: https://server/p01
  t01: https://server/t01
user_name: z123
user_token: abc
validate_ssl: false
"""


def settings_from(folder: Path, text: str) -> Settings:
    (folder / "settings.yml").write_text(text, encoding="utf-8")
    return load_settings(folder / "settings.yml")


def test_the_settings_that_anonapi_wrote_are_read(tmp_path: Path) -> None:
    settings = settings_from(tmp_path, WRITTEN_BY_ANONAPI)

    assert settings.active == Server("p01", "https://server/p01")
    assert settings.active_mapping == Path("/data/anon_mapping.csv")
    assert (settings.user_name, settings.token, settings.validate_ssl) == ("z123", "abc", False)
    assert settings.defaults == {Field.PROJECT: "NOT_SET", Field.DESTINATION_PATH: ""}


def test_settings_are_kept_for_their_owner_alone_with_keys_that_are_not_ours(
    tmp_path: Path,
) -> None:
    settings = settings_from(tmp_path, WRITTEN_BY_ANONAPI + "newer_key: [1, 2]\n")
    settings.save(tmp_path / "settings.yml")

    written = (tmp_path / "settings.yml").read_text("utf-8")
    assert (tmp_path / "settings.yml").stat().st_mode & 0o777 == 0o600
    assert "newer_key:\n- 1\n- 2\n" in written
    assert load_settings(tmp_path / "settings.yml") == settings


@pytest.mark.parametrize(
    "text",
    [
        "create_job_defaults: {project_name: P, destination_path: '\\\\a\\b'}",
        "job_default_parameters: {project_name: P, destination_path: '\\\\a\\b'}",
        "create_job_defaults: ['project,P', 'destination_path,\\\\a\\b']",
        "job_default_parameters: ['project,P', 'destination_path,\\\\a\\b']",
    ],
)
def test_defaults_are_read_in_all_forms_that_anonapi_had(tmp_path: Path, text: str) -> None:
    settings = settings_from(tmp_path, text)

    assert settings.defaults == {Field.PROJECT: "P", Field.DESTINATION_PATH: r"\\a\b"}


def test_missing_keys_have_their_defaults(tmp_path: Path) -> None:
    assert settings_from(tmp_path, "user_name: z") == Settings(user_name="z")


def test_an_active_server_that_is_not_in_the_list_is_none(tmp_path: Path) -> None:
    assert settings_from(tmp_path, "active_server_name: gone").active is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- 1",
        "just text",
        "servers: [a]",
        "servers: {a: b",
        "validate_ssl: maybe",
        "user_name: [a]",
        "active_server_name: 5",
        "job_default_parameters: ['nonsense']",
        "job_default_parameters: {nonsense: 1}",
        "job_default_parameters: 5",
        "a: &x [1]\nb: *x",
    ],
)
def test_settings_that_are_wrong_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(MappingError, match=r"settings\.yml"):
        settings_from(tmp_path, text)


def test_a_token_never_shows_in_a_repr() -> None:
    assert "planted" not in repr(Settings(token="planted"))  # noqa: S106 - no token
    assert "planted" not in repr(OwnSettings(request_keys={"a": "planted"}))


def test_removing_the_active_server_leaves_none_active() -> None:
    settings = Settings().with_server(Server("a", "https://a"))

    assert settings.without_server("testserver").active is None
    assert [server.name for server in settings.servers] == ["a", "testserver"]


def test_our_own_settings_come_back_as_they_were_saved(tmp_path: Path) -> None:
    own = OwnSettings(
        shares=Shares((parse_share(r"\\server\share", "/mnt/share"),)),
        ca_bundle=Path("/etc/ca.pem"),
        timeout=5.0,
        keyring=True,
        request_keys={"mapping": "key"},
    )

    own.save(tmp_path / "own.yml")

    assert load_own_settings(tmp_path / "own.yml") == own
    assert (tmp_path / "own.yml").stat().st_mode & 0o777 == 0o600
    assert load_own_settings(tmp_path / "absent.yml") == OwnSettings()


@pytest.mark.parametrize(
    "text",
    ["- 1", "shares: [a]", "shares: {a: b}", "timeout: soon", "keyring: 1", "ca_bundle: [a]"],
)
def test_own_settings_that_are_wrong_are_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "own.yml").write_text(text, encoding="utf-8")

    with pytest.raises(MappingError, match=r"own\.yml"):
        load_own_settings(tmp_path / "own.yml")


def test_a_new_token_is_64_random_letters_and_is_shown_in_part_only() -> None:
    token = new_token()

    assert len(token) == 64
    assert token != new_token()
    assert token not in masked(token)
    assert masked("short") == "(set)"


@pytest.mark.parametrize("token", ["", " ", "a b", "é", "a\nb", "a\x00"])
def test_a_token_that_cannot_stand_in_a_header_is_refused(token: str) -> None:
    with pytest.raises(MappingError):
        checked(token)
