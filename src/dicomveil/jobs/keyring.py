"""The server's keys: files of mode 0600 in one folder, each named by its key's fingerprint.

Where the settings name a master key, the files hold keys that are wrapped by it (master.py).
Every project has a key of 32 random bytes. Keys are made by `dicomveil admin` alone, never by a
running server: a key that is missing, or is not the one its name says, stops what needs it.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from dicomveil.engine.pseudonyms import Pseudonyms
from dicomveil.errors import KeyRefused
from dicomveil.jobs.keyfile import key_of, read_content
from dicomveil.jobs.master import Master, is_wrapped, wrapped_under
from dicomveil.jobs.vault import Vault

SIZE: Final = 32
_ENDING: Final = ".key"
_VAULT: Final = "vault.key"
_NEXT_VAULT: Final = "vault.next"


class Keyring:
    """The keys in one folder."""

    def __init__(self, folder: Path, master: Master | None = None) -> None:
        """Look in `folder`; nothing is read or made yet. New keys are wrapped by the master key."""
        self._folder = folder
        self._master = master

    def key(self, fingerprint: str) -> bytes:
        """The key of this fingerprint; KeyRefused, naming it, when it is not there."""
        try:
            key = self._read(self._path(fingerprint))
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
        names = sorted(path.name for path in self._folder.glob(f"*{_ENDING}"))
        for name in names:
            _create(folder / name, read_content(str(self._folder / name)))
        return names

    def unwrap(self, fingerprint: str, file: Path) -> None:
        """Write a key in clear into a new file, as `dicomveil deid --key-file` reads it."""
        _create(file, self.key(fingerprint).hex().encode() + b"\n")

    def is_wrapped(self, fingerprint: str) -> bool:
        """Whether the file of a key that is there holds it wrapped."""
        return is_wrapped(read_content(str(self.path(fingerprint))))

    def masters(self) -> frozenset[str]:
        """The fingerprints of the master keys that the files need."""
        contents = (read_content(str(path)) for path in self._files())
        return frozenset(wrapped_under(line) for line in contents if is_wrapped(line))

    def is_openable(self, master: str) -> bool:
        """Whether the master key of this fingerprint is the one that is given."""
        try:
            return self._master is not None and self._master.fingerprint == master
        except KeyRefused:
            return False

    def wrap_anew(self, master: Master | None) -> int:
        """Wrap every key by another master key, or by none: how many files were changed.

        Each file is replaced at once, and may be met half way: after a kill, do it again.
        """
        changed = 0
        for path in self._files():
            if _is_under(read_content(str(path)), master):
                continue
            key = self._read(path)
            passing = path.with_suffix(".anew")
            passing.unlink(missing_ok=True)
            _create(passing, _line(path, key, master))
            os.replace(passing, path)
            changed += 1
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return changed

    def vault(self, fingerprint: str) -> Vault:
        """What opens columns that are sealed under the key of this fingerprint.

        KeyRefused, naming it, when it is not there.
        """
        for name in (_VAULT, _NEXT_VAULT):
            path = self._folder / name
            if path.exists() and (vault := self._vault(path)).fingerprint == fingerprint:
                return vault
        raise KeyRefused(f"the ledger's columns are sealed under key {fingerprint}: it is missing")

    def make_vault(self) -> Vault:
        """The first vault; KeyRefused where there is one already."""
        self._write(self._folder / _VAULT, os.urandom(SIZE))
        return self._vault(self._folder / _VAULT)

    def make_next_vault(self) -> Vault:
        """The vault after this one, kept beside it until `settle_vault`."""
        path = self._folder / _NEXT_VAULT
        if not path.exists():
            self._write(path, os.urandom(SIZE))
        return self._vault(path)

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

    def _files(self) -> list[Path]:
        return [*sorted(self._folder.glob(f"*{_ENDING}")), *self._folder.glob(_NEXT_VAULT)]

    def _read(self, path: Path) -> bytes:
        content = read_content(str(path))
        if not is_wrapped(content):
            return key_of(content)
        if self._master is None:
            needed = wrapped_under(content)
            raise KeyRefused(f"it is wrapped by master key {needed}, and the settings name none")
        return self._master.unwrap(path.stem, content)

    def _write(self, path: Path, key: bytes) -> None:
        """A new file that only its owner may read; it never replaces one."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            _create(path, _line(path, key, self._master))
        except FileExistsError:
            raise KeyRefused("a key of that name is there already") from None

    def _vault(self, path: Path) -> Vault:
        try:
            key = self._read(path)
        except KeyRefused as error:
            raise KeyRefused(f"the ledger's own key cannot be used: {error}") from None
        if len(key) != SIZE:
            raise KeyRefused(f"the key of the ledger's sealed columns has {SIZE} bytes")
        return Vault(key)


def _line(path: Path, key: bytes, master: Master | None) -> bytes:
    """What a key's file holds."""
    line = key.hex().encode() if master is None else master.wrap(path.stem, key)
    return line + b"\n"


def _is_under(content: bytes, master: Master | None) -> bool:
    """Whether a key's file is wrapped by this master key already."""
    if master is None:
        return not is_wrapped(content)
    return is_wrapped(content) and wrapped_under(content) == master.fingerprint


def _create(path: Path, content: bytes) -> None:
    """A new file that only its owner may read; FileExistsError where there is one."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(fd, content)
        os.fsync(fd)
    finally:
        os.close(fd)


def fingerprint_of(key: bytes) -> str:
    """What names the key; ValueError for one of bad length."""
    return Pseudonyms(key).fingerprint
