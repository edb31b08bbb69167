"""Keys lie in files by their fingerprints; a running server makes none."""

from pathlib import Path

import pytest

from dicomveil.errors import KeyRefused
from dicomveil.jobs.keyring import Keyring, fingerprint_of


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
