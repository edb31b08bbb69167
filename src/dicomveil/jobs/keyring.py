"""The server's keys: files of mode 0600 in one folder, each named by its key's fingerprint.

Every project has a key of 32 random bytes. Keys are made by `dicomveil admin` alone, never by a
running server: a key that is missing, or is not the one its name says, stops what needs it.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from dicomveil.engine.pseudonyms import Pseudonyms
from dicomveil.errors import KeyRefused
from dicomveil.jobs.keyfile import read_key
from dicomveil.jobs.vault import Vault

SIZE: Final = 32
_ENDING: Final = ".key"
_VAULT: Final = "vault.key"
_NEXT_VAULT: Final = "vault.next"


class Keyring:
    """The keys in one folder."""

    def __init__(self, folder: Path) -> None:
        """Look in `folder`; nothing is read or made yet."""
        self._folder = folder

    def key(self, fingerprint: str) -> bytes:
        """The key of this fingerprint; KeyRefused, naming it, when it is not there."""
        try:
            key = read_key(str(self._path(fingerprint)))
        except KeyRefused as error:
            raise KeyRefused(f"key {fingerprint} cannot be used: {error}") from None
        if fingerprint_of(key) != fingerprint:
            raise KeyRefused(f"the file of key {fingerprint} holds key {fingerprint_of(key)}")
        return key

    def path(self, fingerprint: str) -> Path:
        """The file of a key that is there; KeyRefused when it is not."""
        self.key(fingerprint)
        return self._path(fingerprint)

    def fingerprints(self) -> list[str]:
        """The keys that are there, by their files' names."""
        names = (path.name for path in self._folder.glob(f"*{_ENDING}"))
        return sorted(name.removesuffix(_ENDING) for name in names if name != _VAULT)

    def make(self) -> str:
        """The fingerprint of a new key."""
        return self.add(os.urandom(SIZE))

    def add(self, key: bytes) -> str:
        """The fingerprint of a key that is kept from now on; ValueError for one of bad length."""
        fingerprint = fingerprint_of(key)
        if fingerprint not in self.fingerprints():
            self._write(self._path(fingerprint), key)
        return fingerprint

    def missing(self, fingerprints: Iterable[str]) -> frozenset[str]:
        """Which of these keys cannot be used."""
        return frozenset(one for one in fingerprints if not self._is_usable(one))

    def backup(self, folder: Path) -> list[str]:
        """Copy every key to a new folder: the names of their files. OSError where it is there."""
        folder.mkdir(mode=0o700)
        copies = Keyring(folder)
        names = sorted(path.name for path in self._folder.glob(f"*{_ENDING}"))
        for name in names:
            copies._write(folder / name, read_key(str(self._folder / name)))
        return names

    def vault(self, fingerprint: str) -> Vault:
        """What opens columns that are sealed under the key of this fingerprint.

        KeyRefused, naming it, when it is not there.
        """
        for name in (_VAULT, _NEXT_VAULT):
            path = self._folder / name
            if path.exists() and (vault := _vault(path)).fingerprint == fingerprint:
                return vault
        raise KeyRefused(f"the ledger's columns are sealed under key {fingerprint}: it is missing")

    def make_vault(self) -> Vault:
        """The first vault; KeyRefused where there is one already."""
        self._write(self._folder / _VAULT, os.urandom(SIZE))
        return _vault(self._folder / _VAULT)

    def make_next_vault(self) -> Vault:
        """The vault after this one, kept beside it until `settle_vault`."""
        path = self._folder / _NEXT_VAULT
        if not path.exists():
            self._write(path, os.urandom(SIZE))
        return _vault(path)

    def settle_vault(self) -> None:
        """Let the next vault take the first one's place."""
        os.rename(self._folder / _NEXT_VAULT, self._folder / _VAULT)

    def _is_usable(self, fingerprint: str) -> bool:
        try:
            self.key(fingerprint)
        except KeyRefused:
            return False
        return True

    def _path(self, fingerprint: str) -> Path:
        if not fingerprint.isalnum():
            raise KeyRefused("a fingerprint has letters and digits alone")
        return self._folder / f"{fingerprint}{_ENDING}"

    def _write(self, path: Path, key: bytes) -> None:
        """A new file that only its owner may read; it never replaces one."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        except FileExistsError:
            raise KeyRefused("a key of that name is there already") from None
        try:
            os.write(fd, key.hex().encode() + b"\n")
            os.fsync(fd)
        finally:
            os.close(fd)


def _vault(path: Path) -> Vault:
    key = read_key(str(path))
    if len(key) != SIZE:
        raise KeyRefused(f"the key of the ledger's sealed columns has {SIZE} bytes")
    return Vault(key)


def fingerprint_of(key: bytes) -> str:
    """What names the key; ValueError for one of bad length."""
    return Pseudonyms(key).fingerprint
