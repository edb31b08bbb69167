"""Keys lie in files by their fingerprints; a running server makes none."""

from pathlib import Path

import pytest

from dicomveil.errors import KeyRefused
from dicomveil.jobs.keyfile import read_key
from dicomveil.jobs.keyring import Keyring, fingerprint_of
from dicomveil.jobs.master import Master


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path / "keys")


def test_a_made_key_is_found_by_its_fingerprint(keyring: Keyring) -> None:
    fingerprint = keyring.make()

    assert fingerprint_of(keyring.key(fingerprint)) == fingerprint
    assert keyring.fingerprints() == [fingerprint]


def test_only_the_owner_may_read_keys(keyring: Keyring) -> None:
    path = keyring.path(keyring.make())

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_missing_key_is_named_and_not_made(keyring: Keyring) -> None:
    with pytest.raises(KeyRefused, match="0123456789abcdef"):
        keyring.key("0123456789abcdef")

    assert keyring.fingerprints() == []


def test_a_file_that_holds_another_key_is_refused(keyring: Keyring) -> None:
    one, other = keyring.make(), keyring.make()
    keyring.path(one).write_bytes(keyring.path(other).read_bytes())

    with pytest.raises(KeyRefused, match=one):
        keyring.key(one)

    assert keyring.missing([one, other]) == {one}


def test_a_key_that_others_may_read_is_refused(keyring: Keyring) -> None:
    fingerprint = keyring.make()
    keyring.path(fingerprint).chmod(0o640)

    with pytest.raises(KeyRefused, match="others"):
        keyring.key(fingerprint)


@pytest.mark.parametrize("name", ["../key", "a/b", "", "."])
def test_a_fingerprint_is_no_path(keyring: Keyring, name: str) -> None:
    with pytest.raises(KeyRefused):
        keyring.key(name)


def test_a_backup_holds_every_key(keyring: Keyring, tmp_path: Path) -> None:
    fingerprint = keyring.make()
    keyring.make_vault()

    copied = keyring.backup(tmp_path / "backup")

    assert copied == sorted([f"{fingerprint}.key", "vault.key"])
    assert Keyring(tmp_path / "backup").key(fingerprint) == keyring.key(fingerprint)


def test_the_vaults_key_is_made_once(keyring: Keyring) -> None:
    keyring.make_vault()

    with pytest.raises(KeyRefused):
        keyring.make_vault()


def test_columns_sealed_under_another_key_are_said_to_be(keyring: Keyring) -> None:
    keyring.make_vault()

    with pytest.raises(KeyRefused, match="fedcba9876543210"):
        keyring.vault("fedcba9876543210")


# -- wrapped by a master key ---------------------------------------------------------------------

ONE, OTHER = "1a" * 32, "2b" * 32


def master(key: str = ONE) -> Master:
    """A master key of the environment."""
    return Master("env:MASTER", {"MASTER": key})


@pytest.fixture
def wrapped(tmp_path: Path) -> Keyring:
    return Keyring(tmp_path / "keys", master())


def test_a_wrapped_key_is_the_same_key_and_lies_nowhere_in_clear(wrapped: Keyring) -> None:
    fingerprint = wrapped.make()

    key = wrapped.key(fingerprint)

    assert fingerprint_of(key) == fingerprint
    content = wrapped.path(fingerprint).read_bytes()
    assert content.startswith(b"dicomveil-wrapped-1 " + master().fingerprint.encode())
    assert key not in content
    assert key.hex().encode() not in content
    assert wrapped.path(fingerprint).stat().st_mode & 0o777 == 0o600


def test_another_master_key_opens_nothing_and_is_told_which_is_expected(wrapped: Keyring) -> None:
    fingerprint = wrapped.make()
    folder = wrapped.path(fingerprint).parent

    with pytest.raises(KeyRefused, match=f"{master().fingerprint}.*{master(OTHER).fingerprint}"):
        Keyring(folder, master(OTHER)).key(fingerprint)
    with pytest.raises(KeyRefused, match=f"{master().fingerprint}.*name none"):
        Keyring(folder).key(fingerprint)


def test_wrapped_keys_cannot_change_places(wrapped: Keyring) -> None:
    one, other = wrapped.make(), wrapped.make()
    wrapped.path(one).write_bytes(wrapped.path(other).read_bytes())

    with pytest.raises(KeyRefused, match="another key"):
        wrapped.key(one)


@pytest.mark.parametrize("at", [0, 30, 60, -2])
def test_a_wrapped_key_that_was_changed_is_refused(wrapped: Keyring, at: int) -> None:
    fingerprint = wrapped.make()
    path = wrapped.path(fingerprint)
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)

    with pytest.raises(KeyRefused):
        wrapped.key(fingerprint)


@pytest.mark.parametrize("new", [master(OTHER), None], ids=["another", "none"])
def test_wrapping_anew_keeps_every_key(wrapped: Keyring, new: Master | None) -> None:
    fingerprint = wrapped.make()
    vault = wrapped.make_vault().fingerprint
    before = wrapped.key(fingerprint)
    folder = wrapped.path(fingerprint).parent

    changed = wrapped.wrap_anew(new)

    after = Keyring(folder, new)
    assert changed == 2
    assert after.key(fingerprint) == before
    assert after.vault(vault).fingerprint == vault
    assert after.masters() == ({new.fingerprint} if new else set())
    assert sorted(path.suffix for path in folder.iterdir()) == [".key", ".key"]


def test_wrapping_anew_that_was_killed_half_way_is_taken_up(wrapped: Keyring) -> None:
    keys = [wrapped.make() for _ in range(3)]
    folder = wrapped.path(keys[0]).parent
    old = {key: wrapped.path(key).read_bytes() for key in keys}
    wrapped.wrap_anew(master(OTHER))
    Keyring(folder, master(OTHER)).path(keys[1]).write_bytes(old[keys[1]])
    (folder / f"{keys[2]}.anew").write_bytes(b"half a line")

    assert wrapped.wrap_anew(master(OTHER)) == 1

    assert Keyring(folder, master(OTHER)).missing(keys) == frozenset()


def test_keys_in_clear_become_wrapped(keyring: Keyring) -> None:
    fingerprint = keyring.make()
    before = keyring.key(fingerprint)

    folder = keyring.path(fingerprint).parent

    keyring.wrap_anew(master())

    assert keyring.is_openable(master().fingerprint) is False
    assert Keyring(folder, master()).key(fingerprint) == before


def test_a_backup_of_wrapped_keys_is_wrapped(wrapped: Keyring, tmp_path: Path) -> None:
    fingerprint = wrapped.make()

    wrapped.backup(tmp_path / "backup")

    assert Keyring(tmp_path / "backup", master()).key(fingerprint) == wrapped.key(fingerprint)
    with pytest.raises(KeyRefused):
        Keyring(tmp_path / "backup").key(fingerprint)


def test_an_unwrapped_key_is_a_key_file(wrapped: Keyring, tmp_path: Path) -> None:
    fingerprint = wrapped.make()

    wrapped.unwrap(fingerprint, tmp_path / "clear")

    assert read_key(str(tmp_path / "clear")) == wrapped.key(fingerprint)
    with pytest.raises(KeyRefused, match="admin key unwrap"):
        read_key(str(wrapped.path(fingerprint)))


def secret(tmp_path: Path, content: str, mode: int = 0o600) -> Path:
    """A file that holds this."""
    path = tmp_path / "master"
    path.write_text(content)
    path.chmod(mode)
    return path


def test_the_master_key_is_the_same_from_file_environment_and_command(tmp_path: Path) -> None:
    path = secret(tmp_path, ONE + "\n")
    ways = (f"file:{path}", "env:MASTER", f"command:/bin/cat {path}")

    fingerprints = {Master(way, {"MASTER": ONE}).fingerprint for way in ways}

    assert fingerprints == {master().fingerprint}


NO_MASTER = {
    "nothing of the kind": ("1a1a", {}),
    "no variable": ("env:ABSENT", {}),
    "no file": ("file:/nowhere/key", {}),
    "a command by its name alone": ("command:cat /etc/hostname", {}),
    "a command that fails": ("command:/bin/false", {}),
    "a command that is not there": ("command:/nowhere/program", {}),
    "too short": ("env:MASTER", {"MASTER": "1a" * 31}),
    "too long": ("env:MASTER", {"MASTER": "1a" * 33}),
}


@pytest.mark.parametrize(("way", "environment"), NO_MASTER.values(), ids=NO_MASTER)
def test_a_master_key_is_refused_for(way: str, environment: dict[str, str]) -> None:
    with pytest.raises(KeyRefused) as refused:
        Master(way, environment).wrap("name", b"key")

    assert "1a1a" not in str(refused.value)


def test_a_master_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = secret(tmp_path, ONE, 0o644)

    with pytest.raises(KeyRefused, match="others"):
        Master(f"file:{path}", {}).wrap("name", b"key")


def test_a_master_key_shows_nothing_of_itself() -> None:
    shown = master()

    assert shown.fingerprint
    assert ONE not in repr(shown)
